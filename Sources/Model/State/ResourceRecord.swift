/// What the state holds of one resource instance: a row of the table `resources`.
public struct ResourceRecord: Sendable, Hashable {
    public enum Status: String, Sendable, Codable {
        case ready
        /// Its creation failed half-way: the next plan replaces it.
        case tainted
    }

    public var address: ResourceAddress
    /// Set on an instance that a `create_before_destroy` replacement has put aside and that is yet to be destroyed.
    public var deposedKey: String?
    /// The provider instance that owns it: `builtin`, `http.dns`.
    public var provider: String
    /// The recorded values: an object of all attributes.
    public var values: Value
    /// The provider's own notes about it, as it gave them; never shown.
    public var privateData: String?
    /// What it depended on when it was applied: the order of destruction.
    public var dependencies: [ResourceAddress]
    public var status: Status
    /// `lifecycle.prevent_destroy` as last applied: holds even when the declaration is gone.
    public var isProtected: Bool
    public var createsBeforeDestroy: Bool
    /// Rises with each write of the row; 0 until the backend has stored it.
    public var generation: Int64

    public init(
        address: ResourceAddress, deposedKey: String? = nil, provider: String, values: Value,
        privateData: String? = nil, dependencies: [ResourceAddress] = [], status: Status = .ready,
        isProtected: Bool = false, createsBeforeDestroy: Bool = false, generation: Int64 = 0
    ) {
        self.address = address
        self.deposedKey = deposedKey
        self.provider = provider
        self.values = values
        self.privateData = privateData
        self.dependencies = dependencies
        self.status = status
        self.isProtected = isProtected
        self.createsBeforeDestroy = createsBeforeDestroy
        self.generation = generation
    }
}

/// The value of an output as last applied.
public struct OutputRecord: Sendable, Hashable {
    public let name: String
    /// Its own mark says whether the output is sensitive.
    public let value: Value

    public init(name: String, value: Value) {
        self.name = name
        self.value = value
    }
}
