internal import Expressions
internal import PlumbModel

/// Holds a run's assertions against the values that it has led to.
struct AssertionChecker {
    let scope: StackTestScope
    let command: StackTest.Run.Command

    /// The problems of all assertions.
    func check(_ assertions: [StackTest.Assertion]) -> Diagnostics {
        var problems = Diagnostics()
        for assertion in assertions {
            problems.collect { () throws(Diagnostics) in try check(assertion) }
        }
        return problems
    }

    private func check(_ assertion: StackTest.Assertion) throws(Diagnostics) {
        let evaluator = Evaluator(scope: scope)
        let condition = try ExpressionParser.parse(assertion.condition)
        let value = try evaluator.evaluate(condition)
        let place = assertion.condition.range
        if value.isUnknown {
            throw Diagnostics(
                .error(
                    "Assertion not known",
                    "The condition depends on what is known only after apply. "
                        + (command == .plan
                            ? "Let the run apply (`command: apply`), or assert something that the plan knows."
                            : "Assert something that the apply knows."),
                    at: place, notes: notes(condition)))
        }
        guard let holds = (try? value.converted(to: .bool))?.asBool else {
            throw Diagnostics(
                .error(
                    "Wrong type",
                    "A condition must be true or false, but this is \(value.isNull ? "null" : value.type.phrase).",
                    at: place))
        }
        if holds { return }
        let message = try evaluator.evaluate(try ExpressionParser.parse(assertion.message))
        let text = message.containsSensitive ? "(the message is sensitive)" : message.asString ?? message.json
        throw Diagnostics(.error("Assertion failed", text, at: place, notes: notes(condition)))
    }

    /// What the condition has seen.
    private func notes(_ condition: ValueExpression) -> [Diagnostic.Note] {
        condition.traversals.compactMap { part in
            // What cannot be evaluated by itself has no value to show.
            guard let value = try? Evaluator(scope: scope).evaluate(part) else { return nil }
            return Diagnostic.Note("\(part.range.text) is", value: value)
        }
    }
}
