import PlumbModel

/// Reads the entries of `variables:`.
enum VariableReader {
    private static let keys = ["type", "default", "description", "sensitive", "nullable", "validation"]

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
            type: problems.collect { () throws(Diagnostics) in try type(mapping["type"]) } ?? .any,
            defaultValue: mapping["default"],
            isSensitive: flag(mapping, "sensitive", default: false, &problems),
            isNullable: flag(mapping, "nullable", default: true, &problems),
            summary: problems.collect { () throws(Diagnostics) in
                try LiteralReader.text(mapping["description"], "description")
            } ?? nil,
            validations: validations(mapping["validation"], &problems))
    }

    private static func flag(
        _ mapping: MappingReader, _ key: String, default fallback: Bool, _ problems: inout Diagnostics
    ) -> Bool {
        problems.collect { () throws(Diagnostics) in
            try LiteralReader.bool(mapping[key], key, default: fallback)
        } ?? fallback
    }

    private static func type(_ node: SpecificationNode?) throws(Diagnostics) -> ValueType {
        guard let node else { return .any }
        if let text = try LiteralReader.text(node, "type") {
            if let type = ValueType(parsing: text) { return type }
            throw Diagnostics(
                .error(
                    "Invalid type",
                    "\"\(text)\" is no type.\(hint(text)) Types are any, string, number, bool, list(T), set(T), map(T), "
                        + "tuple([T, ...]) and object({name = T, other = optional(T, default)}).",
                    at: node.range.firstLine))
        }
        return .any
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

    private static func validations(
        _ node: SpecificationNode?, _ problems: inout Diagnostics
    ) -> [VariableDeclaration.Validation] {
        guard let node else { return [] }
        let example = "`- {condition: \"${var.size > 0}\", error: \"Give a size.\"}`"
        guard let items = node.sequence else {
            problems.append(
                .error(
                    "Wrong kind of value",
                    "`validation` is a list of rules, such as \(example); here stands \(node.phrase).",
                    at: node.range.firstLine))
            return []
        }
        return items.compactMap { item in
            let mapping = problems.collect { () throws(Diagnostics) in
                try MappingReader(item, "a validation rule", example: example)
            }
            guard let mapping else { return nil }
            mapping.refuseUnknown(["condition", "error"], of: "A validation rule", &problems)
            guard let condition = mapping["condition"], let message = mapping["error"] else {
                let missing = mapping["condition"] == nil ? "condition" : "error"
                problems.append(
                    .error(
                        "Missing key",
                        "A validation rule needs both a `condition` and an `error`; `\(missing)` is missing. For example: "
                            + "\(example).", at: item.range.firstLine))
                return nil
            }
            return VariableDeclaration.Validation(condition: condition, message: message)
        }
    }
}
