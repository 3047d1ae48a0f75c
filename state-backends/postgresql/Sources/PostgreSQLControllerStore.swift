import Dispatch
public import StateBackendAPI
import StateKeeping

/// A controller's notes in the schema of its states: shared by any number of controllers.
///
/// Nothing is connected before the first call that needs it; the first write makes the tables. Members live by the
/// database's clock.
public final class PostgreSQLControllerStore: ControllerStore {
    private let address: ServerAddress
    private let now: (@Sendable () -> Double)?
    private let writer: SessionKeeper
    private let reader: SessionKeeper
    private let watch: ControllerWatch
    private let writing: BatchThread<ControllerCall, ControllerCall.Outcome>
    private let reading = DispatchQueue(label: "plumbline.postgresql.controller-reader", qos: .userInitiated)

    /// - Parameters:
    ///   - url: as libpq understands it; nil to take all from libpq's environment variables.
    ///   - schema: of our tables; made if it is missing.
    ///   - now: the clock by which members live, in seconds since 1970; nil for the database's.
    /// - Throws: `unavailable` if the URL is none.
    public convenience init(
        url: String?, schema: String, now: (@Sendable () -> Double)? = nil
    ) throws(StateBackendError) {
        try self.init(url: url, schema: schema, now: now, settings: SessionSettings())
    }

    init(
        url: String?, schema: String, now: (@Sendable () -> Double)?, settings: SessionSettings
    ) throws(StateBackendError) {
        let address = try ServerAddress(settings: url, schema: schema)
        let writer = SessionKeeper(address, settings)
        self.address = address
        self.now = now
        self.writer = writer
        reader = SessionKeeper(address, settings)
        watch = ControllerWatch(address, settings)
        writing = BatchThread(
            label: "plumbline.postgresql.controller-writer", limit: PostgreSQLBackend.batchLimit
        ) { calls in
            let transaction = ControllerTransaction(calls, address: address, settings: settings)
            let outcomes = writer.perform { (session) throws(ServerFailure) in try transaction.attempt(on: session) }
            switch outcomes {
            case .success(let outcomes): return outcomes
            case .failure(let error): return calls.map { _ in .failure(error) }
            }
        }
    }

    public var name: String { address.name }

    public var isShared: Bool { true }

    // MARK: - Records

    public func records(of kind: String) async throws(StateBackendError) -> [ControllerRecord] {
        try await records(
            Command(
                "SELECT kind, key, version, body FROM controller_records WHERE kind = $1 ORDER BY key", [.text(kind)]))
    }

    public func record(of kind: String, key: String) async throws(StateBackendError) -> ControllerRecord? {
        try await records(
            Command(
                "SELECT kind, key, version, body FROM controller_records WHERE kind = $1 AND key = $2",
                [.text(kind), .text(key)])
        ).first
    }

    public func write(
        _ text: String, of kind: String, key: String, replacing version: Int64?
    ) async throws(StateBackendError) -> Int64? {
        let found = try await perform(.write(text: text, kind: kind, key: key, replacing: version))
        guard case .version(let version) = found else { preconditionFailure("writing a record gives its version") }
        return version
    }

    public func remove(of kind: String, key: String) async throws(StateBackendError) {
        _ = try await perform(.remove(kind: kind, key: key))
    }

    // MARK: - Logs

    public func append(_ entries: [ControllerLogEntry]) async throws(StateBackendError) {
        if !entries.isEmpty { _ = try await perform(.append(entries)) }
    }

    public func entries(
        of log: String, subject: String?, after number: Int64?, limit: Int
    ) async throws(StateBackendError) -> [ControllerLogEntry] {
        var parameters: [Parameter] = [.text(log), .integer(number ?? .min), .integer(Int64(max(0, limit)))]
        if let subject { parameters.append(.text(subject)) }
        let command = Command(
            """
            SELECT number, log, subject, time, body FROM controller_log
            WHERE log = $1 AND number > $2 \(subject == nil ? "" : "AND subject = $4")
            ORDER BY number \(number == nil ? "DESC" : "ASC") LIMIT $3
            """, parameters)
        let entries = try await read(command) { rows in
            (0..<rows.count).map { row in
                ControllerLogEntry(
                    number: rows.integer(row, 0), log: rows.text(row, 1), subject: rows.text(row, 2),
                    time: rows.double(row, 3), text: rows.text(row, 4))
            }
        }
        return number == nil ? entries.reversed() : entries
    }

    public func trim(_ log: String, keeping count: Int) async throws(StateBackendError) {
        _ = try await perform(.trim(log: log, count: count))
    }

    // MARK: - Members

    public func announce(
        _ member: ControllerMember, seconds: Double
    ) async throws(StateBackendError) -> [ControllerMember] {
        let found = try await perform(.announce(member, seconds: seconds, time: now?()))
        guard case .members(let members) = found else { preconditionFailure("announcing a member gives them all") }
        return members
    }

    public func leave(_ id: String) async throws(StateBackendError) { _ = try await perform(.leave(id: id)) }

    public func awaitChange(since count: Int64, seconds: Double) async throws(StateBackendError) -> Int64 {
        try await watch.wait(since: count, seconds: seconds)
    }

    /// Writes what waits, and ends the connections.
    public func close() async {
        await writing.finish { [writer] in writer.close() }
        await reader.close(on: reading)
        await watch.close()
    }

    private func perform(_ call: ControllerCall) async throws(StateBackendError) -> ControllerCall.Found {
        try await writing.perform(call).get()
    }

    private func records(_ command: Command) async throws(StateBackendError) -> [ControllerRecord] {
        try await read(command) { rows in
            (0..<rows.count).map { row in
                ControllerRecord(
                    kind: rows.text(row, 0), key: rows.text(row, 1), version: rows.integer(row, 2),
                    text: rows.text(row, 3))
            }
        }
    }

    private func read<Found: Sendable>(
        _ command: Command, _ understand: @escaping @Sendable (ResultRows) -> [Found]
    ) async throws(StateBackendError) -> [Found] {
        try await reader.read(on: reading, absent: []) { (connection) throws(ServerFailure) in
            understand(try connection.run([command])[0])
        }
    }
}
