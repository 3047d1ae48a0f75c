public import PlumbModel

/// Evaluates expressions against a scope.
///
/// Marks and unknowns travel with the values: what is made of something sensitive is sensitive, what is made of
/// something unknown is an unknown of the type it will have. So evaluating with unknowns typed from schemas checks an
/// expression before anything exists.
public struct Evaluator<Scope: EvaluationScope> {
    private let scope: Scope

    public init(scope: Scope) { self.scope = scope }

    /// The value of a node; the problems of all its parts are thrown together.
    public func evaluate(_ expression: ValueExpression) throws(Diagnostics) -> Value {
        if case .constant(let value, _) = expression { return value }
        var evaluation = Evaluation(scope: scope)
        var problems = Diagnostics()
        let value = evaluation.evaluate(expression, &problems)
        try problems.throwIfErrors()
        try evaluation.finish(value, at: expression.range)
        return value
    }

    public func evaluate(_ expression: Expression) throws(Diagnostics) -> Value {
        var evaluation = Evaluation(scope: scope)
        let value = try evaluation.evaluate(expression)
        try evaluation.finish(value, at: expression.range)
        return value
    }
}

/// One run of the evaluator: the names bound by loops, and what the run may still cost.
struct Evaluation<Scope: EvaluationScope> {
    let scope: Scope
    /// Names bound by `for`, innermost last.
    var bindings: [(name: String, value: Value)] = []
    /// In a template that a function renders, which may not render another.
    var isInTemplateCall = false
    private var steps = 0
    private var bytes = 0
    private var parts = 0
    /// Of the steps: those that the allowance has been told of.
    private var paidSteps = 0
    private let allowance: Allowance?
    private let stack = StackGauge()

    init(scope: Scope) {
        self.scope = scope
        allowance = scope.allowance
    }

    mutating func evaluate(_ node: ValueExpression, _ problems: inout Diagnostics) -> Value {
        switch node {
        case .constant(let value, _): return value
        case .expression(let expression):
            do {
                return try evaluate(expression)
            } catch {
                problems.append(error)
                return .unknown()
            }
        case .list(let elements, _):
            var values: [Value] = []
            values.reserveCapacity(elements.count)
            for element in elements { values.append(evaluate(element, &problems)) }
            return .tuple(values)
        case .object(let entries, _):
            var pairs: [(String, Value)] = []
            pairs.reserveCapacity(entries.count)
            for entry in entries { pairs.append((entry.key, evaluate(entry.value, &problems))) }
            return .object(ValueMap(pairs))
        }
    }

    mutating func evaluate(_ expression: Expression) throws(Diagnostics) -> Value {
        try step(expression.range)
        if stack.isExhausted { throw error("Nested too deeply", Bounds.tooDeep, at: expression.range) }
        switch expression.kind {
        case .literal(let value): return value
        case .reference(let reference): return try value(of: reference, at: expression.range)
        case .attribute(let operand, let name): return try attribute(operand, name, in: expression)
        case .index(let operand, let key): return try index(operand, key, in: expression)
        case .splat(let operand, let steps): return try splat(operand, steps, in: expression)
        case .unary(let sign, let operand): return try unary(sign, operand, in: expression)
        case .binary(let sign, let left, let right): return try binary(sign, left, right, in: expression)
        case .conditional(let condition, let then, let otherwise):
            return try conditional(condition, then, otherwise, in: expression)
        case .call(let call): return try self.call(call, in: expression)
        case .template(let parts): return try template(parts, at: expression.range)
        case .tuple(let elements): return try tuple(elements)
        case .object(let items): return try object(items)
        case .forTuple(let loop, let value): return try tupleLoop(loop, value)
        case .forObject(let loop, let key, let value, let groups):
            return try objectLoop(loop, key, value, groups, in: expression)
        }
    }

    private func value(of reference: Reference, at range: SourceRange) throws(Diagnostics) -> Value {
        guard case .bound(let name) = reference else { return try scope.value(of: reference, at: range) }
        if let binding = bindings.last(where: { $0.name == name }) { return binding.value }
        preconditionFailure("The parser only binds names that an enclosing loop has.")
    }

    private mutating func tuple(_ elements: [Expression]) throws(Diagnostics) -> Value {
        var values: [Value] = []
        values.reserveCapacity(elements.count)
        for element in elements { values.append(try evaluate(element)) }
        return .tuple(values)
    }

    private mutating func object(_ items: [Expression.ObjectItem]) throws(Diagnostics) -> Value {
        var pairs: [(String, Value)] = []
        pairs.reserveCapacity(items.count)
        var isSensitive = false
        var hasUnknownKey = false
        for item in items {
            let key = try string(try evaluate(item.key), item.key, "The key of an object")
            let value = try evaluate(item.value)
            isSensitive = isSensitive || key.isSensitive
            guard let name = key.asString else {
                hasUnknownKey = true
                continue
            }
            pairs.append((name, value))
        }
        return (hasUnknownKey ? Value.unknown() : .object(ValueMap(pairs))).sensitive(isSensitive)
    }

    // MARK: - Costs

    mutating func step(_ range: SourceRange) throws(Diagnostics) {
        steps += 1
        if steps > Bounds.steps {
            throw Diagnostics(
                .error(
                    "Expression too expensive",
                    "Its evaluation was stopped after \(Bounds.steps) steps. Loop over fewer elements.",
                    at: range))
        }
        if let allowance, steps - paidSteps >= Bounds.paidSteps { try pay(allowance, at: range) }
    }

    private mutating func pay(_ allowance: Allowance, at range: SourceRange) throws(Diagnostics) {
        let due = steps - paidSteps
        paidSteps = steps
        try allowance.spend(due, .steps, at: range)
    }

    /// Counts what a function has made: lists and maps that nothing else holds take memory.
    mutating func charge(parts count: Int, at range: SourceRange) throws(Diagnostics) {
        parts += count
        if parts > Bounds.parts {
            throw Diagnostics(
                .error(
                    "Expression too expensive",
                    "Its evaluation was stopped when it had made \(Bounds.parts) parts of lists and maps. Loop over fewer "
                        + "elements.", at: range))
        }
        guard let allowance else { return }
        try pay(allowance, at: range)
        try allowance.spend(count, .parts, at: range)
    }

    /// Counts the text that has been made, or is about to be.
    mutating func charge(_ count: Int, at range: SourceRange) throws(Diagnostics) {
        bytes += count
        if let allowance {
            try allowance.admit(bytes: count, at: range)
            try allowance.spend(count, .textBytes, at: range)
        }
        if count > Bounds.stringBytes || bytes > Bounds.totalBytes {
            throw Diagnostics(
                .error(
                    "String too large",
                    "A string may have \(Bounds.stringBytes >> 20) MiB, and one evaluation may make "
                        + "\(Bounds.totalBytes >> 20) MiB of them.", at: range))
        }
    }

    /// Refuses a result that is too large, and settles what the evaluation has cost.
    mutating func finish(_ value: Value, at range: SourceRange) throws(Diagnostics) {
        let inspection = try weigh(value, at: range)
        guard let allowance else { return }
        try pay(allowance, at: range)
        try allowance.spend(inspection.count, .parts, at: range)
    }

    /// Refuses values that grow without end through parts they share, and counts what walking them costs.
    @discardableResult
    mutating func weigh(_ value: Value, at range: SourceRange) throws(Diagnostics) -> Inspection {
        switch value.kind {
        case .list, .map: break
        default:
            return Inspection(
                isSensitive: value.isSensitive, isUnknown: value.isUnknown, bytes: value.asString?.utf8.count ?? 0)
        }
        var inspection = Inspection()
        inspection.visit(value, depth: 0)
        guard inspection.depth <= Inspection.maximumDepth, inspection.count <= Inspection.maximumCount else {
            throw Diagnostics(
                .error(
                    "Value too large",
                    "A value may have \(Inspection.maximumCount) parts and nest \(Inspection.maximumDepth) levels deep.",
                    at: range))
        }
        return inspection
    }

    // MARK: - Problems

    func error(_ summary: String, _ detail: String, at range: SourceRange) -> Diagnostics {
        Diagnostics(.error(summary, detail, at: range))
    }

    /// The value as a string or an unknown one; keys of objects and parts of templates must be that.
    func string(_ value: Value, _ source: Expression, _ role: String) throws(Diagnostics) -> Value {
        if case .string = value.kind { return value }
        guard !value.isNull else {
            throw error("Unexpected null", "\(role) is null here, and must be a string.", at: source.range)
        }
        do {
            return try value.converted(to: .string)
        } catch {
            throw self.error("Unsuitable value type", "\(role) must be a string: \(error.message).", at: source.range)
        }
    }
}

/// What a walk through a value finds: marks and unknowns at any depth, and how large it is.
struct Inspection {
    static let maximumDepth = 100
    static let maximumCount = 5_000_000

    var isSensitive = false
    var isUnknown = false
    var count = 0
    var depth = 0
    /// Of all strings in it.
    var bytes = 0

    mutating func visit(_ value: Value, depth level: Int) {
        count += 1
        depth = max(depth, level)
        isSensitive = isSensitive || value.isSensitive
        guard count <= Inspection.maximumCount, level <= Inspection.maximumDepth else { return }
        switch value.kind {
        case .unknown: isUnknown = true
        case .string(let text): bytes += text.utf8.count
        case .list(let elements, _): for element in elements { visit(element, depth: level + 1) }
        case .map(let map, _): for entry in map { visit(entry.value, depth: level + 1) }
        default: break
        }
    }
}
