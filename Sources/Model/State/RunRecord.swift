/// One recorded execution of an operation.
public struct RunRecord: Sendable, Hashable, Identifiable {
    public enum Outcome: String, Sendable, Codable { case running, succeeded, failed, cancelled }

    /// A UUID.
    public let id: String
    /// `apply`, `destroy`, `refresh`, …
    public let kind: String
    /// What started it: `cli`, `schedule`, `webhook`.
    public let trigger: String
    public let revision: String?
    public let actor: String
    /// Seconds since 1970.
    public let startedAt: Double
    public var finishedAt: Double?
    public var outcome: Outcome
    /// One line, as the run's summary told it.
    public var summary: String?

    public init(
        id: String, kind: String, trigger: String, revision: String?, actor: String, startedAt: Double,
        finishedAt: Double? = nil, outcome: Outcome = .running, summary: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.trigger = trigger
        self.revision = revision
        self.actor = actor
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.outcome = outcome
        self.summary = summary
    }
}

/// One change of one row: what `plumb state history` lists.
public struct HistoryEntry: Sendable, Hashable {
    public let address: ResourceAddress
    public let deposedKey: String?
    /// The row's generation after the change.
    public let generation: Int64
    /// The run that made it.
    public let run: String?
    /// Seconds since 1970.
    public let changedAt: Double
    /// Nil before the row existed.
    public let before: Value?
    /// Nil after the row was deleted.
    public let after: Value?
    /// The address that the row had before, where the change is that it got another one.
    public let movedFrom: ResourceAddress?

    public init(
        address: ResourceAddress, deposedKey: String?, generation: Int64, run: String?, changedAt: Double,
        before: Value?, after: Value?, movedFrom: ResourceAddress? = nil
    ) {
        self.address = address
        self.deposedKey = deposedKey
        self.generation = generation
        self.run = run
        self.changedAt = changedAt
        self.before = before
        self.after = after
        self.movedFrom = movedFrom
    }
}
