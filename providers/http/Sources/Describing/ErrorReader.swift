import PlumbModel

/// Reads what answers that refuse mean: `errors` of an API file or of a type.
enum ErrorReader {
    private static let caseKeys = ["when", "kind", "message", "hint", "successes"]

    static func read(_ section: inout SectionReader, _ names: NameCheck) -> ErrorRules {
        guard let node = section.node["errors"] else { return .none }
        let names = names.with(.response)
        let what = "errors of \(section.what)"
        if let cases = node.sequence {
            return ErrorRules(message: nil, cases: readCases(cases, of: what, &section, names))
        }
        return section.section(node, what, keys: ["message", "cases"]) { errors in
            let message = errors.expression("message", names)
            guard let list = errors.node["cases"] else { return ErrorRules(message: message, cases: []) }
            guard let cases = list.sequence else {
                errors.report("Wrong kind of value", "\(what): cases must be a list.", at: list.range)
                return .none
            }
            return ErrorRules(message: message, cases: readCases(cases, of: what, &errors, names))
        }
    }

    private static func readCases(
        _ nodes: [SpecificationNode], of what: String, _ section: inout SectionReader, _ names: NameCheck
    ) -> [ErrorCase] {
        nodes.compactMap { node in
            section.section(node, "a case of \(what)", keys: caseKeys) { section in
                let condition = section.condition("when", names)
                if section.node["when"] == nil, node.mapping != nil {
                    section.report(
                        "Missing key", "\(section.what) must say which answers it is about: when.",
                        at: node.range.firstLine)
                }
                let kind = readKind(&section)
                let message = section.expression("message", names)
                let hint = section.expression("hint", names)
                let includesSuccesses = section.flag("successes") ?? false
                guard let condition else { return nil }
                return ErrorCase(
                    condition: condition, kind: kind, message: message, hint: hint,
                    includesSuccesses: includesSuccesses)
            }
        }
    }

    private static func readKind(_ section: inout SectionReader) -> ErrorCase.Kind? {
        guard let text = section.text("kind") else { return nil }
        if let kind = ErrorCase.Kind(rawValue: text) { return kind }
        let names = ErrorCase.Kind.allCases.map(\.rawValue)
        let hint = Suggestion.didYouMean(text, among: names)
        section.report(
            "Unknown kind",
            "there is no kind \"\(text)\" of errors.\(hint) There is: \(names.joined(separator: ", ")).",
            at: section.node["kind"]?.range ?? section.node.range)
        return nil
    }
}

extension ErrorRules {
    /// With the cases of a type before those of its API.
    func before(_ others: ErrorRules) -> ErrorRules {
        ErrorRules(message: message ?? others.message, cases: cases + others.cases)
    }
}
