public import PlumbModel

/// Where states are kept: rows changed in transactions, a journal of intents, leases with fences, and history.
///
/// One backend holds any number of stacks, by name. Reading needs no lease and sees one consistent instant; reading
/// a stack that was never written gives an empty snapshot and creates nothing.
public protocol StateBackend: Sendable {
    /// For people: `SQLite .plumb/state.db`.
    var name: String { get }

    func snapshot(of stack: String) async throws(StateBackendError) -> StateSnapshot
    /// All that is stored of a stack, history and runs included; nil for one that was never written.
    func contents(of stack: String) async throws(StateBackendError) -> StateContents?

    /// Takes the lease if it is free or expired; otherwise throws `leaseHeld` with the holder.
    func acquireLease(on stack: String, holder: String, seconds: Double) async throws(StateBackendError) -> Lease
    /// Extends a lease that is still held; throws `leaseLost` if its fence is no longer the newest.
    func renew(_ lease: Lease, seconds: Double) async throws(StateBackendError) -> Lease
    /// Gives a lease back; does nothing if somebody else has taken it meanwhile.
    func release(_ lease: Lease) async throws(StateBackendError)
    /// Who holds the stack now; nil if nobody does.
    func currentLease(on stack: String) async throws(StateBackendError) -> Lease?
    /// Returns when the stack may be free: at once if it is; else when its lease is given back, is broken or has expired,
    /// when `seconds` have passed, or when the task is cancelled. It may also return for no reason.
    func awaitRelease(of stack: String, seconds: Double) async throws(StateBackendError)
    /// Ends whatever lease there is, and raises the fence so that its holder can no longer write.
    func breakLease(on stack: String) async throws(StateBackendError)

    /// Writes all or nothing, durably, and only while the lease's fence is the newest (else `leaseLost`).
    ///
    /// Concurrent calls may share one transaction; each still succeeds or fails as if alone.
    func commit(_ writes: [StateWrite], under lease: Lease) async throws(StateBackendError)

    /// Newest first; of one address (all its keys, deposed ones too) or of all.
    func history(
        of stack: String, address: ResourceAddress?, limit: Int
    ) async throws(StateBackendError) -> [HistoryEntry]
    /// Newest first.
    func runs(of stack: String, limit: Int) async throws(StateBackendError) -> [RunRecord]
    func close() async
}

extension StateBackend {
    /// Asks four times a second: for databases that do not tell.
    public func awaitRelease(of stack: String, seconds: Double) async throws(StateBackendError) {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end, try await currentLease(on: stack) != nil {
            do {
                try await Task.sleep(for: min(.milliseconds(250), end - ContinuousClock.now))
            } catch {
                return
            }
        }
    }
}

/// One step of a transaction on a stack's state.
public enum StateWrite: Sendable {
    case beginRun(RunRecord)
    case finishRun(id: String, outcome: RunRecord.Outcome, summary: String, at: Double)
    case openIntent(Intent)
    /// Ends an intent without touching a row.
    case conclude(intent: String, Intent.Conclusion)
    /// Inserts or replaces the row of the record's address and deposed key; raises its generation; writes history.
    case put(ResourceRecord, run: String)
    /// Removes a row; writes history. A row that is not there is no error.
    case remove(ResourceAddress, deposedKey: String?, run: String)
    /// Gives the rows of an address (deposed ones too) another one, with their history; raises their generations.
    /// `failed` where a row stands there already. Rows that are not there are no error.
    case move(ResourceAddress, to: ResourceAddress, run: String)
    /// Replaces all outputs of the stack.
    case outputs([OutputRecord])
    /// Replaces all that is noted of drift.
    case drift([DriftRecord])
    /// Replaces all holds.
    case holds([HoldRecord])
    /// The revision that the stack was last applied at.
    case applied(revision: String?)
    /// Replaces all that is stored of the lease's stack, generations and lineage included: what a `contents(of:)` gave,
    /// here or elsewhere. The stack's name in it does not matter.
    case restore(StateContents)
    /// Notes that the stack's state has gone to another place, which people are told from then on.
    case markMoved(to: String)
}
