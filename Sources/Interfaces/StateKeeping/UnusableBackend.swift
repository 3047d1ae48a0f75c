public import PlumbModel
public import StateBackendAPI

/// Stands for a backend whose configuration cannot be used: every call says why.
public struct UnusableBackend: StateBackend {
    public let name: String
    private let reason: StateBackendError

    public init(name: String, _ reason: StateBackendError) {
        self.name = name
        self.reason = reason
    }

    public func snapshot(of stack: String) async throws(StateBackendError) -> StateSnapshot { throw reason }
    public func contents(of stack: String) async throws(StateBackendError) -> StateContents? { throw reason }
    public func acquireLease(on stack: String, holder: String, seconds: Double) async throws(StateBackendError) -> Lease
    {
        throw reason
    }
    public func renew(_ lease: Lease, seconds: Double) async throws(StateBackendError) -> Lease { throw reason }
    public func release(_ lease: Lease) async throws(StateBackendError) { throw reason }
    public func currentLease(on stack: String) async throws(StateBackendError) -> Lease? { throw reason }
    public func breakLease(on stack: String) async throws(StateBackendError) { throw reason }
    public func commit(_ writes: [StateWrite], under lease: Lease) async throws(StateBackendError) { throw reason }
    public func history(
        of stack: String, address: ResourceAddress?, limit: Int
    ) async throws(StateBackendError) -> [HistoryEntry] { throw reason }
    public func runs(of stack: String, limit: Int) async throws(StateBackendError) -> [RunRecord] { throw reason }
    public func close() async {}
}
