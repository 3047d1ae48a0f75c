extension ValueExpression {
    /// The expressions that stand in it, in the order of writing.
    public var expressions: [Expression] {
        switch self {
        case .constant: []
        case .expression(let expression): [expression]
        case .list(let elements, _): elements.flatMap(\.expressions)
        case .object(let entries, _): entries.flatMap(\.value.expressions)
        }
    }
}

extension Expression {
    /// What it is directly made of, in the order of writing.
    public var parts: [Expression] {
        switch kind {
        case .literal, .reference: []
        case .template(let parts): parts.flatMap(\.expressions)
        case .attribute(let operand, _), .unary(_, let operand): [operand]
        case .index(let operand, let key): [operand, key]
        case .splat(let operand, let steps): [operand] + steps.flatMap(\.expressions)
        case .binary(_, let left, let right): [left, right]
        case .conditional(let condition, let then, let otherwise): [condition, then, otherwise]
        case .call(let call): call.arguments
        case .tuple(let elements): elements
        case .object(let items): items.flatMap { [$0.key, $0.value] }
        case .forTuple(let loop, let value): loop.expressions + [value]
        case .forObject(let loop, let key, let value, _): loop.expressions + [key, value]
        }
    }
}

extension Expression.TemplatePart {
    fileprivate var expressions: [Expression] {
        switch self {
        case .text: []
        case .interpolation(let expression): [expression]
        case .conditional(let condition, let then, let otherwise):
            [condition] + then.flatMap(\.expressions) + otherwise.flatMap(\.expressions)
        case .loop(let loop, let body): loop.expressions + body.flatMap(\.expressions)
        }
    }
}

extension Expression.SplatStep {
    fileprivate var expressions: [Expression] {
        switch self {
        case .attribute: []
        case .index(let key): [key]
        case .splat(let inner, _): inner.flatMap(\.expressions)
        }
    }
}

extension Expression.ForLoop {
    fileprivate var expressions: [Expression] { [collection] + (condition.map { [$0] } ?? []) }
}
