/// A reference found in an expression: what it names, and which instance of it where the key is a literal.
public struct FoundReference: Sendable {
    public let reference: Reference
    /// The literal index that directly follows a reference to a resource or module (`a.b["x"]`, `module.a[0]`); nil
    /// means all instances, or one that only evaluation tells.
    public let key: InstanceKey?
    /// Whether an index follows, literal or computed: one instance is meant, not all.
    public let isIndexed: Bool
    /// The one output of a module that is meant; nil where it may be any.
    public let output: String?
    public let range: SourceRange

    public init(
        reference: Reference, key: InstanceKey? = nil, isIndexed: Bool = false, output: String? = nil,
        range: SourceRange
    ) {
        self.reference = reference
        self.output = output
        self.key = key
        self.isIndexed = isIndexed || key != nil
        self.range = range
    }
}

extension ValueExpression {
    /// Everything it names outside itself, in the order of writing, with duplicates. Names bound by a `for` inside it
    /// are left out.
    public var references: [FoundReference] {
        var finder = ReferenceFinder()
        for expression in expressions { finder.visit(expression) }
        return finder.found
    }
}

extension Expression {
    /// As `ValueExpression.references`.
    public var references: [FoundReference] {
        var finder = ReferenceFinder()
        finder.visit(self)
        return finder.found
    }
}

/// Walks an expression and collects what it names outside itself.
private struct ReferenceFinder {
    var found: [FoundReference] = []

    mutating func visit(_ expression: Expression) {
        switch expression.kind {
        case .reference(.bound): break
        case .reference(let reference): found.append(FoundReference(reference: reference, range: expression.range))
        case .attribute(let operand, let name): visit(operand, name, in: expression)
        case .index(let operand, let key): visit(operand, at: key, in: expression)
        default: for part in expression.parts { visit(part) }
        }
    }

    private mutating func visit(_ operand: Expression, at key: Expression, in whole: Expression) {
        switch operand.kind {
        case .reference(.resource), .reference(.module): visit(indexed: operand, key, output: nil, in: whole)
        default:
            visit(operand)
            visit(key)
        }
    }

    private mutating func visit(_ operand: Expression, _ name: String, in whole: Expression) {
        switch operand.kind {
        case .reference(.module(let module)):
            found.append(FoundReference(reference: .module(module), output: name, range: whole.range))
        case .index(let inner, let key):
            guard case .reference(.module) = inner.kind else { return visit(operand) }
            visit(indexed: inner, key, output: name, in: whole)
        default: visit(operand)
        }
    }

    private mutating func visit(indexed operand: Expression, _ key: Expression, output: String?, in whole: Expression) {
        guard case .reference(let reference) = operand.kind else { return visit(operand) }
        let literal = key.instanceKey
        found.append(
            FoundReference(reference: reference, key: literal, isIndexed: true, output: output, range: whole.range))
        if literal == nil { visit(key) }
    }
}

extension Expression {
    /// The instance key that a literal is.
    fileprivate var instanceKey: InstanceKey? {
        guard case .literal(let value) = kind else { return nil }
        return value.asString.map(InstanceKey.name) ?? value.asInt.map(InstanceKey.index)
    }
}
