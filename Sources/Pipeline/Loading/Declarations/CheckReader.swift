import PlumbModel

/// Reads the entries of `checks:`.
enum CheckReader {
    private static let example = "`{assert: [{condition: \"${local.days > 30}\", error: \"It expires soon.\"}]}`"
    /// What a data resource of a check may have: it is one instance, read when the check is made.
    private static let dataKeys = ["provider", "depends_on", "spec"]

    static func read(_ entry: SpecificationNode.Entry, _ problems: inout Diagnostics) -> CheckDeclaration? {
        problems.collect { () throws(Diagnostics) in try Identifier.check(entry.key, "check", at: entry.keyRange) }
        let mapping = problems.collect { () throws(Diagnostics) in
            try MappingReader(entry.value, "a check", example: example)
        }
        guard let mapping else { return nil }
        mapping.refuseUnknown(["data", "assert"], of: "A check", &problems)
        let assertions = ConditionReader.assertion.read(mapping["assert"], &problems)
        if mapping["assert"].map({ $0.sequence?.isEmpty ?? false }) ?? true {
            problems.append(
                .error(
                    "Missing key",
                    "The check \"\(entry.key)\" asserts nothing. Write what should be true, such as "
                        + "`assert: [{condition: \"${local.days > 30}\", error: \"It expires soon.\"}]`.",
                    at: entry.keyRange))
        }
        return CheckDeclaration(
            name: entry.key, nameRange: entry.keyRange, data: mapping["data"].flatMap { data($0, &problems) },
            assertions: assertions)
    }

    private static func data(_ node: SpecificationNode, _ problems: inout Diagnostics) -> ResourceDeclaration? {
        let mapping = problems.collect { () throws(Diagnostics) in
            try MappingReader(node, "`data` of a check", example: "`{http_get.health: {spec: {path: /health}}}`")
        }
        guard let entries = mapping?.entries, let entry = entries.first else { return nil }
        if entries.count > 1 {
            problems.append(
                .error(
                    "Several data resources in a check",
                    "A check reads one data resource at most. Write a check for each, or move them to the section "
                        + "`data:`, where an error of theirs stops the run.", at: entries[1].keyRange))
        }
        for inner in entry.value.mapping ?? [] where !dataKeys.contains(inner.key) && isKeyOfData(inner.key) {
            problems.append(
                .error(
                    "Unknown key",
                    "A data resource of a check has no `\(inner.key)`: it is one instance, read when the check is made. "
                        + "It may have: `provider`, `depends_on`, `spec`.", at: inner.keyRange))
        }
        return ResourceReader(mode: .data).read(entry, &problems)
    }

    /// Keys that are wrong everywhere are told by who reads data resources.
    private static func isKeyOfData(_ key: String) -> Bool {
        ResourceReader.keys.contains(key) && key != "drift"
    }
}
