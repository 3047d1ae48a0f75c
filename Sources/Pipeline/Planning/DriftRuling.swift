internal import Expressions
internal import PlumbModel

/// Evaluates what a resource says of its drift, for one instance.
struct DriftRuling {
    let instance: DeclaredInstance
    let scopes: ModuleScopes

    /// Nil where it says nothing.
    func policy() throws(Diagnostics) -> DriftPolicy? {
        guard let rule = instance.declaration.meta.drift else { return nil }
        var parts: [DriftPolicy.Part] = []
        for part in rule.parts { parts.append(.init(part.pattern, try mode(part.mode))) }
        var policy = DriftPolicy(parts: parts)
        if let expression = rule.mode { policy.mode = try mode(expression) }
        if let expression = rule.replaces {
            let value = try Evaluator(scope: instance.scope(scopes)).evaluate(expression)
            guard let flag = (try? value.converted(to: .bool))?.asBool else {
                throw wrong("`replace` must be true or false", value, expression)
            }
            policy.replaces = flag
        }
        return policy
    }

    private func mode(_ expression: ValueExpression) throws(Diagnostics) -> DriftMode {
        let value = try Evaluator(scope: instance.scope(scopes)).evaluate(expression)
        if let mode = value.asString.flatMap(DriftMode.init) { return mode }
        throw wrong("The drift mode must be \"detect\", \"warn\" or \"heal\"", value, expression)
    }

    private func wrong(_ demand: String, _ value: Value, _ expression: ValueExpression) -> Diagnostics {
        Diagnostics(
            .error(
                "Invalid drift rule",
                value.isUnknown
                    ? "\(demand), and known when the plan is made; it waits for a value known only after apply."
                    : "\(demand), but the expression gives \(value.asString.map { "\"\($0)\"" } ?? value.type.phrase).",
                address: instance.address, at: expression.range))
    }
}
