internal import Expressions
public import PlumbModel
public import ProviderAPI

/// Turns a specification into a graph: expressions parsed and checked against the providers' schemas, instances
/// expanded, dependencies found, cycles refused. Asks no system.
public struct Resolver {
    private let specification: Specification
    private let catalogue: ProviderCatalogue
    private let facts: StackFacts
    private let files: any SpecificationSource
    private let given: [GivenVariable]
    private let requiresVariables: Bool

    /// - Parameters:
    ///   - given: values for variables, in the order of precedence; a later one wins.
    ///   - requiresVariables: false where a missing value is no error but unknown (`plumb validate`).
    public init(
        _ specification: Specification, catalogue: ProviderCatalogue, facts: StackFacts,
        files: any SpecificationSource, given: [GivenVariable], requiresVariables: Bool = true
    ) {
        self.specification = specification
        self.catalogue = catalogue
        self.facts = facts
        self.files = files
        self.given = given
        self.requiresVariables = requiresVariables
    }

    /// - Throws: all problems of all files.
    public func resolve() throws(Diagnostics) -> ResourceGraph {
        var diagnostics = Diagnostics()
        refuseManifests(&diagnostics)
        let variables = VariableResolver(
            declarations: specification.variables, given: given, requiresValues: requiresVariables
        ).resolve(&diagnostics)
        let locals = parseLocals(&diagnostics)
        var declarationResolver = DeclarationResolver(catalogue: catalogue)
        let declarations = specification.resources.compactMap { declarationResolver.resolve($0) }
        diagnostics.append(declarationResolver.diagnostics)
        let outputs = parseOutputs(&diagnostics)
        let references = ReferenceIndex(
            specification: specification, locals: locals, declarations: declarations, outputs: outputs)
        references.check(&diagnostics)
        try diagnostics.throwIfErrors()

        let lookup = StaticLookup(references)
        let scope = StackScope(
            facts: facts, variables: variables, locals: locals, files: files, resources: lookup)
        var builder = GraphBuilder(
            declarations: declarations, references: references, scope: scope, lookup: lookup)
        builder.build()
        diagnostics.append(builder.diagnostics)
        for local in specification.locals {
            diagnostics.collect { () throws(Diagnostics) in try scope.local(local.name, at: local.nameRange) }
        }
        check(outputs, scope, &diagnostics)
        var refactoring = RefactoringResolver(
            specification, declarations: builder.declarations, nodes: builder.nodes, references: references,
            scope: scope)
        let refactorings = refactoring.resolve(&diagnostics)
        if diagnostics.hasErrors { throw distinct(diagnostics) }
        let order = try GraphOrdering(
            declarations: builder.declarations, nodes: builder.nodes, references: references
        ).order()
        return ResourceGraph(
            stack: facts, variables: variables, locals: locals, declarations: builder.declarations,
            nodes: builder.nodes, outputs: outputs, order: order, refactorings: refactorings)
    }

    /// The error of a local comes up wherever the local is used: it is told once.
    private func distinct(_ diagnostics: Diagnostics) -> Diagnostics {
        struct Problem: Hashable {
            let summary: String
            let detail: String
            let file: String?
            let start: Int?
        }
        var seen: Set<Problem> = []
        return Diagnostics(
            diagnostics.all.filter { one in
                seen.insert(
                    Problem(
                        summary: one.summary, detail: one.detail, file: one.source?.file.path, start: one.source?.start)
                ).inserted
            })
    }

    private func refuseManifests(_ diagnostics: inout Diagnostics) {
        guard let first = specification.manifests.first else { return }
        diagnostics.append(
            .error(
                "Manifests not supported yet",
                "This document is a Kubernetes manifest (\(first.apiVersion) \(first.kind)), and this version has no "
                    + "Kubernetes provider. Move the manifests out of the stack's directory.", at: first.node.range))
    }

    private func parseLocals(_ diagnostics: inout Diagnostics) -> [String: ValueExpression] {
        var locals: [String: ValueExpression] = [:]
        for local in specification.locals {
            let parsed = diagnostics.collect { () throws(Diagnostics) in try ExpressionParser.parse(local.node) }
            locals[local.name] = parsed ?? .constant(.unknown(), local.node.range)
        }
        return locals
    }

    private func parseOutputs(_ diagnostics: inout Diagnostics) -> [ResolvedOutput] {
        specification.outputs.map { output in
            let parsed = diagnostics.collect { () throws(Diagnostics) in try ExpressionParser.parse(output.value) }
            return ResolvedOutput(
                name: output.name, range: output.nameRange, value: parsed ?? .constant(.null, output.value.range),
                isSensitive: output.isSensitive)
        }
    }

    private func check(_ outputs: [ResolvedOutput], _ scope: StackScope, _ diagnostics: inout Diagnostics) {
        for output in outputs {
            let value = diagnostics.collect { () throws(Diagnostics) in
                try Evaluator(scope: InstanceScope(scope)).evaluate(output.value)
            }
            if let value { output.check(value, &diagnostics) }
        }
    }
}
