import PlumbModel

/// What the expressions at one place of an API file may refer to.
struct NameCheck {
    /// The roots besides `var`.
    enum Root: String, CaseIterable {
        /// The resource as it will be (create, update) or is recorded (read, delete).
        case own = "self"
        /// As `self`, each attribute in the way of writing that its `normalise` makes of it.
        case canonical
        /// The recorded values that an update starts from.
        case prior
        /// The resource in the server's own words.
        case live
        /// The answer: `body`, `status`, `headers`.
        case response
    }

    let roots: [Root]
    let attributes: [String]
    let variables: [String]

    func with(_ roots: Root...) -> NameCheck {
        NameCheck(roots: self.roots + roots, attributes: attributes, variables: variables)
    }

    /// Throws every name that is not there.
    func check(_ expression: ValueExpression) throws(Diagnostics) {
        var problems = Diagnostics()
        expression.visitExpressions { check($0, &problems) }
        try problems.throwIfErrors()
    }

    private func check(_ expression: Expression, _ problems: inout Diagnostics) {
        switch expression.kind {
        case .attribute(let operand, let name):
            guard case .reference(.selfResource) = operand.kind else { return }
            require(name, among: attributes, "attribute", at: expression.range, &problems)
        case .reference(.selfResource):
            if !roots.contains(.own) { refuse("self", at: expression.range, &problems) }
        case .reference(.variable(let name)):
            require(name, among: variables, "variable", at: expression.range, &problems)
        case .reference(.bound): break
        case .reference(.resource(let address)):
            check(address, at: expression.range, &problems)
        case .reference: refuse(expression.range.text, at: expression.range, &problems)
        default: break
        }
    }

    private func check(_ address: ResourceAddress, at range: SourceRange, _ problems: inout Diagnostics) {
        guard address.mode == .managed, let root = Root(rawValue: address.type), roots.contains(root) else {
            return refuse(address.type, at: range, &problems)
        }
        switch root {
        case .canonical, .prior: require(address.name, among: attributes, "attribute", at: range, &problems)
        case .response:
            require(address.name, among: ["body", "status", "headers"], "part of an answer", at: range, &problems)
        case .own, .live: break
        }
    }

    private func require(
        _ name: String, among known: [String], _ kind: String, at range: SourceRange, _ problems: inout Diagnostics
    ) {
        guard !known.contains(name) else { return }
        let hint = Suggestion.didYouMean(name, among: known)
        let list = hint.isEmpty ? " There is: \(known.joined(separator: ", "))." : hint
        problems.append(.error("Unknown name", "There is no \(kind) \"\(name)\".\(list)", at: range))
    }

    private func refuse(_ name: String, at range: SourceRange, _ problems: inout Diagnostics) {
        let known = roots.map(\.rawValue) + ["var"]
        let hint = Suggestion.didYouMean(name, among: known)
        problems.append(
            .error(
                "Unknown name",
                "\"\(name)\" means nothing here.\(hint) Expressions at this place may use "
                    + known.map { "\($0)." }.joined(separator: ", ") + " and functions.", at: range))
    }
}

extension ValueExpression {
    /// Every expression in it with all its parts, from the outside inwards.
    func visitExpressions(_ visit: (Expression) -> Void) {
        switch self {
        case .constant: break
        case .expression(let expression): expression.visitAll(visit)
        case .list(let elements, _): for element in elements { element.visitExpressions(visit) }
        case .object(let entries, _): for entry in entries { entry.value.visitExpressions(visit) }
        }
    }
}

extension Expression {
    func visitAll(_ visit: (Expression) -> Void) {
        visit(self)
        for part in parts { part.visitAll(visit) }
    }

    private var parts: [Expression] {
        switch kind {
        case .literal, .reference: []
        case .template(let parts): parts.flatMap(\.expressions)
        case .attribute(let operand, _), .unary(_, let operand): [operand]
        case .index(let operand, let key): [operand, key]
        case .splat(let operand, let steps):
            [operand] + steps.compactMap { if case .index(let key) = $0 { key } else { nil } }
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

extension Expression.ForLoop {
    fileprivate var expressions: [Expression] { [collection] + (condition.map { [$0] } ?? []) }
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
