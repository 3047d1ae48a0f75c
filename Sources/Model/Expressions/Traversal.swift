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
    public var literalTraversals: [Traversal] { expressions.flatMap(\.literalTraversals) }
}

extension Expression {
    fileprivate var literalTraversals: [Traversal] {
        guard let traversal = literalTraversal else { return parts.flatMap(\.literalTraversals) }
        if case .bound = traversal.reference { return [] }
        return [traversal]
    }

    /// Nil where something other than literal steps stands between the expression and a name.
    private var literalTraversal: Traversal? {
        switch kind {
        case .reference(let reference): return Traversal(reference)
        case .attribute(let operand, let name):
            guard let inner = operand.literalTraversal else { return nil }
            return Traversal(inner.reference, key: inner.key, steps: inner.steps + [.attribute(name)])
        case .index(let operand, let key):
            guard case .literal(let value) = key.kind, let inner = operand.literalTraversal else { return nil }
            let step = value.asString.map(InstanceKey.name) ?? value.asInt.map(InstanceKey.index)
            guard let step else { return nil }
            guard inner.steps.isEmpty, inner.key == nil, inner.reference.hasInstances else {
                return Traversal(inner.reference, key: inner.key, steps: inner.steps + [.index(step)])
            }
            return Traversal(inner.reference, key: step)
        default: return nil
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
