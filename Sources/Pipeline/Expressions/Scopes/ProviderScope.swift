public import PlumbModel

/// What the settings of a provider instance can refer to: the environment, and all that the stack itself sees.
public struct ProviderScope: EvaluationScope {
    private let environment: EnvironmentScope
    private let stack: InstanceScope

    /// - Parameter environment: nil where it is withheld.
    public init(environment: [String: String]?, stack: InstanceScope) {
        self.environment = EnvironmentScope(environment: environment, files: nil)
        self.stack = stack
    }

    public var files: (any SpecificationSource)? { stack.files }
    public var surroundings: Surroundings { stack.surroundings }
    public var allowance: Allowance? { stack.allowance }

    public func value(of reference: Reference, at range: SourceRange) throws(Diagnostics) -> Value {
        if case .environment = reference { return try environment.value(of: reference, at: range) }
        return try stack.value(of: reference, at: range)
    }

    public func value(
        of resource: ResourceAddress, instance key: InstanceKey, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        try stack.value(of: resource, instance: key, at: range)
    }

    public func value(
        ofOutput output: String, module: String, instance key: InstanceKey?, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        try stack.value(ofOutput: output, module: module, instance: key, at: range)
    }
}

extension ResolvedProvider {
    /// The settings with what is known of the resources by now, in the shape of the schema.
    public func settings(_ scopes: ModuleScopes) throws(Diagnostics) -> Value {
        let stack = InstanceScope(scopes, in: 0, key: key, eachValue: eachValue)
        let values = try Evaluator(scope: ProviderScope(environment: environment, stack: stack)).evaluate(settings)
        return try ConfigurationConformer(schema: schema, node: node, name: "provider \(name)").conform(values)
    }
}

extension ResourceGraph {
    /// The settings of provider instances that come from resources, as far as these are recorded.
    public func providerSettings(
        recorded records: [ResourceRecord], files: any SpecificationSource
    ) throws(Diagnostics) -> [(provider: String, settings: Value)] {
        guard !lateProviders.isEmpty else { return [] }
        let values = GraphValues(self)
        for record in records where record.deposedKey == nil { values.set(record.values, at: record.address) }
        let scopes = ModuleScopes(self, files: files, resources: values, phase: .resolving)
        var all: [(provider: String, settings: Value)] = []
        for provider in lateProviders { all.append((provider.name, try provider.settings(scopes))) }
        return all
    }
}
