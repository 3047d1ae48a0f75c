import PlumbModel

/// Reads the entries of `variables:`.
enum VariableReader {
    private static let keys = [
        "type", "default", "description", "sensitive", "nullable", "ephemeral", "deprecated", "validation",
    ]

    static func read(
        _ entry: SpecificationNode.Entry, _ problems: inout Diagnostics
    ) -> VariableDeclaration? {
        problems.collect { () throws(Diagnostics) in try Identifier.check(entry.key, "variable", at: entry.keyRange) }
        // `name:` alone is a variable of any type that must be given.
        let isEmpty = entry.value.scalar?.value.isNull ?? false
        let body = isEmpty ? SpecificationNode(.mapping([]), at: entry.value.range) : entry.value
        let mapping = problems.collect { () throws(Diagnostics) in
            try MappingReader(body, "a variable", example: "`{type: string, default: eu}`")
        }
        guard let mapping else { return nil }
        mapping.refuseUnknown(keys, of: "A variable", &problems)
        return VariableDeclaration(
            name: entry.key, nameRange: entry.keyRange,
            type: problems.collect { () throws(Diagnostics) in try type(mapping["type"]) } ?? nil,
            defaultValue: mapping["default"],
            isSensitive: flag(mapping, "sensitive", default: false, &problems),
            isNullable: flag(mapping, "nullable", default: true, &problems),
            isEphemeral: flag(mapping, "ephemeral", default: false, &problems),
            summary: text(mapping, "description", &problems), deprecation: text(mapping, "deprecated", &problems),
            validations: ConditionReader.validation.read(mapping["validation"], &problems))
    }

    private static func text(_ mapping: MappingReader, _ key: String, _ problems: inout Diagnostics) -> String? {
        problems.collect { () throws(Diagnostics) in try LiteralReader.text(mapping[key], key) } ?? nil
    }

    private static func flag(
        _ mapping: MappingReader, _ key: String, default fallback: Bool, _ problems: inout Diagnostics
    ) -> Bool {
        problems.collect { () throws(Diagnostics) in
            try LiteralReader.bool(mapping[key], key, default: fallback)
        } ?? fallback
    }

    private static func type(_ node: SpecificationNode?) throws(Diagnostics) -> ValueType? {
        guard let node else { return nil }
        let text = node.scalar?.text ?? ""
        if node.scalar?.isString ?? false, let type = ValueType(parsing: text) { return type }
        throw Diagnostics(
            .error(
                "Invalid type",
                (node.scalar?.isString ?? false
                    ? "\"\(text)\" is no type.\(hint(text))" : "A type is a string; here stands \(node.phrase).")
                    + " Types are any, string, number, bool, list(T), set(T), map(T), tuple([T, ...]) and object({name = T, "
                    + "other = optional(T, default)}).", at: node.range.firstLine))
    }

    private static func hint(_ text: String) -> String {
        let word = text.prefix { $0.isLetter }
        let aliases = [
            "int": "number", "integer": "number", "float": "number", "double": "number", "boolean": "bool",
            "str": "string", "text": "string", "array": "list", "dict": "map", "struct": "object",
        ]
        if let name = aliases[word.lowercased()] { return " Did you mean \"\(name)\"?" }
        let names = ["any", "string", "number", "bool", "list", "set", "map", "tuple", "object"]
        if names.contains(String(word)) {
            return word.count == text.count ? "" : " Check its brackets, commas and the names inside."
        }
        return Suggestion.didYouMean(String(word), among: names)
    }
}
