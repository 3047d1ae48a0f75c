internal import Expressions
internal import PlumbModel
internal import ProviderAPI

/// A provider that knows the types of a real one and asks no system: what only the system can tell is made up, or given
/// by the test file.
struct MockProvider: Provider {
    let real: any Provider
    /// What the test file mocks of it: the whole provider, or single instances.
    let mocks: [StackTest.Mock]
    let inventor: ValueInventor

    var name: String { real.name }
    var configurationSchema: Schema { real.configurationSchema }

    /// Real instances are configured too, which touches no network: they know the types.
    func configure(_ configuration: ProviderConfiguration) throws(Diagnostics) -> any ProviderInstance {
        let instance = try real.configure(configuration)
        let fullName = configuration.instanceName.map { "\(name).\($0)" } ?? name
        let own = mocks.filter { $0.provider == name || $0.provider == fullName }
        guard !own.isEmpty else { return instance }
        var problems = Diagnostics()
        let resources = instance.resourceTypes.map { type in
            let given = defaults(of: type.name, type.schema, own.flatMap(\.resources), &problems)
            return MockedResourceType(name: type.name, schema: type.schema, given: given, inventor: inventor)
        }
        let data = instance.dataTypes.map { type in
            let given = defaults(of: type.name, type.schema, own.flatMap(\.data), &problems)
            return MockedDataType(name: type.name, schema: type.schema, given: given, inventor: inventor)
        }
        try problems.throwIfErrors()
        return MockedInstance(real: instance, resourceTypes: resources, dataTypes: data)
    }

    /// The values that the test file gives, of the attributes' types.
    private func defaults(
        of type: String, _ schema: Schema, _ types: [StackTest.MockedType], _ problems: inout Diagnostics
    ) -> ValueMap {
        var values = ValueMap()
        for given in types.filter({ $0.name == type }).flatMap(\.defaults) {
            problems.collect { () throws(Diagnostics) in values[given.name] = try value(given, type, schema) }
        }
        return values
    }

    private func value(_ given: NamedNode, _ type: String, _ schema: Schema) throws(Diagnostics) -> Value {
        guard let attribute = schema[given.name] else {
            let hint = Suggestion.didYouMean(
                given.name, among: schema.attributes.filter(\.isComputed).map(\.name))
            throw Diagnostics(
                .error(
                    "Unknown attribute", "\(type) has no attribute \"\(given.name)\".\(hint)", at: given.nameRange))
        }
        guard attribute.isComputed else {
            throw Diagnostics(
                .error(
                    "Attribute cannot be mocked",
                    "\"\(given.name)\" of \(type) comes from the spec alone; a mock can give only what the provider decides. "
                        + "Set it in the spec, or remove it here.", at: given.nameRange))
        }
        let expression = try ExpressionParser.parse(given.node)
        if let reference = expression.references.first {
            throw Diagnostics(
                .error("Reference out of place", "A mocked value must not refer to anything.", at: reference.range))
        }
        let value = try Evaluator(scope: EnvironmentScope(environment: [:], files: nil)).evaluate(expression)
        do throws(ConversionError) {
            return try value.converted(to: attribute.type)
        } catch {
            throw Diagnostics(
                .error(
                    "Wrong type", "The attribute \"\(given.name)\" of \(type): \(error.message).",
                    at: given.node.range))
        }
    }
}

/// A mocked instance: the real one's types, none of which asks it.
struct MockedInstance: ProviderInstance {
    let real: any ProviderInstance
    let resourceTypes: [any ResourceType]
    let dataTypes: [any DataType]

    var warnings: Diagnostics { real.warnings }

    func close() async { await real.close() }
}

extension MockedInstance: ManifestRendering {
    /// What is rendered asks no system: the real instance does it.
    func render(_ request: RenderingRequest) throws(Diagnostics) -> RenderedManifests {
        guard let renderer = real as? any ManifestRendering else {
            throw Diagnostics(
                .error("Nothing renders manifests", "The mocked provider makes no manifests.", at: request.place.range))
        }
        return try renderer.render(request)
    }
}

/// A managed type of which nothing exists outside the state.
struct MockedResourceType: Simulated, Recovering {
    let name: String
    let schema: Schema
    /// Values of computed attributes that the test file gives.
    let given: ValueMap
    let inventor: ValueInventor

    var hasLiveState: Bool { false }

    func read(_ prior: ResourceState) async throws(ProviderError) -> ResourceState? { prior }

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState {
        ResourceState(inventor.complete(request.planned, of: name, schema, given))
    }

    func update(_ request: UpdateRequest) async throws(ProviderError) -> ResourceState {
        ResourceState(inventor.complete(request.planned, of: name, schema, given))
    }

    func delete(_ request: DeleteRequest) async throws(ProviderError) {}

    /// What was not recorded never happened.
    func recover(_ intent: Intent) async throws(ProviderError) -> Recovery {
        guard let prior = intent.prior else { return .absent }
        return .found(ResourceState(prior, privateData: intent.privateData))
    }
}

/// A type of data that is made up.
struct MockedDataType: DataType {
    let name: String
    let schema: Schema
    let given: ValueMap
    let inventor: ValueInventor

    func read(_ declared: Value) async throws(ProviderError) -> Value {
        var open = declared.asMap ?? ValueMap()
        for attribute in schema.attributes where attribute.isComputed && open[attribute.name]?.isNull ?? true {
            open[attribute.name] = .unknown(attribute.type)
        }
        return inventor.complete(.object(open), of: "data.\(name)", schema, given)
    }
}
