internal import Expressions
public import PlumbModel
public import ProviderAPI

/// Turns a specification into a graph: expressions parsed and checked against the providers' schemas, instances
/// expanded, dependencies found, cycles refused. Asks no system.
public struct Resolver {
    /// A stack's graph with the provider instances that its resources belong to.
    public struct Resolution {
        public let graph: ResourceGraph
        public let catalogue: ProviderCatalogue
    }

    private let specification: Specification
    private let providers: [any Provider]
    private let environment: [String: String]?
    private let workingDirectory: String
    private let facts: StackFacts
    private let files: any SpecificationSource
    private let given: [GivenVariable]
    private let requiresVariables: Bool

    /// - Parameters:
    ///   - environment: what settings of providers may name; nil where it is withheld, and all of it unknown.
    ///   - workingDirectory: on disk, what relative paths of resources are relative to.
    ///   - given: values for variables, in the order of precedence; a later one wins.
    ///   - requiresVariables: false where a missing value is no error but unknown (`plumb validate`).
    public init(
        _ specification: Specification, providers: [any Provider], environment: [String: String]?,
        workingDirectory: String, facts: StackFacts, files: any SpecificationSource, given: [GivenVariable],
        requiresVariables: Bool = true
    ) {
        self.specification = specification
        self.providers = providers
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.facts = facts
        self.files = files
        self.given = given
        self.requiresVariables = requiresVariables
    }

    /// The provider instances of a stack of which nothing but its `stack.yaml` is looked at: they know their types.
    public static func catalogue(
        of stack: StackDeclaration, providers: [any Provider], environment: [String: String],
        workingDirectory: String, files: any SpecificationSource
    ) throws(Diagnostics) -> ProviderCatalogue {
        let content = ModuleContent(folder: ".", variables: [], locals: [:], outputs: [], calls: [], resources: [])
        let scopes = ModuleScopes(
            facts: StackFacts(name: stack.name, revision: nil, branch: nil, path: "."), variables: [:],
            modules: [ModuleInstance(path: [], content: content, caller: nil)], files: files,
            resources: UnknownResources(), knowledge: .nothing)
        return try ProviderResolver(
            providers: providers, environment: environment, source: files, workingDirectory: workingDirectory,
            scopes: scopes
        ).resolve(stack).catalogue
    }

    /// - Throws: all problems of all files.
    public func resolve() throws(Diagnostics) -> Resolution {
        var diagnostics = Diagnostics()
        let variables = VariableResolver(
            declarations: specification.variables, given: given, requiresValues: requiresVariables
        ).resolve(&diagnostics)
        let resolved = diagnostics.collect { () throws(Diagnostics) in
            try ProviderResolver(
                providers: providers, environment: environment, source: files, workingDirectory: workingDirectory,
                scopes: earlyScopes(variables)
            ).resolve(specification.stack)
        }
        guard let found = resolved else { throw diagnostics }
        let catalogue = found.catalogue
        var contents = ContentResolver(catalogue: catalogue, allowance: facts.allowance)
        let root = contents.resolve(
            specification, folder: facts.path, providers: ProviderSelection(catalogue), given: given, late: found.late)
        diagnostics.append(contents.diagnostics)
        judgeEarly(root, variables, &diagnostics)
        try diagnostics.throwIfErrors()

        let modules = ModuleExpander(
            content: root, facts: facts, variables: variables, files: files, knowsVariables: requiresVariables
        ).expand(&diagnostics)
        if diagnostics.hasErrors { throw distinct(diagnostics) }
        let templates = modules.indices.flatMap { module in
            modules[module].content.resources.map { ResolvedResource($0, in: module, path: modules[module].path) }
        }
        let references = ReferenceIndex(modules: modules, declarations: templates)
        let lookup = StaticLookup(references)
        let scopes = ModuleScopes(
            facts: facts, variables: variables, modules: modules, files: files, resources: lookup)
        judge(modules, variables, &diagnostics)
        let lateProviders = found.late.map { $0.waiting(for: references) }
        var builder = GraphBuilder(
            declarations: templates, references: references, scopes: scopes, lookup: lookup, catalogue: catalogue,
            lateProviders: lateProviders, knowsVariables: requiresVariables)
        builder.build()
        diagnostics.append(builder.diagnostics)
        diagnostics.append(warnings(of: catalogue, for: templates))
        NameEvaluation(scopes).check(&diagnostics)
        for provider in lateProviders {
            diagnostics.collect { () throws(Diagnostics) in _ = try provider.settings(scopes) }
        }
        var refactoring = RefactoringResolver(
            declarations: builder.declarations, nodes: builder.nodes, references: references, scopes: scopes,
            requiresValues: requiresVariables)
        let refactorings = refactoring.resolve(specification, &diagnostics)
        if diagnostics.hasErrors { throw distinct(diagnostics) }
        let order = try GraphOrdering(
            declarations: builder.declarations, nodes: builder.nodes, references: references
        ).order()
        let graph = ResourceGraph(
            stack: facts, variables: variables, modules: modules, lateProviders: lateProviders,
            declarations: builder.declarations, nodes: builder.nodes, order: order, warnings: diagnostics,
            refactorings: refactorings)
        return Resolution(graph: graph, catalogue: catalogue)
    }

    /// Where other things are wrong, the rules that look at variables alone are told with them.
    private func judgeEarly(_ root: ModuleContent, _ variables: [String: Value], _ diagnostics: inout Diagnostics) {
        guard diagnostics.hasErrors else { return }
        let scopes = earlyScopes(variables)
        for validation in root.validations {
            let references = validation.rule.condition.references + validation.rule.message.references
            let namesVariablesAlone = references.allSatisfy {
                if case .variable(let name) = $0.reference { variables[name] != nil } else { false }
            }
            if namesVariablesAlone { _ = validation.judge(scopes.stack, &diagnostics) }
        }
    }

    /// What waits for resources, of which nothing is known yet, is judged again when they are planned.
    private func judge(
        _ modules: [ModuleInstance], _ variables: [String: Value], _ diagnostics: inout Diagnostics
    ) {
        let scopes = ModuleScopes(
            facts: facts, variables: variables, modules: modules, files: files, resources: UnknownResources())
        for module in modules.indices {
            for validation in modules[module].content.validations {
                _ = validation.judge(InstanceScope(scopes, in: module), &diagnostics)
            }
        }
    }

    /// What the settings of providers see while nothing is known yet of modules and resources.
    private func earlyScopes(_ variables: [String: Value]) -> ModuleScopes {
        var locals: [String: ValueExpression] = [:]
        // What cannot be parsed is reported with the other locals.
        for local in specification.locals { locals[local.name] = try? ExpressionParser.parse(local.node) }
        let content = ModuleContent(
            folder: facts.path, variables: specification.variables, locals: locals, outputs: [], calls: [],
            resources: [])
        return ModuleScopes(
            facts: facts, variables: variables, modules: [ModuleInstance(path: [], content: content, caller: nil)],
            files: files, resources: UnknownResources(), knowledge: .names)
    }

    /// What providers find doubtful in the stack's own files, as far as the stack makes use of it.
    private func warnings(of catalogue: ProviderCatalogue, for resources: [ResolvedResource]) -> Diagnostics {
        var used: [String: Set<String>] = [:]
        for resource in resources where resource.address.mode == .managed {
            used[resource.provider, default: []].insert(resource.address.type)
        }
        var warnings = Diagnostics()
        for entry in catalogue.entries {
            warnings.append(entry.instance.warnings)
            for type in entry.instance.resourceTypes where used[entry.name]?.contains(type.name) == true {
                warnings.append(type.warnings)
            }
        }
        return distinct(warnings)
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
}

/// Evaluates every named value and every check once, so that what is wrong with it is told even where nothing uses it.
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
            for output in content.outputs {
                let judgement = ConditionChecker(InstanceScope(scopes, in: module), of: .output(output.name)).judge(
                    output.preconditions)
                diagnostics.append(judgement.errors)
            }
            for check in content.checks {
                diagnostics.collect { () throws(Diagnostics) in
                    try CheckReviewer(check, scopes: scopes, in: module).checkTypes(
                        unknownData: check.data?.schema.unknownObject)
                }
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

extension ResolvedProvider {
    /// With the declarations that its settings name.
    fileprivate func waiting(for references: ReferenceIndex) -> ResolvedProvider {
        ResolvedProvider(
            name: name, settings: settings, node: node, schema: schema, key: key, eachValue: eachValue,
            environment: environment, dependencies: references.declarations(namedIn: settings, in: 0).sorted())
    }
}
