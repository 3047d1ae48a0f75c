internal import PlumbModel

/// Small edits of a YAML text at known places: everything else, comments and spaces too, stays as it is.
struct SpecEdit {
    /// Why a place cannot be changed: goes on from "ADDRESS at PATH: ".
    struct Refusal: Error {
        let reason: String

        init(_ reason: String) { self.reason = reason }
    }

    private struct Change {
        let range: Range<Int>
        let text: String
    }

    let file: SourceFile
    /// How lines end in the file.
    let lineEnd: String
    private var changes: [Change] = []

    init(_ file: SourceFile) {
        self.file = file
        lineEnd = file.bytes.contains(0x0D) ? "\r\n" : "\n"
    }

    /// Replaces a part of the file as it was read. What is inserted at one place stands there in the order of the calls.
    mutating func replace(_ range: Range<Int>, with text: String) { changes.append(Change(range: range, text: text)) }

    mutating func insert(_ text: String, at place: Int) { replace(place..<place, with: text) }

    /// The file with all changes.
    ///
    /// - Throws: where two of them meet in one place.
    func changed() throws(Refusal) -> [UInt8] {
        let ordered = changes.enumerated().sorted { left, right in
            let (one, other) = (left.element.range, right.element.range)
            if one.lowerBound != other.lowerBound { return one.lowerBound < other.lowerBound }
            if one.isEmpty != other.isEmpty { return one.isEmpty }
            return left.offset < right.offset
        }
        var result: [UInt8] = []
        var offset = 0
        for (_, change) in ordered {
            guard change.range.lowerBound >= offset else {
                throw Refusal("what would be changed there stands too close together in the file")
            }
            result += file.bytes[offset..<change.range.lowerBound]
            result += change.text.utf8
            offset = change.range.upperBound
        }
        return result + file.bytes[offset...]
    }

    // MARK: - Places

    func startOfLine(_ place: Int) -> Int { (file.bytes[..<place].lastIndex(of: 0x0A) ?? -1) + 1 }

    /// Before its line end.
    func endOfLine(_ place: Int) -> Int {
        let end = file.bytes[place...].firstIndex(of: 0x0A) ?? file.bytes.count
        return end > place && file.bytes[end - 1] == 0x0D ? end - 1 : end
    }

    /// Where the line after begins; the end of the file after the last.
    func nextLine(_ place: Int) -> Int {
        file.bytes[place...].firstIndex(of: 0x0A).map { $0 + 1 } ?? file.bytes.count
    }

    func column(_ place: Int) -> Int { place - startOfLine(place) }

    func isBlank(_ range: Range<Int>) -> Bool {
        file.bytes[range].allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
    }

    /// Whether nothing stands before it in its line.
    func beginsLine(_ place: Int) -> Bool { isBlank(startOfLine(place)..<place) }

    /// Behind white space, comments and, in flow, commas.
    func behindGap(_ place: Int, until end: Int, commas: Bool = false) -> Int {
        var place = place
        while place < end {
            switch file.bytes[place] {
            case 0x20, 0x09, 0x0A, 0x0D: place += 1
            case UInt8(ascii: ",") where commas: place += 1
            case UInt8(ascii: "#"): place = nextLine(place)
            default: return place
            }
        }
        return end
    }

    /// Where what may stand before the value of an entry begins.
    func behindColon(_ entry: SpecificationNode.Entry) -> Int {
        file.bytes[entry.keyRange.end...].firstIndex(of: UInt8(ascii: ":")).map { $0 + 1 } ?? entry.keyRange.end
    }

    func isFlow(_ node: SpecificationNode) -> Bool {
        guard node.scalar == nil, file.bytes.indices.contains(node.range.start) else { return false }
        return file.bytes[node.range.start] == UInt8(ascii: "{") || file.bytes[node.range.start] == UInt8(ascii: "[")
    }

    // MARK: - Aliases

    /// Refuses a node that stands elsewhere, or at an anchor that is used, so that others would change with it.
    ///
    /// - Parameters:
    ///   - gap: where what may stand before the node begins: behind its key or dash.
    ///   - end: of what it stands in.
    func throwIfShared(_ node: SpecificationNode, behind gap: Int, until end: Int) throws(Refusal) {
        let isHere = node.range.file.path == file.path && node.range.start >= gap && node.range.end <= end
        if isHere, !hasUsedAnchor(gap..<node.range.start) { return }
        throw Refusal(
            "what would be changed stands at an anchor, and an alias repeats it elsewhere. Write it out for this resource "
                + "first")
    }

    /// Whether a part of the file names something that an alias anywhere repeats.
    func hasUsedAnchor(_ range: Range<Int>) -> Bool {
        var place = range.lowerBound
        while let sign = file.bytes[place..<range.upperBound].firstIndex(of: UInt8(ascii: "&")) {
            let name = file.bytes[(sign + 1)...].prefix(while: Self.isOfName)
            if !name.isEmpty, isUsed(Array(name)) { return true }
            place = sign + 1
        }
        return false
    }

    private func isUsed(_ name: [UInt8]) -> Bool {
        var place = 0
        while let star = file.bytes[place...].firstIndex(of: UInt8(ascii: "*")) {
            if file.bytes[(star + 1)...].prefix(while: Self.isOfName).elementsEqual(name) { return true }
            place = star + 1
        }
        return false
    }

    static func isOfName(_ byte: UInt8) -> Bool { byte > 0x20 && !",[]{}".utf8.contains(byte) }

    // MARK: - Rules

    /// Adds paths to `lifecycle.ignore_changes` of a resource.
    ///
    /// - Parameters:
    ///   - body: what stands under its key.
    ///   - key: where its key ends.
    mutating func ignore(_ paths: [String], in body: SpecificationNode, behind key: Int) throws(Refusal) {
        try throwIfShared(body, behind: key, until: file.bytes.count)
        let writing = ValueWriting(self)
        let words = paths.map(writing.key)
        let rule = "ignore_changes: [\(words.joined(separator: ", "))]"
        guard let first = body.mapping?.first else { throw Refusal("the resource has nothing under its key") }
        guard let lifecycle = body.mapping?.first(where: { $0.key == "lifecycle" }) else {
            return insert("lifecycle: {\(rule)}", before: first.keyRange.start, isFlow: isFlow(body))
        }
        try throwIfShared(lifecycle.value, behind: lifecycle.keyRange.end, until: body.range.end)
        guard let rules = lifecycle.value.mapping, let firstRule = rules.first else {
            throw Refusal("its `lifecycle` is empty, so that the rule has to be written by hand")
        }
        guard let ignored = rules.first(where: { $0.key == "ignore_changes" }) else {
            return insert(rule, before: firstRule.keyRange.start, isFlow: isFlow(lifecycle.value))
        }
        try throwIfShared(ignored.value, behind: ignored.keyRange.end, until: lifecycle.value.range.end)
        guard let item = ignored.value.sequence?.first else {
            throw Refusal("its `ignore_changes` is no list of paths, so that the rule has to be written by hand")
        }
        if isFlow(ignored.value) {
            insert(words.joined(separator: ", "), before: item.range.start, isFlow: true)
        } else if let dash = file.bytes[..<item.range.start].lastIndex(of: UInt8(ascii: "-")) {
            for word in words { insert("- \(word)", before: dash, isFlow: false) }
        }
    }

    /// In block, a line before the one of a key, as far in as that.
    private mutating func insert(_ text: String, before start: Int, isFlow: Bool) {
        insert(isFlow ? "\(text), " : text + lineEnd + String(repeating: " ", count: column(start)), at: start)
    }
}
