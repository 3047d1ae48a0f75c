import PlumbModel

/// Reads the entries of `outputs:`.
enum OutputReader {
    static func read(_ entry: SpecificationNode.Entry, _ problems: inout Diagnostics) -> OutputDeclaration? {
        problems.collect { () throws(Diagnostics) in try Identifier.check(entry.key, "output", at: entry.keyRange) }
        let mapping = problems.collect { () throws(Diagnostics) in
            try MappingReader(entry.value, "an output", example: "`{value: \"${local.name}\"}`")
        }
        guard let mapping else { return nil }
        mapping.refuseUnknown(["value", "description", "sensitive"], of: "An output", &problems)
        let isSensitive = problems.collect { () throws(Diagnostics) in
            try LiteralReader.bool(mapping["sensitive"], "sensitive", default: false)
        }
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
            name: entry.key, nameRange: entry.keyRange, value: value, isSensitive: isSensitive ?? false,
            summary: summary ?? nil)
    }
}
