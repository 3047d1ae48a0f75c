import PlumbModel

/// What can be wrong with the keys of a mapping.
enum KeyProblem {
    static func collection(_ node: SpecificationNode, isFlow: Bool) -> Diagnostic {
        let text = node.range.text
        if isFlow, text.hasPrefix("{"), node.range.start > 0,
            node.range.file.bytes[node.range.start - 1] == UInt8(ascii: "{")
        {
            return .error(
                "Template braces in YAML",
                "\"{{\" opens a mapping inside a mapping in YAML. If a Helm or Jinja template was meant: Plumbline reads "
                    + "plain YAML; write an expression instead, in quotes, such as \"${var.name}\".",
                at: SourceRange(file: node.range.file, start: node.range.start - 1, end: node.range.end))
        }
        return .error(
            "Key is not a string",
            "A key of this mapping is \(node.phrase) itself; keys must be strings. If \"?\" or a bracket got here by "
                + "mistake, remove it or put the key in quotes.",
            at: SourceRange(
                file: node.range.file, start: node.range.start,
                end: min(node.range.end, node.range.start + node.range.firstLineLength)))
    }

    static func notString(_ scalar: Scalar, at range: SourceRange) -> Diagnostic {
        if scalar.text.isEmpty {
            return .error(
                "Key is missing", "Nothing stands before this colon. Write the key, or remove the line.", at: range)
        }
        let kind =
            switch scalar.value.kind {
            case .null: "null"
            case .bool: "a bool"
            default: "a number"
            }
        return .error(
            "Key is not a string",
            "Unquoted, the key \(scalar.text) is \(kind) in YAML; keys must be strings. Put it in quotes: "
                + "\"\(scalar.text)\".", at: range)
    }

    static func duplicate(_ entry: SpecificationNode.Entry, first: SourceRange) -> Diagnostic {
        .error(
            "Duplicate key",
            "The key \"\(entry.key)\" stands in this mapping already, in line \(first.startPosition.line). Remove one "
                + "of them, or rename it.",
            at: entry.keyRange, notes: [Diagnostic.Note("It stands here first", at: first)])
    }

    static func secondMerge(at key: SourceRange, first: SourceRange) -> Diagnostic {
        .error(
            "Duplicate key",
            "A mapping has one merge key at most. To merge several mappings, give it a list: `<<: [*first, *second]`.",
            at: key, notes: [Diagnostic.Note("It stands here first", at: first)])
    }

    static func mergeOfNoMapping(_ node: SpecificationNode, key: SourceRange) -> Diagnostic {
        .error(
            "Merge key needs a mapping",
            "The merge key << takes the entries of a mapping, or of each mapping in a list; here stands "
                + "\(node.phrase). Give it an alias of a mapping, such as `<<: *defaults`, or put \"<<\" in quotes if "
                + "it is an ordinary key.", at: key)
    }
}
