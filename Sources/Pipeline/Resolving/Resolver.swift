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
        var contents = ContentResolver(catalogue: catalogue)
        let root = contents.resolve(specification, folder: facts.path, providers: ProviderSelection(catalogue))
        diagnostics.append(contents.diagnostics)
        try diagnostics.throwIfErrors()

        let modules = ModuleExpander(content: root, facts: facts, variables: variables, files: files).expand(
            &diagnostics)
        if diagnostics.hasErrors { throw distinct(diagnostics) }
        let templates = modules.indices.flatMap { module in
            modules[module].content.resources.map { ResolvedResource($0, in: module, path: modules[module].path) }
        }
        let references = ReferenceIndex(modules: modules, declarations: templates)
        let lookup = StaticLookup(references)
        let scopes = ModuleScopes(
            facts: facts, variables: variables, modules: modules, files: files, resources: lookup)
        var builder = GraphBuilder(declarations: templates, references: references, scopes: scopes, lookup: lookup)
        builder.build()
        diagnostics.append(builder.diagnostics)
        NameEvaluation(scopes).check(&diagnostics)
        if diagnostics.hasErrors { throw distinct(diagnostics) }
        let order = try GraphOrdering(
            declarations: builder.declarations, nodes: builder.nodes, references: references
        ).order()
        return ResourceGraph(
            stack: facts, variables: variables, modules: modules, declarations: builder.declarations,
            nodes: builder.nodes, order: order)
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
}

/// Evaluates every named value once, so that what is wrong with it is told even where nothing uses it.
private struct NameEvaluation {
    private let scopes: ModuleScopes

    init(_ scopes: ModuleScopes) { self.scopes = scopes }

    func check(_ diagnostics: inout Diagnostics) {
        for module in scopes.modules.indices {
            let content = scopes.modules[module].content
            let names =
                (module == 0 ? [] : content.variables.map { ModuleName(.variable, $0.name, in: module) })
                + content.locals.keys.sorted().map { ModuleName(.local, $0, in: module) }
                + (module == 0 ? [] : content.outputs.map { ModuleName(.output, $0.name, in: module) })
            for name in names {
                diagnostics.collect { () throws(Diagnostics) in _ = try scopes.value(of: name) }
            }
        }
        for output in scopes.modules[0].content.outputs {
            let value = diagnostics.collect { () throws(Diagnostics) in
                try Evaluator(scope: scopes.stack).evaluate(output.value)
            }
            if let value { output.check(value, &diagnostics) }
        }
    }
}
