extension ValueExpression {
    /// The expressions that stand anywhere in it, in the order of writing.
    var expressions: [Expression] {
        switch self {
        case .constant: []
        case .expression(let expression): [expression]
        case .list(let elements, _): elements.flatMap(\.expressions)
        case .object(let entries, _): entries.flatMap(\.value.expressions)
        }
    }
}

extension Expression {
    /// The expressions that it consists of, one level down, in the order of writing.
    var parts: [Expression] {
        switch kind {
        case .literal, .reference: []
        case .attribute(let operand, _), .unary(_, let operand): [operand]
        case .index(let operand, let key): [operand, key]
        case .splat(let operand, let steps): [operand] + steps.flatMap(\.parts)
        case .binary(_, let left, let right): [left, right]
        case .conditional(let condition, let then, let otherwise): [condition, then, otherwise]
        case .call(let call): call.arguments
        case .template(let parts): parts.flatMap(\.parts)
        case .tuple(let elements): elements
        case .object(let items): items.flatMap { [$0.key, $0.value] }
        case .forTuple(let loop, let value): loop.parts + [value]
        case .forObject(let loop, let key, let value, _): loop.parts + [key, value]
        }
    }
}

extension Expression.SplatStep {
    fileprivate var parts: [Expression] {
        switch self {
        case .attribute: []
        case .index(let key): [key]
        case .splat(let steps, _): steps.flatMap(\.parts)
        }
    }
}

extension Expression.ForLoop {
    fileprivate var parts: [Expression] { [collection] + (condition.map { [$0] } ?? []) }
}

extension Expression.TemplatePart {
    fileprivate var parts: [Expression] {
        switch self {
        case .text: []
        case .interpolation(let expression): [expression]
        case .conditional(let condition, let then, let otherwise):
            [condition] + then.flatMap(\.parts) + otherwise.flatMap(\.parts)
        case .loop(let loop, let body): loop.parts + body.flatMap(\.parts)
        }
    }
}
