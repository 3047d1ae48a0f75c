internal import Expressions
internal import PlumbModel
internal import ProviderAPI

/// Reads `providers:` of `stack.yaml` and makes the provider instances that it names, without touching a network.
///
/// `providers.NAME` is one instance's configuration; where all its keys are foreign to the configuration schema and all
/// its values are mappings, each of them is an instance of its own (`http: {dns: {…}, mail: {…}}`). With `for_each` in
/// it, there is an instance for each key (`http.dns["eu"]`).
struct ProviderResolver {
    /// The provider instances of a stack, and which of them wait for resources.
    struct Resolved {
        let catalogue: ProviderCatalogue
        /// Without what they wait for.
        let late: [ResolvedProvider]
    }

    private let providers: [any Provider]
    private let environment: [String: String]?
    private let source: any SpecificationSource
    private let workingDirectory: String
    private let scopes: ModuleScopes

    /// - Parameter scopes: of the stack, before anything is known of modules and resources.
    init(
        providers: [any Provider], environment: [String: String]?, source: any SpecificationSource,
        workingDirectory: String, scopes: ModuleScopes
    ) {
        self.providers = providers
        self.environment = environment
        self.source = source
        self.workingDirectory = workingDirectory
        self.scopes = scopes
    }

    func resolve(_ stack: StackDeclaration) throws(Diagnostics) -> Resolved {
        var diagnostics = Diagnostics()
        var entries: [ProviderCatalogue.Entry] = []
        var late: [ResolvedProvider] = []
        var mentioned: Set<String> = []
        for entry in mapping(stack.providers, &diagnostics) {
            guard let provider = providers.first(where: { $0.name == entry.key }) else {
                let hint = Suggestion.didYouMean(entry.key, among: providers.map(\.name))
                diagnostics.append(
                    .error(
                        "Unknown provider",
                        "No provider is named \"\(entry.key)\".\(hint) There are: "
                            + "\(providers.map(\.name).sorted().joined(separator: ", ")).", at: entry.keyRange))
                continue
            }
            mentioned.insert(provider.name)
            for instance in instances(of: provider, entry.value) {
                diagnostics.collect { () throws(Diagnostics) in try make(provider, instance, &entries, &late) }
            }
        }
        for provider in providers where !mentioned.contains(provider.name) && isUsableByDefault(provider) {
            let instance = Instance(name: nil, node: nil)
            diagnostics.collect { () throws(Diagnostics) in try make(provider, instance, &entries, &late) }
        }
        try diagnostics.throwIfErrors()
        return Resolved(catalogue: ProviderCatalogue(entries), late: late)
    }

    private struct Instance {
        let name: String?
        let node: SpecificationNode?
    }

    private func mapping(
        _ node: SpecificationNode?, _ diagnostics: inout Diagnostics
    ) -> [SpecificationNode.Entry] {
        guard let node, node.scalar?.value.isNull != true else { return [] }
        guard let entries = node.mapping else {
            diagnostics.append(
                .error(
                    "Wrong type", "`providers` must be a mapping of provider names, but it is \(node.phrase).",
                    at: node.range))
            return []
        }
        return entries
    }

    /// A provider that needs no configuration is there without being mentioned.
    private func isUsableByDefault(_ provider: any Provider) -> Bool {
        !provider.configurationSchema.attributes.contains { $0.presence == .required }
    }

    private func instances(of provider: any Provider, _ node: SpecificationNode) -> [Instance] {
        let schema = provider.configurationSchema
        guard let entries = node.mapping, !entries.isEmpty,
            entries.allSatisfy({ schema[$0.key] == nil && $0.key != "for_each" && $0.value.mapping != nil })
        else { return [Instance(name: nil, node: node)] }
        return entries.map { Instance(name: $0.key, node: $0.value) }
    }

    private func make(
        _ provider: any Provider, _ instance: Instance, _ entries: inout [ProviderCatalogue.Entry],
        _ late: inout [ResolvedProvider]
    ) throws(Diagnostics) {
        let fullName = instance.name.map { "\(provider.name).\($0)" } ?? provider.name
        guard let node = instance.node, let forEach = node["for_each"] else {
            let settings = try resolved(provider, fullName, instance.node, nil, nil)
            return try add(provider, instance.name, settings, isTemplate: false, &entries, &late)
        }
        var meta = ResolvedResource.Meta()
        meta.forEach = try ExpressionParser.parse(forEach)
        let mapping = SpecificationNode(.mapping((node.mapping ?? []).filter { $0.key != "for_each" }), at: node.range)
        // Knows the types, also where there is no instance.
        let template = try resolved(provider, fullName, mapping, .name(""), .unknown())
        try add(provider, instance.name, template, isTemplate: true, &entries, &late)
        let scope = ProviderScope(environment: environment, stack: scopes.stack)
        guard case .named(let names) = try InstanceExpander(scope: scope).expand(meta, of: nil) else { return }
        for (name, value) in names {
            let key = InstanceKey.name(name)
            let settings = try resolved(provider, fullName + key.description, mapping, key, value)
            try add(provider, instance.name, settings, isTemplate: false, &entries, &late)
        }
    }

    private func resolved(
        _ provider: any Provider, _ name: String, _ node: SpecificationNode?, _ key: InstanceKey?, _ eachValue: Value?
    ) throws(Diagnostics) -> ResolvedProvider {
        var settings = ValueExpression.constant(
            .null, SourceRange(file: SourceFile(path: "", text: ""), start: 0, end: 0))
        if let node { settings = try ExpressionParser.parse(node) }
        return ResolvedProvider(
            name: name, settings: settings, node: node, schema: provider.configurationSchema, key: key,
            eachValue: eachValue, environment: names(ofEnvironmentIn: settings), dependencies: [])
    }

    private func add(
        _ provider: any Provider, _ name: String?, _ settings: ResolvedProvider, isTemplate: Bool,
        _ entries: inout [ProviderCatalogue.Entry], _ late: inout [ResolvedProvider]
    ) throws(Diagnostics) {
        let values = try settings.settings(scopes)
        let configuration = ProviderConfiguration(
            instanceName: name, values: values, range: settings.node?.range, source: source,
            workingDirectory: workingDirectory)
        let instance = try provider.configure(configuration)
        guard !values.isWhollyKnown, !isTemplate else {
            return entries.append(.init(name: settings.name, instance: instance, isTemplate: isTemplate))
        }
        let lateProvider = LateProvider(provider, configuration, blueprint: instance)
        entries.append(.init(name: settings.name, instance: instance, late: lateProvider))
        late.append(settings)
    }

    /// All of it would go to a person who misspells one name; the settings see all the same.
    private func names(ofEnvironmentIn settings: ValueExpression) -> [String: String]? {
        settings.references.contains { if case .environment = $0.reference { true } else { false } } ? environment : [:]
    }
}
