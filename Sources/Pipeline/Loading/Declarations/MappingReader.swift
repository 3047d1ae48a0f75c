import PlumbModel

/// Takes a mapping's known keys apart, and says what is wrong with the others.
struct MappingReader {
    let entries: [SpecificationNode.Entry]
    let node: SpecificationNode

    /// `what` is the phrase of the thing: "a resource", "the section `variables`".
    init(_ node: SpecificationNode, _ what: String, example: String) throws(Diagnostics) {
        guard let mapping = node.mapping else {
            throw Diagnostics(
                .error(
                    "Wrong kind of value",
                    "\(what.prefix(1).uppercased() + what.dropFirst()) is a mapping, such as \(example); here stands "
                        + "\(node.phrase).", at: node.range.firstLine))
        }
        entries = mapping
        self.node = node
    }

    subscript(key: String) -> SpecificationNode? { entries.first { $0.key == key }?.value }

    /// Reports each key that is not among `known`. `hint` may add what to do about a key that resembles none.
    func refuseUnknown(
        _ known: [String], of what: String, _ problems: inout Diagnostics, hint: (String) -> String? = { _ in nil }
    ) {
        for entry in entries where !known.contains(entry.key) {
            let meant = Suggestion.didYouMean(entry.key, among: known)
            let advice = hint(entry.key).map { " " + $0 } ?? ""
            let list = known.map { "`\($0)`" }.joined(separator: ", ")
            let rest = !meant.isEmpty ? meant : advice.isEmpty ? " It may have: \(list)." : advice
            problems.append(
                .error("Unknown key", "\(what) has no key \"\(entry.key)\".\(rest)", at: entry.keyRange))
        }
    }
}

/// Reads scalars whose values the language wants as they stand, without expressions.
enum LiteralReader {
    static func bool(_ node: SpecificationNode?, _ key: String, default fallback: Bool) throws(Diagnostics) -> Bool {
        guard let node else { return fallback }
        guard let value = node.scalar?.value.asBool else {
            var hint = "Write `\(key): true` or `\(key): false`."
            if let text = node.scalar?.text, text.contains("${") {
                hint = "It is read before any expression is evaluated, so that it must be written as true or false."
            } else if let text = node.scalar?.text.lowercased(), ["yes", "on", "no", "off"].contains(text) {
                hint = "In YAML 1.2 \"\(text)\" is a string. Write \(["yes", "on"].contains(text))."
            }
            throw Diagnostics(
                .error(
                    "Wrong kind of value", "`\(key)` is true or false; here stands \(node.phrase). \(hint)",
                    at: node.range.firstLine))
        }
        return value
    }

    static func text(_ node: SpecificationNode?, _ key: String) throws(Diagnostics) -> String? {
        guard let node else { return nil }
        guard let scalar = node.scalar, scalar.isString else {
            throw Diagnostics(
                .error(
                    "Wrong kind of value",
                    "`\(key)` is a string; here stands \(node.phrase)."
                        + (node.scalar.map { $0.text.isEmpty ? "" : " Put it in quotes: \"\($0.text)\"." } ?? ""),
                    at: node.range.firstLine))
        }
        return scalar.text
    }
}
