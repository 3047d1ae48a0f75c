import PlumbModel

/// The entries of `runs`.
extension StackTestReader {
    private static let runKeys = [
        "name", "command", "variables", "targets", "exclude", "replace", "refresh", "refresh_only", "assert",
        "expect_failures",
    ]

    mutating func readRun(_ node: SpecificationNode) {
        guard let mapping = mapping(node, "a run", "`{name: first, assert: [...]}`") else { return }
        refuseUnknown(Self.runKeys, of: "A run", in: mapping)
        guard let name = runName(mapping) else { return }
        var run = StackTest.Run(name: name.text, range: name.range)
        if let command = command(mapping["command"]) { run.command = command }
        run.variables = names(mapping["variables"], "variable", "`variables` of a run", "`{region: eu}`")
        run.targets = texts(mapping["targets"], "targets")
        run.excludes = texts(mapping["exclude"], "exclude")
        run.replaces = texts(mapping["replace"], "replace")
        run.refreshes = flag(mapping["refresh"], "refresh", default: true)
        run.isRefreshOnly = flag(mapping["refresh_only"], "refresh_only", default: false)
        if run.isRefreshOnly, !run.refreshes {
            report(
                "Contradicting options", "`refresh_only: true` and `refresh: false` exclude each other: remove one.",
                mapping["refresh"]?.range ?? node.range.firstLine)
        }
        run.assertions = items(mapping["assert"], "assert", "`- {condition: \"${...}\", error: \"...\"}`").compactMap {
            assertion($0)
        }
        run.expectedFailures = items(
            mapping["expect_failures"], "expect_failures", "`[var.size, data_value.x, output.url, check.health]`"
        ).compactMap { expectedFailure($0) }
        append(run)
    }

    private mutating func runName(_ mapping: MappingReader) -> (text: String, range: SourceRange)? {
        guard let node = mapping["name"] else {
            report(
                "Missing key", "A run needs a `name`, which the report calls it by, such as `name: creates two`.",
                mapping.node.range.firstLine)
            return nil
        }
        guard let text = collect({ () throws(Diagnostics) in try LiteralReader.text(node, "name") }) ?? nil else {
            return nil
        }
        guard !text.isEmpty else {
            report("Invalid name", "The name of a run is empty here. Give it one.", node.range)
            return nil
        }
        if let first = test.runs.first(where: { $0.name == text }) {
            report(
                "Declared twice", "A run is named \"\(text)\" already, at \(first.range). Rename one of them.",
                node.range.firstLine)
            return nil
        }
        return (text, node.range.firstLine)
    }

    private mutating func command(_ node: SpecificationNode?) -> StackTest.Run.Command? {
        guard let node else { return nil }
        let text = node.scalar?.text ?? ""
        if let command = StackTest.Run.Command(rawValue: text) { return command }
        let names = StackTest.Run.Command.allCases.map(\.rawValue)
        report(
            "Unknown command",
            "`command` is plan or apply; here stands \(node.scalar == nil ? node.phrase : "\"\(text)\"")."
                + Suggestion.didYouMean(text, among: names), node.range.firstLine)
        return nil
    }

    private mutating func flag(_ node: SpecificationNode?, _ key: String, default fallback: Bool) -> Bool {
        collect { () throws(Diagnostics) in try LiteralReader.bool(node, key, default: fallback) } ?? fallback
    }

    private mutating func items(
        _ node: SpecificationNode?, _ key: String, _ example: String
    ) -> [SpecificationNode] {
        guard let node, !isNull(node) else { return [] }
        if let items = node.sequence { return items }
        report(
            "Wrong kind of value", "`\(key)` is a list, such as \(example); here stands \(node.phrase).",
            node.range.firstLine)
        return []
    }

    private mutating func texts(_ node: SpecificationNode?, _ key: String) -> [String] {
        items(node, key, "`[data_value.x]`").compactMap { item in
            collect { () throws(Diagnostics) in try LiteralReader.text(item, key) } ?? nil
        }
    }

    private mutating func assertion(_ node: SpecificationNode) -> StackTest.Assertion? {
        let example = "`- {condition: \"${output.size > 0}\", error: \"It is empty.\"}`"
        guard let mapping = mapping(node, "an assertion", example) else { return nil }
        refuseUnknown(["condition", "error"], of: "An assertion", in: mapping)
        guard let condition = mapping["condition"], let message = mapping["error"] else {
            let missing = mapping["condition"] == nil ? "condition" : "error"
            report(
                "Missing key",
                "An assertion needs both a `condition` and an `error`; `\(missing)` is missing. For example: "
                    + "\(example).", node.range.firstLine)
            return nil
        }
        return StackTest.Assertion(condition: condition, message: message)
    }

    // MARK: - Expected failures

    private mutating func expectedFailure(_ node: SpecificationNode) -> StackTest.ExpectedFailure? {
        guard let text = collect({ () throws(Diagnostics) in try LiteralReader.text(node, "expect_failures") }) ?? nil
        else { return nil }
        if let object = CheckedObject(parsing: text) {
            return StackTest.ExpectedFailure(object: object, range: node.range.firstLine)
        }
        report(
            "Invalid expected failure",
            "\"\(text)\" names nothing that can have a condition: a variable (`var.size`), a resource (`data_value.x`), an "
                + "output (`output.url`), a check (`check.health`) or a policy (`policy.no_public_ports`).",
            node.range.firstLine)
        return nil
    }
}

extension CheckedObject {
    /// Reads `var.n`, `data_value.x`, `output.y`, `check.z`, `policy.p`.
    fileprivate init?(parsing text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count == 2, Identifier.isValid(parts[1]) {
            let name = String(parts[1])
            switch parts[0] {
            case "var":
                self = .variable(name)
                return
            case "output":
                self = .output(name)
                return
            case "check":
                self = .check(name)
                return
            case "policy":
                self = .policy(name)
                return
            default: break
            }
        }
        guard let address = ResourceAddress(parsing: text), !Identifier.roots.contains(address.type) else {
            return nil
        }
        self = .resource(address)
    }
}
