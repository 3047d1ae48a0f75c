import Dispatch
public import PlumbModel
public import StateBackendAPI
public import StateKeeping

/// States in a schema of a PostgreSQL database: for teams, and for several controllers.
///
/// Nothing is connected before the first call that needs it; the first lease taken makes the tables. One connection
/// writes and one reads, each on a thread of its own. Leases go by the database's clock.
public final class PostgreSQLBackend: StateBackend, IntegrityChecking {
    /// Calls that one transaction holds at most, so that readers see a long run's progress and locks are short.
    static let batchLimit = 500

    private let address: ServerAddress
    private let settings: SessionSettings
    private let now: (@Sendable () -> Double)?
    private let writer: SessionKeeper
    private let reader: SessionKeeper
    private let writing: BatchThread<StateCall, StateCall.Outcome>
    private let reading = DispatchQueue(label: "plumbline.postgresql.reader", qos: .userInitiated)

    /// - Parameters:
    ///   - url: as libpq understands it; nil to take all from libpq's environment variables.
    ///   - schema: of our tables; made if it is missing.
    ///   - retention: how much of the past is kept.
    ///   - now: the clock of leases and history, in seconds since 1970; nil for the database's.
    /// - Throws: `unavailable` if the URL is none.
    public convenience init(
        url: String?, schema: String, retention: Retention = Retention(), now: (@Sendable () -> Double)? = nil
    ) throws(StateBackendError) {
        try self.init(url: url, schema: schema, retention: retention, now: now, settings: SessionSettings())
    }

    init(
        url: String?, schema: String, retention: Retention, now: (@Sendable () -> Double)?, settings: SessionSettings
    ) throws(StateBackendError) {
        address = try ServerAddress(settings: url, schema: schema)
        self.now = now
        self.settings = settings
        let (writer, address) = (SessionKeeper(address, settings), address)
        self.writer = writer
        reader = SessionKeeper(address, settings)
        writing = BatchThread(label: "plumbline.postgresql.writer", limit: PostgreSQLBackend.batchLimit) { calls in
            let transaction = CommitTransaction(calls, retention: retention, address: address, settings: settings)
            let outcomes = writer.perform { (session) throws(ServerFailure) in
                try transaction.attempt(on: session)
            }
            switch outcomes {
            case .success(let outcomes): return outcomes
            case .failure(let error): return calls.map { _ in .failure(error) }
            }
        }
    }

    public var name: String { address.name }

    public func snapshot(of stack: String) async throws(StateBackendError) -> StateSnapshot {
        try await read(absent: StateSnapshot()) { (reader) throws(ServerFailure) in try reader.snapshot(of: stack) }
    }

    public func contents(of stack: String) async throws(StateBackendError) -> StateContents? {
        try await read(absent: nil) { (reader) throws(ServerFailure) in try reader.contents(of: stack) }
    }

    public func history(
        of stack: String, address: ResourceAddress?, limit: Int
    ) async throws(StateBackendError) -> [HistoryEntry] {
        try await read(absent: []) { (reader) throws(ServerFailure) in
            try reader.history(of: stack, address: address, limit: limit)
        }
    }

    public func runs(of stack: String, limit: Int) async throws(StateBackendError) -> [RunRecord] {
        try await read(absent: []) { (reader) throws(ServerFailure) in try reader.runs(of: stack, limit: limit) }
    }

    public func currentLease(on stack: String) async throws(StateBackendError) -> Lease? {
        let time = now?()
        return try await read(absent: nil) { (reader) throws(ServerFailure) in
            .success(try reader.currentLease(on: stack, time: time))
        }
    }

    public func awaitRelease(of stack: String, seconds: Double) async throws(StateBackendError) {
        let end = ContinuousClock.now + .seconds(seconds)
        let watch = LeaseWatch(keeper: SessionKeeper(address, settings, isKnown: true), stack: stack, now: now)
        let cancellation = CallCancellation()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (done: CheckedContinuation<Result<Void, StateBackendError>, Never>) in
                // A thread and a connection for itself: it may take long, and nobody is to wait behind it.
                DispatchQueue(label: "plumbline.postgresql.listener").async {
                    let result = watch.wait(until: end, cancellation)
                    watch.keeper.close()
                    done.resume(returning: result)
                }
            }
        } onCancel: {
            cancellation.cancel()
        }
        try result.get()
    }

    public func commit(_ writes: [StateWrite], under lease: Lease) async throws(StateBackendError) {
        _ = try await perform(.commit(writes, lease), on: lease.stack)
    }

    public func acquireLease(
        on stack: String, holder: String, seconds: Double
    ) async throws(StateBackendError) -> Lease {
        guard let lease = try await perform(.acquire(holder: holder, seconds: seconds), on: stack) else {
            preconditionFailure("acquiring a lease gives the lease or throws")
        }
        return lease
    }

    public func renew(_ lease: Lease, seconds: Double) async throws(StateBackendError) -> Lease {
        guard let renewed = try await perform(.renew(lease, seconds: seconds), on: lease.stack) else {
            preconditionFailure("renewing a lease gives the lease or throws")
        }
        return renewed
    }

    public func release(_ lease: Lease) async throws(StateBackendError) {
        _ = try await perform(.release(lease), on: lease.stack)
    }

    public func breakLease(on stack: String) async throws(StateBackendError) {
        _ = try await perform(.breakLease, on: stack)
    }

    public func integrityProblems() async throws(StateBackendError) -> [String] {
        try await read(absent: []) { (reader) throws(ServerFailure) in
            .success(try IntegrityCheck(connection: reader.connection).problems())
        }
    }

    /// Writes what waits, and ends the connections. Calls made later are refused.
    public func close() async {
        await writing.finish { [writer] in writer.close() }
        await reader.close(on: reading)
    }

    private func perform(_ action: StateCall.Action, on stack: String) async throws(StateBackendError) -> Lease? {
        try await writing.perform(StateCall(stack: stack, action: action, time: now?())).get()
    }

    private func read<Found: Sendable>(
        absent: Found,
        _ body: @escaping @Sendable (StateReader) throws(ServerFailure) -> Result<Found, UnreadableRow>
    ) async throws(StateBackendError) -> Found {
        let place = address.name
        return try await reader.read(on: reading, absent: absent) { (connection) throws(ServerFailure) in
            switch try body(StateReader(connection: connection)) {
            case .success(let found): return found
            case .failure(let row): throw .state(StateBackendError(row, place: place))
            }
        }
    }
}
