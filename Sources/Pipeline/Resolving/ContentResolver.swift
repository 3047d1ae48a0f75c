internal import Expressions
internal import PlumbModel
internal import ProviderAPI

/// Parses what the stack's directory or a module's declares, with all modules that are called from there, and checks
/// the names in it.
struct ContentResolver {
    let catalogue: ProviderCatalogue
    private(set) var diagnostics = Diagnostics()
    private let allowance: Allowance?
    /// Of modules, each counted as often as calls lead to it.
    private var callCount = 0

    /// Modules that call others twice, which call others twice, are soon more than anybody can hold.
    private static let maximumCalls = 100_000

    init(catalogue: ProviderCatalogue, allowance: Allowance?) {
        self.catalogue = catalogue
        self.allowance = allowance
    }

    /// - Parameters:
    ///   - path: of the calls that lead there, without keys.
    ///   - providers: what a module's call says of providers.
    ///   - given: the values of the stack's variables, for the places where they come from.
    ///   - late: provider instances of the stack whose settings name things in it.
    mutating func resolve(
        _ specification: Specification, folder: String, path: [ResourceAddress.ModuleStep] = [],
        providers: ProviderSelection, given: [GivenVariable] = [], late: [ResolvedProvider] = []
    ) -> ModuleContent {
        let validations = VariableResolver(
            declarations: specification.variables, given: given, requiresValues: false
        ).validations(&diagnostics)
        let calls = specification.modules.compactMap { module in
            call(module, path: path + [.init(module.name)], providers: providers)
        }
        var declarationResolver = DeclarationResolver(providers: providers, path: path)
        var resources: [ResolvedResource] = []
        resources.reserveCapacity(specification.resources.count)
        for declaration in specification.resources {
            if let resolved = declarationResolver.resolve(declaration) { resources.append(resolved) }
        }
        diagnostics.append(declarationResolver.diagnostics)
        let content = ModuleContent(
            folder: folder, variables: specification.variables, locals: locals(of: specification),
            outputs: outputs(of: specification, isModule: !path.isEmpty), calls: calls, resources: resources,
            checks: CheckResolver.resolve(specification.checks, providers, path, &diagnostics), validations: validations
        )
        let checker = ReferenceChecker(specification: specification, content: content, isModule: !path.isEmpty)
        checker.check(&diagnostics)
        EphemeralCheck(content).check(&diagnostics)
        for provider in late { checker.check(provider, &diagnostics) }
        return content
    }

    // MARK: - Calls

    private mutating func call(
        _ module: ModuleDeclaration, path: [ResourceAddress.ModuleStep], providers: ProviderSelection
    ) -> ModuleCall? {
        var meta = ResolvedResource.Meta()
        meta.forEach = module.forEach.map { parse($0) }
        meta.count = module.count.map { parse($0) }
        meta.enabled = module.enabled.map { parse($0) }
        var targets = DependencyReader()
        let dependsOn = targets.read(module.dependsOn, nil)
        diagnostics.append(targets.diagnostics)
        var selection = providers
        diagnostics.collect { () throws(Diagnostics) in selection = try providers.selecting(module.providers) }
        guard let specification = module.content, admits(module, specification.specification) else { return nil }
        let content = resolve(
            specification.specification, folder: specification.folder, path: path, providers: selection)
        return ModuleCall(
            name: module.name, range: module.nameRange, meta: meta, dependsOn: dependsOn,
            inputs: inputs(of: module, content), content: content)
    }

    /// Whether one more call can be resolved; told once where it cannot.
    private mutating func admits(_ module: ModuleDeclaration, _ content: Specification) -> Bool {
        callCount += 1
        guard callCount <= Self.maximumCalls else {
            if callCount == Self.maximumCalls + 1 {
                diagnostics.append(
                    .error(
                        "Too many modules",
                        "More than \(Self.maximumCalls) calls lead to modules, those within modules counted each time. Call "
                            + "fewer modules from within modules, or use `for_each`.", at: module.nameRange))
            }
            return false
        }
        do throws(Diagnostics) {
            try allowance?.spend(1 + content.resources.count + content.locals.count, .instances, at: module.nameRange)
            return true
        } catch {
            diagnostics.append(error)
            return false
        }
    }

    private mutating func inputs(of module: ModuleDeclaration, _ content: ModuleContent) -> [String: ValueExpression] {
        var inputs: [String: ValueExpression] = [:]
        for entry in module.inputs {
            guard content.variable(entry.key) != nil else {
                let hint = Suggestion.didYouMean(entry.key, among: content.variables.map(\.name))
                diagnostics.append(
                    .error(
                        "Unknown module input",
                        "The module \"\(module.name)\" has no variable \"\(entry.key)\".\(hint)",
                        at: entry.keyRange))
                continue
            }
            inputs[entry.key] = parse(entry.value)
        }
        for variable in content.variables where variable.defaultValue == nil && inputs[variable.name] == nil {
            diagnostics.append(
                .error(
                    "Missing module input",
                    "The module \"\(module.name)\" needs a value for its variable \"\(variable.name)\" "
                        + "(\(variable.type)). Give it under `inputs:`.", at: module.nameRange,
                    notes: [.init("The variable is declared here.", at: variable.nameRange)]))
            // So that nobody reports it again.
            inputs[variable.name] = .constant(.unknown(variable.type), module.nameRange)
        }
        return inputs
    }

    // MARK: - Parsing

    private mutating func locals(of specification: Specification) -> [String: ValueExpression] {
        var locals: [String: ValueExpression] = [:]
        for local in specification.locals { locals[local.name] = parse(local.node) }
        return locals
    }

    private mutating func outputs(of specification: Specification, isModule: Bool) -> [ResolvedOutput] {
        specification.outputs.map { output in
            let parsed = diagnostics.collect { () throws(Diagnostics) in try ExpressionParser.parse(output.value) }
            if output.isEphemeral, !isModule {
                diagnostics.append(
                    .error(
                        "Ephemeral output of a stack",
                        "The outputs of a stack are kept in its state, so that only an output of a module can be "
                            + "ephemeral. Remove `ephemeral` from \"\(output.name)\", or the output.",
                        at: output.nameRange))
            }
            var targets = DependencyReader()
            let dependsOn = targets.read(output.dependsOn, nil)
            diagnostics.append(targets.diagnostics)
            return ResolvedOutput(
                name: output.name, range: output.nameRange, value: parsed ?? .constant(.null, output.value.range),
                isSensitive: output.isSensitive || output.isEphemeral, isEphemeral: output.isEphemeral,
                preconditions: ConditionParser.parse(output.preconditions, &diagnostics), dependsOn: dependsOn)
        }
    }

    private mutating func parse(_ node: SpecificationNode) -> ValueExpression {
        let parsed = diagnostics.collect { () throws(Diagnostics) in try ExpressionParser.parse(node) }
        return parsed ?? .constant(.unknown(), node.range)
    }
}
