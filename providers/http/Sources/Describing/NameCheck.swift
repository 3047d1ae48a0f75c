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
        /// The last answer: `body`, `status`, `headers`.
        case response
        /// The answers of steps that have a name.
        case answer
        /// Attributes of all resources that one request asks for.
        case batch
        /// The resource that others are in.
        case parent
        /// The change that is made: its `id`.
        case intent
        /// The element that a request is sent for: its `value`.
        case each
    }

    private(set) var roots: [Root]
    let attributes: [String]
    let variables: [String]
    private(set) var answers: [String] = []
    private(set) var parentAttributes: [String] = []
    /// The variables that any expression of the file has used.
    let usage: NameUsage

    init(roots: [Root], attributes: [String], variables: [String], usage: NameUsage) {
        self.roots = roots
        self.attributes = attributes
        self.variables = variables
        self.usage = usage
    }

    func with(_ roots: Root...) -> NameCheck {
        var copy = self
        for root in roots where !copy.roots.contains(root) { copy.roots.append(root) }
        return copy
    }

    /// After a request that later expressions may know by `name`.
    func after(_ name: String?) -> NameCheck {
        var copy = with(.response)
        if let name { (copy.roots, copy.answers) = (copy.with(.answer).roots, answers + [name]) }
        return copy
    }

    func within(parent attributes: [String]) -> NameCheck {
        var copy = with(.parent)
        copy.parentAttributes = attributes
        return copy
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
            usage.variables.insert(name)
            require(name, among: variables, "variable", at: expression.range, &problems)
        case .reference(.bound): break
        case .reference(.eachValue):
            if !roots.contains(.each) { refuse("each", at: expression.range, &problems) }
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
        case .canonical, .prior, .batch:
            require(address.name, among: attributes, "attribute", at: range, &problems)
        case .parent: require(address.name, among: parentAttributes, "attribute", at: range, &problems)
        case .response:
            require(address.name, among: ["body", "status", "headers"], "part of an answer", at: range, &problems)
        case .answer: require(address.name, among: answers, "earlier step", at: range, &problems)
        case .intent: require(address.name, among: ["id"], "part of an intent", at: range, &problems)
        case .own, .live, .each: break
        }
    }

    private func require(
        _ name: String, among known: [String], _ kind: String, at range: SourceRange, _ problems: inout Diagnostics
    ) {
        guard !known.contains(name) else { return }
        let hint = Suggestion.didYouMean(name, among: known)
        let list = known.isEmpty ? " There is none." : " There is: \(known.joined(separator: ", "))."
        problems.append(
            .error("Unknown name", "There is no \(kind) \"\(name)\".\(hint.isEmpty ? list : hint)", at: range))
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

/// Which names the expressions of a file have used, so that what nobody uses can be told.
final class NameUsage {
    var variables: Set<String> = []
}

/// The attributes of the resource itself that expressions name.
struct OwnNames {
    private(set) var names: Set<String> = []
    /// The resource as a whole is named: that is all of them.
    private(set) var isWhole = false

    mutating func insert(_ name: String) { names.insert(name) }

    mutating func add(_ expression: ValueExpression) {
        expression.visitExpressions { part in
            switch part.kind {
            case .attribute(let operand, let name):
                if case .reference(.selfResource) = operand.kind { names.insert(name) }
            case .index(let operand, let key):
                guard case .reference(.selfResource) = operand.kind else { return }
                if case .literal(let value) = key.kind, let name = value.asString { names.insert(name) }
            case .reference(.resource(let address)):
                switch NameCheck.Root(rawValue: address.type) {
                case .canonical, .batch: names.insert(address.name)
                default: break
                }
            default: break
            }
        }
        if expression.count(where: { $0.isWholeResource }) > expression.count(where: { $0.isPartOfResource }) {
            isWhole = true
        }
    }

    mutating func add(_ template: RequestTemplate) {
        switch template.target {
        case .address(let expression): add(.expression(expression))
        case .path(let parts):
            for case .segment(let expression) in parts { add(.expression(expression)) }
        }
        for expression in [template.query, template.when, template.each].compactMap(\.self) { add(expression) }
        for field in template.headers { add(field.value) }
        switch template.body {
        case .json(let body), .form(let body), .xml(let body), .text(let body), .jsonPatch(let body): add(body)
        case .changes(let body, let always):
            add(body)
            if let always { add(always) }
        case nil: break
        }
    }
}

extension Expression {
    fileprivate var isWholeResource: Bool { if case .reference(.selfResource) = kind { true } else { false } }

    /// An attribute or element of the resource, which names the resource within.
    fileprivate var isPartOfResource: Bool {
        switch kind {
        case .attribute(let operand, _), .index(let operand, _): operand.isWholeResource
        default: false
        }
    }
}

extension ValueExpression {
    /// Every expression in it with all its parts, from the outside inwards.
    func visitExpressions(_ visit: (Expression) -> Void) {
        for expression in expressions { expression.visitAll(visit) }
    }

    fileprivate func count(where isCounted: (Expression) -> Bool) -> Int {
        var count = 0
        visitExpressions { count += isCounted($0) ? 1 : 0 }
        return count
    }
}

extension Expression {
    fileprivate func visitAll(_ visit: (Expression) -> Void) {
        visit(self)
        for part in parts { part.visitAll(visit) }
    }
}
