/// Something that exists and is taken over: its row is written before the first step.
public struct PlannedImport: Sendable, Codable, Bookkept {
    public let address: ResourceAddress
    /// What people know it by.
    public let id: String
    /// The provider instance that owns it from now on.
    public let provider: String
    /// What the provider has read.
    public let values: Value
    public let privateData: String?
    public let bookkeeping: Bookkeeping
    /// The `import` entry.
    public let declaredAt: SourceLocation?

    public init(
        address: ResourceAddress, id: String, provider: String, values: Value, privateData: String?,
        bookkeeping: Bookkeeping, declaredAt: SourceLocation?
    ) {
        self.address = address
        self.id = id
        self.provider = provider
        self.values = values
        self.privateData = privateData
        self.bookkeeping = bookkeeping
        self.declaredAt = declaredAt
    }

    /// The row that records it.
    public var record: ResourceRecord {
        ResourceRecord(
            address: address, provider: provider, values: values, privateData: privateData, bookkeeping: bookkeeping)
    }
}
