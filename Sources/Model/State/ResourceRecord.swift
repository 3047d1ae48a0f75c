/// What the state holds of one resource instance: a row of the table `resources`.
public struct ResourceRecord: Sendable, Hashable, Bookkept {
    public enum Status: String, Sendable, Codable {
        case ready
        /// Its creation failed half-way: the next plan replaces it.
        case tainted
        /// It was made, and it has not been seen yet that `ready.when` holds.
        case unready
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
    public var bookkeeping: Bookkeeping
    public var status: Status
    /// Rises with each write of the row; 0 until the backend has stored it.
    public var generation: Int64

    public init(
        address: ResourceAddress, deposedKey: String? = nil, provider: String, values: Value,
        privateData: String? = nil, bookkeeping: Bookkeeping = Bookkeeping(), status: Status = .ready,
        generation: Int64 = 0
    ) {
        self.address = address
        self.deposedKey = deposedKey
        self.provider = provider
        self.values = values
        self.privateData = privateData
        self.bookkeeping = bookkeeping
        self.status = status
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
