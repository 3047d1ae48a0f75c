/// Everything that a backend holds of one stack, at one instant: what is backed up, moved elsewhere, and put back.
public struct StateContents: Sendable, Hashable {
    public var stack: String
    /// A UUID given to the stack's state when it came to be; it goes with the state wherever that goes.
    public var lineage: String
    public var generation: Int64
    /// The revision that the stack was last applied at.
    public var revision: String?
    /// Where the state is now, if it was moved away from here.
    public var movedTo: String?
    /// Current and deposed instances, in no promised order.
    public var resources: [ResourceRecord]
    public var outputs: [OutputRecord]
    /// Oldest first.
    public var openIntents: [Intent]
    /// Oldest first.
    public var history: [HistoryEntry]
    /// Oldest first.
    public var runs: [RunRecord]
    public var drift: [DriftRecord]
    public var holds: [HoldRecord]

    public init(
        stack: String, lineage: String, generation: Int64, revision: String? = nil, movedTo: String? = nil,
        resources: [ResourceRecord] = [], outputs: [OutputRecord] = [], openIntents: [Intent] = [],
        history: [HistoryEntry] = [], runs: [RunRecord] = [], drift: [DriftRecord] = [], holds: [HoldRecord] = []
    ) {
        self.stack = stack
        self.lineage = lineage
        self.generation = generation
        self.revision = revision
        self.movedTo = movedTo
        self.resources = resources
        self.outputs = outputs
        self.openIntents = openIntents
        self.history = history
        self.runs = runs
        self.drift = drift
        self.holds = holds
    }

    /// The same contents with every value in them transformed: recorded ones, outputs, intents, history, drift.
    public func mapValues<E: Error>(_ transform: (Value) throws(E) -> Value) throws(E) -> StateContents {
        var result = self
        for index in resources.indices { result.resources[index].values = try transform(resources[index].values) }
        for (index, output) in outputs.enumerated() {
            result.outputs[index] = OutputRecord(name: output.name, value: try transform(output.value))
        }
        for (index, intent) in openIntents.enumerated() {
            result.openIntents[index] = try intent.mapValues(transform)
        }
        for (index, entry) in history.enumerated() { result.history[index] = try entry.mapValues(transform) }
        for (index, record) in drift.enumerated() { result.drift[index] = try record.mapValues(transform) }
        return result
    }
}

extension DriftRecord {
    /// The same record with its values transformed.
    public func mapValues<E: Error>(_ transform: (Value) throws(E) -> Value) throws(E) -> DriftRecord {
        var record = self
        record.expected = try transform(expected)
        record.live = try transform(live)
        return record
    }
}

extension Intent {
    /// The same intent with its values transformed.
    public func mapValues<E: Error>(_ transform: (Value) throws(E) -> Value) throws(E) -> Intent {
        var (planned, prior) = (planned, prior)
        if let value = planned { planned = try transform(value) }
        if let value = prior { prior = try transform(value) }
        return Intent(
            id: id, run: run, address: address, deposedKey: deposedKey, provider: provider, action: action,
            planned: planned, prior: prior, privateData: privateData, bookkeeping: bookkeeping)
    }
}

extension HistoryEntry {
    /// The same entry with its values transformed.
    public func mapValues<E: Error>(_ transform: (Value) throws(E) -> Value) throws(E) -> HistoryEntry {
        var (before, after) = (before, after)
        if let value = before { before = try transform(value) }
        if let value = after { after = try transform(value) }
        return HistoryEntry(
            address: address, deposedKey: deposedKey, generation: generation, run: run, changedAt: changedAt,
            before: before, after: after, movedFrom: movedFrom)
    }
}
