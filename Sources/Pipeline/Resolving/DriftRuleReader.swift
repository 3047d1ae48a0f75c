internal import Expressions
internal import PlumbModel

/// Reads the key `drift` of a resource: modes for the whole of it and for parts, written out or as expressions.
struct DriftRuleReader {
    let address: ResourceAddress
    let schema: Schema?

    func read(_ node: SpecificationNode, _ diagnostics: inout Diagnostics) -> ResolvedResource.DriftRule? {
        guard let entries = node.mapping else {
            report(
                "Wrong type", "`drift` must be a mapping, such as `{mode: warn}`; it is \(node.phrase).", node,
                &diagnostics)
            return nil
        }
        var rule = ResolvedResource.DriftRule()
        let allowed = ["mode", "paths", "replace"]
        for entry in entries {
            switch entry.key {
            case "mode": rule.mode = mode(entry.value, &diagnostics)
            case "paths": rule.parts = parts(entry.value, &diagnostics)
            case "replace": rule.replaces = flag(entry.value, &diagnostics)
            default:
                diagnostics.append(
                    .error(
                        "Unknown key",
                        "`drift` has no key \"\(entry.key)\".\(Suggestion.didYouMean(entry.key, among: allowed)) It has: "
                            + "\(allowed.joined(separator: ", ")).", address: address, at: entry.keyRange))
            }
        }
        return rule
    }

    private func mode(_ node: SpecificationNode, _ diagnostics: inout Diagnostics) -> ValueExpression? {
        if node.scalar?.value.asString?.contains("${") == true {
            return diagnostics.collect { () throws(Diagnostics) in try ExpressionParser.parse(node) }
        }
        guard let text = node.scalar?.value.asString, DriftMode(rawValue: text) != nil else {
            let text = node.scalar?.text ?? ""
            let names = DriftMode.allCases.map(\.rawValue)
            report(
                "Unknown drift mode",
                "The drift mode is `detect`, `warn` or `heal`; here stands "
                    + (text.isEmpty ? node.phrase : "\"\(text)\"") + ".\(Suggestion.didYouMean(text, among: names))",
                node, &diagnostics)
            return nil
        }
        return .constant(.string(text), node.range)
    }

    private func parts(
        _ node: SpecificationNode, _ diagnostics: inout Diagnostics
    ) -> [ResolvedResource.DriftRule.Part] {
        guard let entries = node.mapping else {
            report(
                "Wrong type",
                "`paths` must be a mapping of paths to modes, such as `{tags.owner: detect}`; it is "
                    + "\(node.phrase).", node, &diagnostics)
            return []
        }
        return entries.compactMap { entry in
            guard let mode = mode(entry.value, &diagnostics) else { return nil }
            guard let pattern = AttributePattern(parsing: entry.key) else {
                diagnostics.append(
                    .error(
                        "Invalid attribute path",
                        "\"\(entry.key)\" is no path of an attribute. Paths look like `content`, `tags[\"owner\"]` or "
                            + "`ports[*].name`.", address: address, at: entry.keyRange))
                return nil
            }
            if let schema, schema[pattern.attribute] == nil {
                let names = schema.attributes.filter(\.isSettable).map(\.name)
                diagnostics.append(
                    .error(
                        "Unknown attribute",
                        "`drift` names \"\(pattern)\", but \(address.type) has no such attribute."
                            + Suggestion.didYouMean(pattern.attribute, among: names), address: address,
                        at: entry.keyRange))
                return nil
            }
            return .init(pattern: pattern, mode: mode)
        }
    }

    private func flag(_ node: SpecificationNode, _ diagnostics: inout Diagnostics) -> ValueExpression? {
        let isExpression = node.scalar?.value.asString?.contains("${") == true
        guard isExpression || node.scalar?.value.asBool != nil else {
            report("Wrong type", "`replace` is true or false; here stands \(node.phrase).", node, &diagnostics)
            return nil
        }
        return diagnostics.collect { () throws(Diagnostics) in try ExpressionParser.parse(node) }
    }

    private func report(
        _ summary: String, _ detail: String, _ node: SpecificationNode, _ diagnostics: inout Diagnostics
    ) {
        diagnostics.append(.error(summary, detail, address: address, at: node.range))
    }
}
