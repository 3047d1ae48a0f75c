public import PlumbModel

/// Holds conditions against values: what is not known yet passes, what does not hold is told in the spec's own words.
public struct ConditionChecker {
    private let evaluator: Evaluator<InstanceScope>
    private let address: ResourceAddress

    public init(_ scope: InstanceScope, address: ResourceAddress) {
        evaluator = Evaluator(scope: scope)
        self.address = address
    }

    /// - Parameter summary: of the diagnostic for a condition that does not hold.
    public func check(_ conditions: [ResolvedResource.Condition], _ summary: String) throws(Diagnostics) {
        var diagnostics = Diagnostics()
        for condition in conditions {
            diagnostics.collect { () throws(Diagnostics) in try check(condition, summary) }
        }
        try diagnostics.throwIfErrors()
    }

    private func check(_ condition: ResolvedResource.Condition, _ summary: String) throws(Diagnostics) {
        let value = try evaluator.evaluate(condition.condition)
        if value.isUnknown { return }
        guard let holds = (try? value.converted(to: .bool))?.asBool else {
            throw Diagnostics(
                .error(
                    "Wrong type", "A condition must be true or false, but this is \(value.type.phrase).",
                    address: address, at: condition.condition.range))
        }
        if holds { return }
        let message = try evaluator.evaluate(condition.message)
        let text = message.containsSensitive ? "(the message is sensitive)" : message.asString ?? message.json
        throw Diagnostics(
            .error(summary, text, address: address, at: condition.condition.range).failing(.resource(address)))
    }
}
