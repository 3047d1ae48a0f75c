internal import PlumbModel
internal import StateBackendAPI

/// The recorded state of a stack as a stranger's plan sees it: read without its key, so that what is secret in it is
/// unknown, and never written.
struct WithheldState: StateBackend {
    /// Nil where nobody vouches for a stack of this place: then nothing is recorded.
    private let state: SealingBackend?

    init(_ state: SealingBackend?) { self.state = state }

    var name: String { state?.name ?? "no state" }

    func snapshot(of stack: String) async throws(StateBackendError) -> StateSnapshot {
        guard let state else { return StateSnapshot() }
        var snapshot = try await state.base.snapshot(of: stack)
        if let place = snapshot.movedTo { throw SealingBackend.moved(stack, from: name, to: place) }
        for index in snapshot.resources.indices {
            snapshot.resources[index].values = snapshot.resources[index].values.withheld
            // Notes of providers, which nobody asks here.
            snapshot.resources[index].privateData = nil
        }
        snapshot.outputs = snapshot.outputs.map { OutputRecord(name: $0.name, value: $0.value.withheld) }
        // What became of them only a provider can tell.
        snapshot.openIntents = []
        snapshot.drift = []
        return snapshot
    }

    func currentLease(on stack: String) async throws(StateBackendError) -> Lease? {
        try await state?.base.currentLease(on: stack)
    }

    func close() async { await state?.close() }

    // MARK: - What a plan has no use for

    func contents(of stack: String) async throws(StateBackendError) -> StateContents? { throw Self.refusal }
    func commit(_ writes: [StateWrite], under lease: Lease) async throws(StateBackendError) { throw Self.refusal }
    func renew(_ lease: Lease, seconds: Double) async throws(StateBackendError) -> Lease { throw Self.refusal }
    func release(_ lease: Lease) async throws(StateBackendError) { throw Self.refusal }
    func breakLease(on stack: String) async throws(StateBackendError) { throw Self.refusal }
    func runs(of stack: String, limit: Int) async throws(StateBackendError) -> [RunRecord] { throw Self.refusal }

    func acquireLease(on stack: String, holder: String, seconds: Double) async throws(StateBackendError) -> Lease {
        throw Self.refusal
    }

    func history(
        of stack: String, address: ResourceAddress?, limit: Int
    ) async throws(StateBackendError) -> [HistoryEntry] {
        throw Self.refusal
    }

    private static var refusal: StateBackendError {
        StateBackendError(
            .failed,
            "Nobody vouches for whoever has written these specs, so that they are planned and nothing else: the state is not "
                + "written. A maintainer plans and applies this stack.")
    }
}

extension Value {
    /// The value as it was stored, with an unknown in the place of each secret.
    fileprivate var withheld: Value {
        if isSensitive { return Value.unknown().sensitive() }
        switch kind {
        case .list(let elements, let sequencing) where containsSensitive:
            return Value(.list(elements.map(\.withheld), sequencing))
        case .map(let map, let mapping) where containsSensitive:
            return Value(.map(map.mapValues(\.withheld), mapping))
        default: return self
        }
    }
}
