extension ValueExpression {
    /// As `Expression.traversals`.
    public var traversals: [Expression] {
        var finder = TraversalFinder()
        for expression in expressions { finder.visit(expression) }
        return finder.found
    }
}

extension Expression {
    /// The parts that begin with a reference and lead into what it names as far as they can (`var.zones["a"].cidr`), in
    /// the order of writing, each text once. Names bound by a `for` inside the expression stand in none of them.
    public var traversals: [Expression] {
        var finder = TraversalFinder()
        finder.visit(self)
        return finder.found
    }

    /// What a traversal begins with; nil where the expression is none.
    public var root: Reference? {
        switch kind {
        case .reference(let reference): reference
        case .attribute(let operand, _), .index(let operand, _): operand.root
        default: nil
        }
    }

    /// The steps of a traversal behind its root; nil where one of them is no literal.
    public var steps: AttributePath? {
        switch kind {
        case .reference: return AttributePath()
        case .attribute(let operand, let name): return operand.steps?.appending(.key(name))
        case .index(let operand, let key):
            guard case .literal(let value) = key.kind, let steps = operand.steps else { return nil }
            if let name = value.asString { return steps.appending(.key(name)) }
            return value.asInt.map { steps.appending(.index($0)) }
        default: return nil
        }
    }
}

/// Walks an expression and collects its traversals.
private struct TraversalFinder {
    private(set) var found: [Expression] = []
    private var texts: Set<String> = []

    mutating func visit(_ expression: Expression) {
        if isFree(expression) {
            if texts.insert(expression.range.text).inserted { found.append(expression) }
            visitKeys(of: expression)
            return
        }
        for part in expression.parts { visit(part) }
    }

    /// A traversal all of which can be evaluated outside of any loop.
    private func isFree(_ expression: Expression) -> Bool {
        switch expression.kind {
        case .reference(.bound): false
        case .reference: true
        case .attribute(let operand, _): isFree(operand)
        case .index(let operand, let key): isFree(operand) && (key.isLiteral || isFree(key))
        default: false
        }
    }

    private mutating func visitKeys(of expression: Expression) {
        switch expression.kind {
        case .attribute(let operand, _): visitKeys(of: operand)
        case .index(let operand, let key):
            visitKeys(of: operand)
            visit(key)
        default: break
        }
    }
}

extension Expression {
    fileprivate var isLiteral: Bool { if case .literal = kind { true } else { false } }
}
