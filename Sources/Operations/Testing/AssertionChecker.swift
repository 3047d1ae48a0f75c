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
                    "A condition must be true or false, but this is \(value.isNull ? "null" : value.type.phrase).\(hint(condition))",
                    at: place))
        }
        if holds { return }
        let message = try evaluator.evaluate(try ExpressionParser.parse(assertion.message))
        let text = message.containsSensitive ? "(the message is sensitive)" : message.asString ?? message.json
        throw Diagnostics(.error("Assertion failed", text, at: place, notes: notes(condition)))
    }

    /// A text without an expression in it was most likely meant to be one.
    private func hint(_ condition: ValueExpression) -> String {
        guard case .constant(let value, _) = condition, let text = value.asString else { return "" }
        return " Write it as an expression: \"${\(text)}\"."
    }

    /// What the condition has seen.
    private func notes(_ condition: ValueExpression) -> [Diagnostic.Note] {
        let seen = condition.traversals.compactMap { part -> Diagnostic.Note? in
            // What cannot be evaluated by itself has no value to show.
            guard let value = try? Evaluator(scope: scope).evaluate(part) else { return nil }
            return Diagnostic.Note("\(part.range.text) is", value: value)
        }
        return seen + likeness(condition)
    }

    /// Two values that look alike and are not equal puzzle everybody.
    private func likeness(_ condition: ValueExpression) -> [Diagnostic.Note] {
        guard case .expression(let expression) = condition, case .binary(.equal, let left, let right) = expression.kind,
            let one = try? Evaluator(scope: scope).evaluate(left),
            let other = try? Evaluator(scope: scope).evaluate(right),
            one.isWhollyKnown, other.isWhollyKnown, one.isSame(as: other)
        else { return [] }
        let types = [one, other].map { $0.isNull ? "null" : $0.type.phrase }
        return [
            Diagnostic.Note(
                "Both sides have the same content, but the left one is \(types[0]) and the right one \(types[1]), which "
                    + "are never equal. Convert one of them with tolist(…), tomap(…) or toset(…).")
        ]
    }
}
