import PlumbModel

/// Reads `stack.yaml`.
enum StackReader {
    static let keys = ["stack", "state", "providers", "sync", "policies", "policy_files"]

    /// - Parameter opening: reads a file of policies, by its path.
    static func read(
        _ documents: [SpecificationNode], of file: SourceFile,
        opening: (String) throws(Diagnostics) -> [SpecificationNode]
    ) throws(Diagnostics) -> StackDeclaration {
        var problems = Diagnostics()
        let filled = documents.filter { !($0.scalar?.value.isNull ?? false) }
        guard let node = filled.first else {
            throw Diagnostics(
                .error(
                    "Stack has no name",
                    "\"\(file.path)\" is empty. It must name the stack at least: `stack: web`.",
                    at: SourceRange(file: file, start: 0, end: 0)))
        }
        if let second = filled.dropFirst().first {
            problems.append(
                .error(
                    "Several documents in stack.yaml",
                    "\"\(file.path)\" holds one document: the stack's. Put specs into another file beside it.",
                    at: second.range.firstLine))
        }
        let mapping = try MappingReader(node, "a stack", example: "`stack: web`")
        mapping.refuseUnknown(keys, of: "\(file.path)", &problems) { key in
            DocumentReader.sections.contains(key)
                ? "`\(key)` is a section of specs: put it into another file of the directory, such as main.yaml." : nil
        }
        for key in ["providers", "sync"] {
            guard let value = mapping[key], value.mapping == nil, !(value.scalar?.value.isNull ?? false) else {
                continue
            }
            problems.append(notAMapping(key, value))
        }
        if let state = mapping["state"] { check(state: state, &problems) }
        let sync = problems.collect { () throws(Diagnostics) in try SyncReader.read(mapping["sync"]) }
        let policies = policies(mapping, opening, &problems)
        let name = problems.collect { () throws(Diagnostics) in try Self.name(mapping, file) }
        try problems.throwIfErrors()
        guard let name else { throw problems }
        return StackDeclaration(
            name: name.text, nameRange: name.range, state: mapping["state"], providers: mapping["providers"],
            sync: sync ?? SyncPolicy(), policies: policies)
    }

    private static func policies(
        _ mapping: MappingReader, _ opening: (String) throws(Diagnostics) -> [SpecificationNode],
        _ problems: inout Diagnostics
    ) -> [PolicyDeclaration] {
        var reader = PolicyReader()
        reader.read(mapping["policies"])
        for (path, range) in PolicyReader.files(mapping["policy_files"], &problems) {
            do throws(Diagnostics) {
                reader.read(file: try opening(path), named: path)
            } catch {
                let note = Diagnostic.Note("The file is named here", at: range)
                for problem in error.all {
                    var told = problem
                    if told.source == nil { told.source = range } else { told.notes.append(note) }
                    problems.append(told)
                }
            }
        }
        problems.append(reader.problems)
        return reader.policies
    }

    private static func notAMapping(_ key: String, _ value: SpecificationNode) -> Diagnostic {
        let examples = [
            "providers": "`{kubernetes: {context: prod}}`", "sync": "`{prune: true}`",
            "state": "`{sqlite: {path: .plumb/state.db}}`",
        ]
        return .error(
            "Wrong kind of value",
            "`\(key)` is a mapping, such as \(examples[key] ?? ""); here stands \(value.phrase).",
            at: value.range.firstLine)
    }

    private static func check(state: SpecificationNode, _ problems: inout Diagnostics) {
        if state.scalar?.value.isNull ?? false { return }
        guard let backends = state.mapping else { return problems.append(notAMapping("state", state)) }
        if backends.count > 1 {
            problems.append(
                .error(
                    "Several state backends",
                    "A stack keeps its state in one place; here stand \(backends.count) backends. Remove all but one.",
                    at: backends[1].keyRange,
                    notes: [Diagnostic.Note("The first stands here", at: backends[0].keyRange)]))
        }
    }

    private static func name(
        _ mapping: MappingReader, _ file: SourceFile
    ) throws(Diagnostics) -> (text: String, range: SourceRange) {
        guard let node = mapping["stack"] else {
            throw Diagnostics(
                .error(
                    "Stack has no name",
                    "The key `stack` is missing in \"\(file.path)\". Add a line with the stack's name: `stack: web`.",
                    at: mapping.node.range.firstLine))
        }
        guard let text = try LiteralReader.text(node, "stack") else { return ("", node.range) }
        guard isValid(text) else {
            throw Diagnostics(
                .error(
                    "Invalid name",
                    "\"\(text)\" cannot name a stack: a name begins with a letter or a digit, holds letters of ASCII, digits, "
                        + "\"-\", \"_\" and \".\", and has at most 100 characters. Expressions are not allowed in it.",
                    at: node.range.firstLine))
        }
        return (text, node.range)
    }

    private static func isValid(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard let first = bytes.first, bytes.count <= 100 else { return false }
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A)
        }
        return isAlphanumeric(first) && bytes.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
    }
}
