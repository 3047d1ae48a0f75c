/// A reference with the literal steps that follow it: `var.zones["a"].cidr`, `data_value.x[0].output`.
public struct Traversal: Sendable, Hashable {
    /// As it is written: `.name`, `["name"]`, `[0]`.
    public enum Step: Sendable, Hashable {
        case attribute(String)
        case index(InstanceKey)
    }

    public let reference: Reference
    /// The literal index directly behind a resource or module; nil where there is none, or only evaluation tells.
    public let key: InstanceKey?
    /// What follows the reference and its key.
    public let steps: [Step]

    public init(_ reference: Reference, key: InstanceKey? = nil, steps: [Step] = []) {
        self.reference = reference
        self.key = key
        self.steps = steps
    }

    /// The steps as a way into a value.
    public var path: AttributePath {
        AttributePath(
            steps.map { step in
                switch step {
                case .attribute(let name), .index(.name(let name)): .key(name)
                case .index(.index(let index)): .index(index)
                }
            })
    }

    /// Everything that it refers to, the longest first: `data_value.x[0].output`, `data_value.x[0]`, `data_value.x`.
    public var spellings: [String] {
        let root = reference.description
        var spellings = key == nil ? [root] : [root, root + (key?.description ?? "")]
        for step in steps { spellings.append((spellings.last ?? root) + step.description) }
        // An output of one instance says nothing of the others.
        if case .module = reference, key != nil, !steps.isEmpty { spellings.removeFirst() }
        return spellings.reversed()
    }
}

extension Traversal.Step: CustomStringConvertible {
    public var description: String {
        switch self {
        case .attribute(let name): ".\(name)"
        case .index(let key): key.description
        }
    }
}

extension Reference: CustomStringConvertible {
    /// As it is written in specs.
    public var description: String {
        switch self {
        case .variable(let name): "var.\(name)"
        case .local(let name): "local.\(name)"
        case .resource(let address): address.description
        case .module(let name): "module.\(name)"
        case .eachKey: "each.key"
        case .eachValue: "each.value"
        case .countIndex: "count.index"
        case .selfResource: "self"
        case .path(let name): "path.\(name)"
        case .stack(let name): "stack.\(name)"
        case .environment(let name): "env.\(name)"
        case .bound(let name): name
        }
    }
}

extension ValueExpression {
    /// Everything it names outside itself with the literal steps behind each name, in the order of writing, with
    /// duplicates. Names bound by a `for` inside it are left out.
    public var traversals: [Traversal] {
        var finder = TraversalFinder()
        finder.visit(self)
        return finder.found
    }
}

/// Walks an expression and collects its traversals.
private struct TraversalFinder {
    var found: [Traversal] = []

    mutating func visit(_ node: ValueExpression) {
        switch node {
        case .constant: break
        case .expression(let expression): visit(expression)
        case .list(let elements, _): for element in elements { visit(element) }
        case .object(let entries, _): for entry in entries { visit(entry.value) }
        }
    }

    mutating func visit(_ expression: Expression) {
        if let traversal = TraversalFinder.traversal(expression) { return add(traversal) }
        switch expression.kind {
        case .literal, .reference: break
        case .attribute(let operand, _): visit(operand)
        case .index(let operand, let key): visit(all: [operand, key])
        case .splat(let operand, let steps):
            visit(operand)
            visit(steps)
        case .unary(_, let operand): visit(operand)
        case .binary(_, let left, let right): visit(all: [left, right])
        case .conditional(let condition, let then, let otherwise): visit(all: [condition, then, otherwise])
        case .call(let call): visit(all: call.arguments)
        case .template(let parts): visit(parts)
        case .tuple(let elements): visit(all: elements)
        case .object(let items): for item in items { visit(all: [item.key, item.value]) }
        case .forTuple(let loop, let value): visit(loop, [value])
        case .forObject(let loop, let key, let value, _): visit(loop, [key, value])
        }
    }

    private mutating func add(_ traversal: Traversal) {
        if case .bound = traversal.reference { return }
        found.append(traversal)
    }

    /// Nil where something other than literal steps stands between the expression and a name.
    private static func traversal(_ expression: Expression) -> Traversal? {
        switch expression.kind {
        case .reference(let reference): return Traversal(reference)
        case .attribute(let operand, let name):
            return traversal(operand).map { Traversal($0.reference, key: $0.key, steps: $0.steps + [.attribute(name)]) }
        case .index(let operand, let key):
            guard case .literal(let value) = key.kind, let inner = traversal(operand) else { return nil }
            let step = value.asString.map(InstanceKey.name) ?? value.asInt.map(InstanceKey.index)
            guard let step else { return nil }
            guard inner.steps.isEmpty, inner.key == nil, inner.reference.hasInstances else {
                return Traversal(inner.reference, key: inner.key, steps: inner.steps + [.index(step)])
            }
            return Traversal(inner.reference, key: step)
        default: return nil
        }
    }

    private mutating func visit(all expressions: [Expression]) {
        for expression in expressions { visit(expression) }
    }

    private mutating func visit(_ steps: [Expression.SplatStep]) {
        for step in steps {
            switch step {
            case .attribute: break
            case .index(let key): visit(key)
            case .splat(let inner, _): visit(inner)
            }
        }
    }

    private mutating func visit(_ loop: Expression.ForLoop, _ body: [Expression]) {
        visit(loop.collection)
        if let condition = loop.condition { visit(condition) }
        visit(all: body)
    }

    private mutating func visit(_ parts: [Expression.TemplatePart]) {
        for part in parts {
            switch part {
            case .text: break
            case .interpolation(let expression): visit(expression)
            case .conditional(let condition, let then, let otherwise):
                visit(condition)
                visit(then)
                visit(otherwise)
            case .loop(let loop, let body):
                visit(loop, [])
                visit(body)
            }
        }
    }
}

extension Reference {
    /// Whether an index behind it chooses an instance.
    fileprivate var hasInstances: Bool {
        switch self {
        case .resource, .module: true
        default: false
        }
    }
}
