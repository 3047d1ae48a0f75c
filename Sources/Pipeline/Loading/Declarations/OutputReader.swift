import PlumbModel

/// Reads the entries of `outputs:`.
enum OutputReader {
    private static let keys = ["value", "description", "sensitive", "ephemeral", "depends_on", "preconditions"]

    static func read(_ entry: SpecificationNode.Entry, _ problems: inout Diagnostics) -> OutputDeclaration? {
        problems.collect { () throws(Diagnostics) in try Identifier.check(entry.key, "output", at: entry.keyRange) }
        let mapping = problems.collect { () throws(Diagnostics) in
            try MappingReader(entry.value, "an output", example: "`{value: \"${local.name}\"}`")
        }
        guard let mapping else { return nil }
        mapping.refuseUnknown(keys, of: "An output", &problems)
        let isSensitive = flag(mapping, "sensitive", &problems)
        let isEphemeral = flag(mapping, "ephemeral", &problems)
        let preconditions = ConditionReader.precondition.read(mapping["preconditions"], &problems)
        let summary = problems.collect { () throws(Diagnostics) in
            try LiteralReader.text(mapping["description"], "description")
        }
        guard let value = mapping["value"] else {
            problems.append(
                .error(
                    "Missing key",
                    "The output \"\(entry.key)\" has no `value`. Write what it gives out, such as "
                        + "`value: \"${local.name}\"`.", at: entry.keyRange))
            return nil
        }
        return OutputDeclaration(
            name: entry.key, nameRange: entry.keyRange, value: value, isSensitive: isSensitive,
            isEphemeral: isEphemeral, summary: summary ?? nil, dependsOn: mapping["depends_on"],
            preconditions: preconditions)
    }

    private static func flag(_ mapping: MappingReader, _ key: String, _ problems: inout Diagnostics) -> Bool {
        problems.collect { () throws(Diagnostics) in
            try LiteralReader.bool(mapping[key], key, default: false)
        } ?? false
    }
}
