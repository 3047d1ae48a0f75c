public import Expressions
public import PlumbModel
public import ProviderAPI

/// Reads `providers:` of `stack.yaml` and makes the provider instances that it names, without touching a network.
///
/// `providers.NAME` is one instance's configuration; where all its keys are foreign to the configuration schema and all
/// its values are mappings, each of them is an instance of its own (`http: {dns: {…}, mail: {…}}`).
public struct ProviderResolver {
    private let providers: [any Provider]
    private let environment: [String: String]
    private let source: any SpecificationSource
    private let workingDirectory: String

    public init(
        providers: [any Provider], environment: [String: String], source: any SpecificationSource,
        workingDirectory: String
    ) {
        self.providers = providers
        self.environment = environment
        self.source = source
        self.workingDirectory = workingDirectory
    }

    public func resolve(_ stack: StackDeclaration) throws(Diagnostics) -> ProviderCatalogue {
        var diagnostics = Diagnostics()
        var entries: [ProviderCatalogue.Entry] = []
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
                let made = diagnostics.collect { () throws(Diagnostics) in try make(provider, instance) }
                if let made { entries.append(made) }
            }
        }
        for provider in providers where !mentioned.contains(provider.name) && isUsableByDefault(provider) {
            let instance = Instance(name: nil, node: nil)
            if let made = diagnostics.collect({ () throws(Diagnostics) in try make(provider, instance) }) {
                entries.append(made)
            }
        }
        try diagnostics.throwIfErrors()
        return ProviderCatalogue(entries)
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
            entries.allSatisfy({ schema[$0.key] == nil && $0.value.mapping != nil })
        else { return [Instance(name: nil, node: node)] }
        return entries.map { Instance(name: $0.key, node: $0.value) }
    }

    private func make(_ provider: any Provider, _ instance: Instance) throws(Diagnostics) -> ProviderCatalogue.Entry {
        var values = Value.null
        if let node = instance.node {
            let expression = try ExpressionParser.parse(node)
            values = try Evaluator(scope: EnvironmentScope(environment: environment, files: source)).evaluate(
                expression)
        }
        let fullName = instance.name.map { "\(provider.name).\($0)" } ?? provider.name
        let range = instance.node?.range
        let conformed = try ConfigurationConformer(
            schema: provider.configurationSchema, node: instance.node, name: "provider \(fullName)"
        ).conform(values)
        let configuration = ProviderConfiguration(
            instanceName: instance.name, values: conformed, range: range, source: source,
            workingDirectory: workingDirectory)
        return ProviderCatalogue.Entry(name: fullName, instance: try provider.configure(configuration))
    }
}

/// The scope of `stack.yaml`: environment variables alone.
public struct EnvironmentScope: EvaluationScope {
    private let environment: [String: String]
    public let files: (any SpecificationSource)?

    public init(environment: [String: String], files: (any SpecificationSource)?) {
        self.environment = environment
        self.files = files
    }

    public func value(of reference: Reference, at range: SourceRange) throws(Diagnostics) -> Value {
        guard case .environment(let name) = reference else {
            throw Diagnostics(
                .error(
                    "Reference out of place",
                    "`stack.yaml` can refer to environment variables alone (`env.NAME`), since it is read first.",
                    at: range))
        }
        guard let value = environment[name] else {
            throw Diagnostics(
                .error(
                    "Environment variable not set",
                    "The environment has no variable \"\(name)\"."
                        + "\(Suggestion.didYouMean(name, among: environment.keys)) Set it, or give a fallback with "
                        + "`try(env.\(name), \"…\")`.", at: range))
        }
        return .string(value)
    }

    public func value(
        of resource: ResourceAddress, instance key: InstanceKey, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        try value(of: .resource(resource), at: range)
    }
}
