/// What a run was about to do to one resource: committed before the side effect, concluded after it.
public struct Intent: Sendable, Hashable, Identifiable, Bookkept {
    public enum Action: String, Sendable, Codable { case create, update, delete }

    /// What became of it.
    public enum Conclusion: String, Sendable, Codable {
        /// It was done, and its result is recorded.
        case done
        /// The provider refused it, and nothing came of it.
        case failed
        /// A later run found that it had happened, and recorded it.
        case adopted
        /// A later run found that it had never happened.
        case absent
    }

    /// A UUID, made by the run. Providers use it as the idempotency key and the mark of ownership.
    public let id: String
    public let run: String
    public let address: ResourceAddress
    public let deposedKey: String?
    public let provider: String
    public let action: Action
    /// The values the resource will have; nil for a deletion.
    public let planned: Value?
    /// The values it has; nil for a creation.
    public let prior: Value?
    public let privateData: String?
    /// What the row will carry besides its values, so that an adopted resource is recorded whole.
    public let bookkeeping: Bookkeeping

    public init(
        id: String, run: String, address: ResourceAddress, deposedKey: String? = nil, provider: String,
        action: Action, planned: Value?, prior: Value?, privateData: String? = nil,
        bookkeeping: Bookkeeping = Bookkeeping()
    ) {
        self.id = id
        self.run = run
        self.address = address
        self.deposedKey = deposedKey
        self.provider = provider
        self.action = action
        self.planned = planned
        self.prior = prior
        self.privateData = privateData
        self.bookkeeping = bookkeeping
    }
}

extension Intent {
    /// What is known of the resource where it is found: the planned values. Whether an update has set a write-only value
    /// cannot be seen, so that the next plan sets it again.
    public func found(_ schema: Schema) -> Value? {
        guard let planned, case .map(var map, let mapping) = planned.kind, let prior else { return planned ?? prior }
        for name in schema.changedWriteOnly(from: prior, to: planned) { map[name] = .null }
        return Value(.map(map, mapping), isSensitive: planned.isSensitive)
    }

    /// The intent as a provider sees it: without marks.
    public var unmarked: Intent {
        Intent(
            id: id, run: run, address: address, deposedKey: deposedKey, provider: provider, action: action,
            planned: planned?.forProvider, prior: prior?.forProvider,
            privateData: privateData,
            bookkeeping: bookkeeping)
    }
}
