import PlumbModel

/// Reads lists of conditions with what to say where they do not hold: validations, preconditions, assertions.
struct ConditionReader {
    /// The key that the list stands under.
    let key: String
    /// One of them, with its article: "a validation rule".
    let phrase: String
    let plural: String
    let example: String

    static let validation = ConditionReader(
        key: "validation", phrase: "a validation rule", plural: "validation rules",
        example: "`- {condition: \"${var.size > 0}\", error: \"Give a size.\"}`")
    static let precondition = ConditionReader(
        key: "preconditions", phrase: "a precondition", plural: "preconditions",
        example: "`- {condition: \"${var.size > 0}\", error: \"Give a size.\"}`")
    static let assertion = ConditionReader(
        key: "assert", phrase: "an assertion", plural: "assertions",
        example: "`- {condition: \"${local.days > 30}\", error: \"It expires soon.\"}`")

    func read(_ node: SpecificationNode?, _ problems: inout Diagnostics) -> [ConditionDeclaration] {
        guard let node else { return [] }
        guard let items = node.sequence else {
            problems.append(
                .error(
                    "Wrong kind of value",
                    "`\(key)` is a list of \(plural), such as \(example); here stands \(node.phrase).",
                    at: node.range.firstLine))
            return []
        }
        return items.compactMap { condition($0, &problems) }
    }

    private func condition(_ item: SpecificationNode, _ problems: inout Diagnostics) -> ConditionDeclaration? {
        let mapping = problems.collect { () throws(Diagnostics) in try MappingReader(item, phrase, example: example) }
        guard let mapping else { return nil }
        let subject = phrase.prefix(1).uppercased() + phrase.dropFirst()
        mapping.refuseUnknown(["condition", "error"], of: subject, &problems)
        guard let condition = mapping["condition"], let message = mapping["error"] else {
            let missing = mapping["condition"] == nil ? "condition" : "error"
            problems.append(
                .error(
                    "Missing key",
                    "\(subject) needs both a `condition` and an `error`; `\(missing)` is missing. For example: "
                        + "\(example).", at: item.range.firstLine))
            return nil
        }
        return ConditionDeclaration(condition: condition, message: message)
    }
}
