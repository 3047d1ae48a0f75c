/// What stood around a plan when it was made: what programs that judge plans want to know, and an apply does not.
public struct PlanSetting: Sendable, Codable {
    /// An object as the plan found it: recorded, and brought up to date by the refresh.
    public struct PriorResource: Sendable, Codable {
        public let address: ResourceAddress
        public let deposedKey: String?
        public let provider: String
        public var values: Value
        public let dependencies: [ResourceAddress]
        public let isTainted: Bool

        public init(
            address: ResourceAddress, deposedKey: String?, provider: String, values: Value,
            dependencies: [ResourceAddress], isTainted: Bool
        ) {
            self.address = address
            self.deposedKey = deposedKey
            self.provider = provider
            self.values = values
            self.dependencies = dependencies
            self.isTainted = isTainted
        }

        public init(_ record: ResourceRecord) {
            self.init(
                address: record.address, deposedKey: record.deposedKey, provider: record.provider,
                values: record.values, dependencies: record.dependencies, isTainted: record.status == .tainted)
        }
    }

    public var variables: [String: Value]
    /// Managed objects, deposed ones too, and the data that was read for the plan.
    public var prior: [PriorResource]
    /// As last applied.
    public var priorOutputs: [String: Value]
    /// Declared instances that the plan looked at and that need no change.
    public var unchanged: [ResourceAddress]
    public var configuration: PlanConfiguration
    /// The attributes of resources that contributed to what changes.
    public var relevantAttributes: [RelevantAttribute]

    public init() {
        variables = [:]
        prior = []
        priorOutputs = [:]
        unchanged = []
        configuration = PlanConfiguration()
        relevantAttributes = []
    }

    /// With every value in it transformed.
    public func mapValues<E: Error>(_ transform: (Value) throws(E) -> Value) throws(E) -> PlanSetting {
        var copy = self
        for (name, value) in variables { copy.variables[name] = try transform(value) }
        for (name, value) in priorOutputs { copy.priorOutputs[name] = try transform(value) }
        for index in copy.prior.indices { copy.prior[index].values = try transform(copy.prior[index].values) }
        copy.configuration = try configuration.mapValues(transform)
        return copy
    }
}

/// An attribute of a resource whose value contributed, directly or not, to what a plan changes.
public struct RelevantAttribute: Sendable, Codable, Hashable {
    /// An instance, or a resource of which any instance may be meant.
    public let resource: ResourceAddress
    /// Empty: the whole resource.
    public let attribute: AttributePath

    public init(resource: ResourceAddress, attribute: AttributePath) {
        self.resource = resource
        self.attribute = attribute
    }
}
