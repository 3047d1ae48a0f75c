import HTTPProvider
import PlumbModel
import ProviderAPI
import Testing

/// An instance of the provider, configured as the engine would.
func makeInstance(
    api: String = "powerdns", url: String, key: String, _ more: [(String, Value)] = [], files: [String: String] = [:]
) throws -> any ProviderInstance {
    try HTTPProvider().configure(
        configuration([("api", .string(api)), ("base_url", .string(url)), ("key", .string(key))] + more, files: files))
}

func configuration(_ given: [(String, Value)], files: [String: String] = [:]) -> ProviderConfiguration {
    var values = ValueMap(
        HTTPProvider().configurationSchema.attributes.map { ($0.name, $0.defaultValue ?? .null) })
    for (name, value) in given { values[name] = value }
    let source = MemorySource(name: "test", contents: files.mapValues { Array($0.utf8) })
    return ProviderConfiguration(
        instanceName: "dns", values: .object(values), range: nil, source: source, workingDirectory: "/nowhere")
}

extension ProviderInstance {
    func type(_ name: String) throws -> any ResourceType {
        try #require(resourceTypes.first { $0.name == name })
    }
}

extension ResourceType {
    /// Updates it so that one attribute is another one.
    func change(_ state: ResourceState, _ name: String, to value: Value) async throws -> ResourceState {
        var values = try #require(state.values.asMap)
        for attribute in schema.attributes where !attribute.isSettable { values[attribute.name] = .null }
        values[name] = value
        let plan = try await plan(PlanRequest(prior: state, declared: .object(values)))
        try #require(plan.replacePaths.isEmpty)
        return try await update(UpdateRequest(prior: state, planned: plan.planned, intent: "x"))
    }

    /// All attributes, null where nothing is given.
    func declared(_ given: [(String, Value)]) -> Value {
        var values = ValueMap(schema.attributes.map { ($0.name, .null) })
        for (name, value) in given { values[name] = value }
        return .object(values)
    }

    func apply(_ given: [(String, Value)]) async throws -> ResourceState {
        let planned = try await plan(PlanRequest(prior: nil, declared: declared(given))).planned
        return try await create(CreateRequest(planned: planned, intent: "00000000-0000-0000-0000-000000000001"))
    }
}
