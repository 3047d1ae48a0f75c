internal import Expressions
internal import PlumbModel

/// Checks `moved`, `removed` and `import` against each other and against what is declared, and expands imports.
struct RefactoringResolver {
    private let declarations: [ResolvedResource]
    private let nodes: [ResourceNode]
    private let references: ReferenceIndex
    private let scopes: ModuleScopes
    private let requiresValues: Bool
    /// Indexes of declarations, by their instances. Made only where there are statements that ask.
    private lazy var declared = index()
    private var found = Refactorings()
    private var diagnostics = Diagnostics()

    /// - Parameter requiresValues: false where variables may have no value (`plumb validate`).
    init(
        declarations: [ResolvedResource], nodes: [ResourceNode], references: ReferenceIndex, scopes: ModuleScopes,
        requiresValues: Bool
    ) {
        self.declarations = declarations
        self.nodes = nodes
        self.references = references
        self.scopes = scopes
        self.requiresValues = requiresValues
    }

    /// - Parameter specification: of the stack; its modules are looked into.
    mutating func resolve(_ specification: Specification, _ problems: inout Diagnostics) -> Refactorings {
        read(specification, in: [])
        diagnostics.append(MoveCheck(found.moves).diagnostics)
        var importer = ImportExpander(references: references, scopes: scopes, requiresValues: requiresValues)
        found.imports = specification.imports.flatMap { importer.expand($0) }
        diagnostics.append(importer.diagnostics)
        problems.append(diagnostics)
        return found
    }

    /// - Parameter module: the names of the modules around the statements.
    private mutating func read(_ specification: Specification, in module: [String]) {
        found.moves += specification.moved.compactMap { move($0, in: module) }
        found.removals += specification.removed.compactMap { removal($0, in: module) }
        if !module.isEmpty, let misplaced = specification.imports.first {
            report(
                "Import in a module",
                "A module may be called many times, but what exists can be taken over once. Write the entry in the stack, "
                    + "with the address as seen from there: `module.\(module.joined(separator: ".module.")).type.name`.",
                misplaced.to.range)
        }
        for call in specification.modules {
            if let content = call.content { read(content.specification, in: module + [call.name]) }
        }
    }

    // MARK: - Moves

    private mutating func move(_ declaration: MovedDeclaration, in module: [String]) -> MoveStatement? {
        let move = MoveStatement(declaration, in: module)
        switch (declaration.from, declaration.to) {
        case (.module, .resource), (.resource, .module):
            report(
                "Move between a module and a resource",
                "A module can become another module, and a resource another resource, but \(declaration.from) and "
                    + "\(declaration.to) are of different kinds.", declaration.toRange)
            return nil
        case (.resource(let from), .resource(let to)) where from.type != to.type:
            report(
                "Move to another type",
                "\(from) is a \(from.type) and cannot become a \(to.type): what is there would not fit. Leave the "
                    + "statement out; the old one is destroyed and the new one created.", declaration.toRange)
            return nil
        default: break
        }
        if declaration.from == declaration.to {
            report(
                "Move to the same address",
                "`from` and `to` are both \(declaration.from). Remove the statement, or name the new address.",
                declaration.toRange)
            return nil
        }
        if let place = stillDeclared(move.from) {
            diagnostics.append(
                .error(
                    "Moved resource still declared",
                    "\(declaration.from) is to have moved to \(declaration.to), but it is declared still. Remove its "
                        + "declaration, or the statement.", at: declaration.fromRange,
                    notes: [.init("It is declared here.", at: place)]))
            return nil
        }
        return move
    }

    /// Where something of the set is declared, as far as that can be told now.
    private mutating func stillDeclared(_ set: AddressSet) -> SourceRange? {
        let found = declared.overlapping(set).sorted().first { index in
            if case .deferred = declarations[index].expansion { set.written.key == nil } else { true }
        }
        return found.map { declarations[$0].range }
    }

    private func index() -> AddressIndex<Int> {
        var index = AddressIndex<Int>()
        for (number, declaration) in declarations.enumerated() {
            if case .deferred = declaration.expansion {
                guard declaration.meta.count == nil, declaration.meta.forEach == nil else { continue }
                index.insert(number, at: declaration.address)
            } else {
                for node in declaration.instances {
                    index.insert(number, at: declaration.address.instance(nodes[node].key))
                }
            }
        }
        return index
    }

    // MARK: - Removals

    private mutating func removal(_ declaration: RemovedDeclaration, in module: [String]) -> RemovalStatement? {
        let from = AddressSet(declaration.from, in: module, isWhole: true)
        if let place = stillDeclared(from) {
            diagnostics.append(
                .error(
                    "Removed resource still declared",
                    "\(declaration.from) is to leave, but it is declared still. Remove its declaration, or the "
                        + "statement.", at: declaration.range, notes: [.init("It is declared here.", at: place)]))
            return nil
        }
        let destroys = flag(declaration.destroy, "destroy", in: module) ?? true
        let prevents = flag(declaration.preventDestroy, "prevent_destroy", in: module)
        return RemovalStatement(
            from: from, range: declaration.range, destroys: destroys, liftsProtection: prevents == false)
    }

    /// Nil where it is not given or, without values of variables, not known.
    private mutating func flag(_ node: SpecificationNode?, _ key: String, in module: [String]) -> Bool? {
        guard let node else { return nil }
        let (scopes, references, requiresValues) = (scopes, references, requiresValues)
        let found = diagnostics.collect { () throws(Diagnostics) -> Bool? in
            let expression = try ExpressionParser.parse(node)
            if !module.isEmpty, !expression.references.isEmpty {
                throw Diagnostics(
                    .error(
                        "Reference out of place",
                        "In a module, `\(key)` of `removed` must be written as true or false: it holds for all that the "
                            + "module has ever made, wherever it was called.", at: node.range))
            }
            try references.refuseResources(in: expression, of: "`\(key)` of `removed`")
            let value = try Evaluator(scope: scopes.stack).evaluate(expression)
            if value.isUnknown, !requiresValues { return nil }
            if let flag = (try? value.converted(to: .bool))?.asBool { return flag }
            throw Diagnostics(
                .error(
                    "Wrong type",
                    "`\(key)` of `removed` must be true or false, but it "
                        + (value.isUnknown ? "is known only after apply." : "is \(value.type.phrase)."),
                    at: node.range))
        }
        return found ?? nil
    }

    private mutating func report(_ summary: String, _ detail: String, _ range: SourceRange) {
        diagnostics.append(.error(summary, detail, at: range))
    }
}

extension ReferenceIndex {
    /// Statements on the state are read before any resource is planned.
    func refuseResources(in expression: ValueExpression, of what: String) throws(Diagnostics) {
        guard namesResources(expression, in: 0) else { return }
        throw Diagnostics(
            .error(
                "Reference out of place",
                "\(what) is read before any resource is, so that it can refer to variables and locals alone.",
                at: expression.range))
    }
}
