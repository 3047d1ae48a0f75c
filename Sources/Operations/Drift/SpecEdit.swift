internal import PlumbModel

/// Small edits of a YAML text at known places: everything else, comments and spaces too, stays as it is.
struct SpecEdit {
    let file: SourceFile
    private(set) var bytes: [UInt8]
    /// What was replaced, in the file as it was read.
    private(set) var places: [Range<Int>] = []

    init(_ file: SourceFile) {
        self.file = file
        bytes = Array(file.bytes)
    }

    /// Replaces what stands at a place of the file as it was read; each edit at most once, the last place first.
    mutating func replace(_ start: Int, _ end: Int, with text: String) {
        bytes.replaceSubrange(start..<end, with: Array(text.utf8))
        places.append(start..<end)
    }

    // MARK: - Values

    /// A scalar as YAML: plain where every reader takes it for the same, else in double quotes, with `${` as text.
    static func scalar(_ value: Value, style: Scalar.Style) -> String? {
        switch value.kind {
        case .null: return "null"
        case .bool, .number: return value.json
        case .string(let text):
            let literal = text.replacing("${", with: "$${").replacing("%{", with: "%%{")
            if style == .plain, isPlain(literal) { return literal }
            if style == .singleQuoted, !literal.contains("\n"), literal.unicodeScalars.allSatisfy({ $0.value >= 0x20 })
            {
                return "'" + literal.replacing("'", with: "''") + "'"
            }
            return Value.string(literal).json
        case .list, .map, .unknown: return nil
        }
    }

    private static func isPlain(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, isLetter(first) || first == UInt8(ascii: "/") else { return false }
        guard bytes.allSatisfy({ isLetter($0) || (0x30...0x39).contains($0) || "_./@+=-".utf8.contains($0) }) else {
            return false
        }
        return !["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(text.lowercased())
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }

    // MARK: - Rules

    /// Adds paths to `lifecycle.ignore_changes` of a resource.
    ///
    /// - Parameter body: what stands under its key.
    /// - Returns: why they cannot be written there; nil where they were.
    mutating func ignore(_ paths: [String], in body: SpecificationNode) -> String? {
        let words = paths.map { SpecEdit.isPlainPath($0) ? $0 : Value.string($0).json }
        let quoted = words.joined(separator: ", ")
        guard let entries = body.mapping, let first = entries.first else {
            return "the resource has nothing under its key"
        }
        guard let lifecycle = entries.first(where: { $0.key == "lifecycle" }) else {
            return insert("lifecycle", "ignore_changes: [\(quoted)]", among: entries, first, body)
        }
        guard let rules = lifecycle.value.mapping, let firstRule = rules.first else {
            return "its `lifecycle` is empty"
        }
        guard let ignored = rules.first(where: { $0.key == "ignore_changes" }) else {
            if isFlow(lifecycle.value) {
                replace(firstRule.keyRange.start, firstRule.keyRange.start, with: "ignore_changes: [\(quoted)], ")
            } else {
                insertLine("ignore_changes: [\(quoted)]", before: firstRule.keyRange.start)
            }
            return nil
        }
        guard let items = ignored.value.sequence, let item = items.first else {
            return "its `ignore_changes` is no list of paths"
        }
        if isFlow(ignored.value) {
            replace(item.range.start, item.range.start, with: "\(quoted), ")
        } else {
            guard let dash = bytes[..<item.range.start].lastIndex(of: UInt8(ascii: "-")) else {
                return "its list cannot be read"
            }
            for word in words.reversed() { insertLine("- \(word)", before: dash) }
        }
        return nil
    }

    private mutating func insert(
        _ name: String, _ rule: String, among entries: [SpecificationNode.Entry], _ first: SpecificationNode.Entry,
        _ body: SpecificationNode
    ) -> String? {
        if isFlow(body) {
            replace(first.keyRange.start, first.keyRange.start, with: "\(name): {\(rule)}, ")
        } else {
            insertLine("\(name): {\(rule)}", before: first.keyRange.start)
        }
        return nil
    }

    /// A line before the one of a key, as far in as that.
    private mutating func insertLine(_ text: String, before start: Int) {
        let line = (bytes[..<start].lastIndex(of: 0x0A) ?? -1) + 1
        let margin = String(decoding: bytes[line..<start], as: UTF8.self)
        let ending = bytes.contains(0x0D) ? "\r\n" : "\n"
        replace(start, start, with: text + ending + String(repeating: " ", count: margin.utf8.count))
    }

    private func isFlow(_ node: SpecificationNode) -> Bool {
        guard node.range.start < bytes.count else { return false }
        return bytes[node.range.start] == UInt8(ascii: "{") || bytes[node.range.start] == UInt8(ascii: "[")
    }

    private static func isPlainPath(_ path: String) -> Bool {
        path.utf8.allSatisfy {
            isLetter($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
        }
            && isPlain(path)
    }
}
