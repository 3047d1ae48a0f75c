public import PlumbModel
internal import Synchronization

/// A provider instance whose settings come from resources: what it knows of types is known at once, whom it talks to
/// only when these resources are.
public final class LateProvider: Sendable {
    /// By which values of the resources it is configured.
    public enum Moment: Sendable {
        /// As they were recorded: for what exists already.
        case recorded
        /// As they are by now.
        case current
    }

    private struct Configured {
        let values: Value
        let instance: any ProviderInstance
    }

    private struct Slots {
        var recorded: Configured?
        var current: Configured?
        /// Every instance that was made, to be closed.
        var all: [any ProviderInstance] = []
    }

    private let provider: any Provider
    private let template: ProviderConfiguration
    /// Knows the types, and talks to nobody.
    private let blueprint: any ProviderInstance
    private let slots = Mutex(Slots())

    /// - Parameters:
    ///   - configuration: with unknown values.
    ///   - blueprint: what `provider` has made of it.
    public init(_ provider: any Provider, _ configuration: ProviderConfiguration, blueprint: any ProviderInstance) {
        self.provider = provider
        template = configuration
        self.blueprint = blueprint
    }

    /// Configures it, where the values are known; otherwise it is not configured at that moment.
    public func configure(_ values: Value, at moment: Moment) throws(Diagnostics) {
        guard values.isWhollyKnown else { return set(nil, moment) }
        let same = slots.withLock { slots in
            [slots.recorded, slots.current].compactMap(\.self).first { $0.values.isSame(as: values) }
        }
        if let same { return set(same, moment) }
        let configuration = ProviderConfiguration(
            instanceName: template.instanceName, values: values, range: template.range, source: template.source,
            workingDirectory: template.workingDirectory)
        let instance = try provider.configure(configuration)
        slots.withLock { $0.all.append(instance) }
        set(Configured(values: values, instance: instance), moment)
    }

    private func set(_ configured: Configured?, _ moment: Moment) {
        slots.withLock { slots in
            switch moment {
            case .recorded: slots.recorded = configured
            case .current: slots.current = configured
            }
        }
    }

    public func isConfigured(at moment: Moment) -> Bool { configured(moment) != nil }

    private func configured(_ moment: Moment) -> Configured? {
        slots.withLock { moment == .recorded ? $0.recorded : $0.current }
    }

    func instance(at moment: Moment) -> (any ProviderInstance)? { configured(moment)?.instance }

    func resourceType(_ name: String, at moment: Moment) -> (any ResourceType)? {
        if let configured = configured(moment) { return configured.instance.resourceTypes.first { $0.name == name } }
        return blueprint.resourceTypes.first { $0.name == name }.map(UnconfiguredType.init)
    }

    func dataType(_ name: String, at moment: Moment) -> (any DataType)? {
        if let configured = configured(moment) { return configured.instance.dataTypes.first { $0.name == name } }
        return blueprint.dataTypes.first { $0.name == name }
    }

    func close() async {
        for instance in slots.withLock({ $0.all }) { await instance.close() }
        await blueprint.close()
    }
}

/// A resource type of an instance that cannot be asked yet: its plans follow the schema alone.
struct UnconfiguredType: ResourceType {
    private let type: any ResourceType

    init(_ type: any ResourceType) { self.type = type }

    var name: String { type.name }
    var schema: Schema { type.schema }
    var hasLiveState: Bool { false }
    var warnings: Diagnostics { type.warnings }

    func read(_ prior: ResourceState) async throws(ProviderError) -> ResourceState? { prior }

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState { throw unconfigured }

    func update(_ request: UpdateRequest) async throws(ProviderError) -> ResourceState { throw unconfigured }

    func delete(_ request: DeleteRequest) async throws(ProviderError) { throw unconfigured }

    private var unconfigured: ProviderError {
        ProviderError(
            .invalid,
            "The settings of its provider instance in stack.yaml come from resources whose values are not known (or that are "
                + "gone), so nobody can be asked.")
    }
}
