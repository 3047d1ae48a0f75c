public import PlumbModel

extension AttributePattern {
    /// An entry of `ignore_changes`, which must name an attribute of the type.
    public init(
        ignoring text: String?, of address: ResourceAddress, _ schema: Schema?, at range: SourceRange
    ) throws(Diagnostics) {
        guard let text, let pattern = AttributePattern(parsing: text) else {
            throw Diagnostics(
                .error(
                    "Invalid attribute path",
                    "`ignore_changes` lists attributes such as `spec.metadata`, `tags[\"owner\"]` or `ports[*].name`.",
                    address: address, at: range))
        }
        if let schema, schema[pattern.attribute] == nil {
            let names = schema.attributes.filter(\.isSettable).map(\.name)
            throw Diagnostics(
                .error(
                    "Unknown attribute",
                    "`ignore_changes` names \"\(pattern)\", but \(address.type) has no such attribute."
                        + Suggestion.didYouMean(pattern.attribute, among: names), address: address, at: range))
        }
        self = pattern
    }
}

extension Evaluator {
    /// What an expression for `ignore_changes` gives: `all`, or a list of paths.
    public func ignoredChanges(
        _ expression: ValueExpression, of address: ResourceAddress, _ schema: Schema
    ) throws(Diagnostics) -> IgnoredChanges {
        let value = try evaluate(expression)
        if value.asString == "all" { return .all }
        guard let items = value.asList, value.isWhollyKnown else {
            throw Diagnostics(
                .error(
                    "Invalid lifecycle value",
                    "`ignore_changes` must be `all` or a list of paths, and known when the plan is made.",
                    address: address, at: expression.range))
        }
        var patterns: [AttributePattern] = []
        for item in items {
            patterns.append(
                try AttributePattern(ignoring: item.asString, of: address, schema, at: expression.range))
        }
        return .patterns(patterns)
    }
}
