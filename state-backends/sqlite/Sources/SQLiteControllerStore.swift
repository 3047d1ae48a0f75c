import Dispatch
import GRDB
public import StateBackendAPI
import StateKeeping

/// A controller's notes in the SQLite file of its states: for one controller.
///
/// The file is created by the first write; reading where no file is gives nothing.
public final class SQLiteControllerStore: ControllerStore {
    /// Seconds after which it is seen that another process has written.
    private static let lookSeconds = 0.5

    private let file: StateFile
    private let commits: GroupCommit
    private let lock: ControllerLock
    private let ownChanges = ChangeCount()
    private let now: @Sendable () -> Double

    /// - Parameters:
    ///   - path: of the database file; folders that are missing are made with it.
    ///   - now: the clock by which members live, in seconds since 1970.
    public init(path: String, now: @escaping @Sendable () -> Double = SQLiteBackend.systemTime) {
        file = StateFile(path: path)
        commits = GroupCommit(file)
        lock = ControllerLock(besides: path)
        self.now = now
    }

    public var name: String { "SQLite \(file.path)" }

    public var isShared: Bool { false }

    public func records(of kind: String) async throws(StateBackendError) -> [ControllerRecord] {
        try await file.read(absent: []) { try ControllerTables($0).records(of: kind) }
    }

    public func record(of kind: String, key: String) async throws(StateBackendError) -> ControllerRecord? {
        try await file.read(absent: nil) { try ControllerTables($0).record(of: kind, key: key) }
    }

    public func write(
        _ text: String, of kind: String, key: String, replacing version: Int64?
    ) async throws(StateBackendError) -> Int64? {
        defer { ownChanges.raise() }
        return try await commits.perform { database in
            try ControllerTables(database).write(text, of: kind, key: key, replacing: version)
        }
    }

    public func remove(of kind: String, key: String) async throws(StateBackendError) {
        defer { ownChanges.raise() }
        try await commits.perform(absent: .success(())) { try ControllerTables($0).remove(of: kind, key: key) }
    }

    public func append(_ entries: [ControllerLogEntry]) async throws(StateBackendError) {
        defer { ownChanges.raise() }
        try await commits.perform { try ControllerTables($0).append(entries) }
    }

    public func entries(
        of log: String, subject: String?, after number: Int64?, limit: Int
    ) async throws(StateBackendError) -> [ControllerLogEntry] {
        try await file.read(absent: []) {
            try ControllerTables($0).entries(of: log, subject: subject, after: number, limit: limit)
        }
    }

    public func trim(_ log: String, keeping count: Int) async throws(StateBackendError) {
        try await commits.perform(absent: .success(())) { try ControllerTables($0).trim(log, keeping: count) }
    }

    public func announce(
        _ member: ControllerMember, seconds: Double
    ) async throws(StateBackendError) -> [ControllerMember] {
        let (now, lock, name) = (now(), lock, name)
        defer { ownChanges.raise() }
        return try await commits.perform { database in
            let tables = ControllerTables(database)
            let holder = try lock.take()
            switch holder {
            case .thisStore: try tables.forgetMembers(expiredAt: nil, but: member.id)
            case .unknown: try tables.forgetMembers(expiredAt: now, but: member.id)
            case .anotherController: break
            }
            let others = try tables.members().filter { $0.id != member.id }
            guard others.isEmpty, holder != .anotherController else {
                throw SQLiteControllerStore.held(name, by: others)
            }
            try tables.keep(member, until: now + seconds)
            return [member]
        }
    }

    public func leave(_ id: String) async throws(StateBackendError) {
        defer { ownChanges.raise() }
        let isFree = try await commits.perform(absent: .success(true)) { database in
            let tables = ControllerTables(database)
            try tables.removeMember(id)
            return try tables.members().isEmpty
        }
        if isFree { lock.release() }
    }

    public func awaitChange(since count: Int64, seconds: Double) async throws(StateBackendError) -> Int64 {
        let end = ContinuousClock.now + .seconds(min(max(0, seconds), 86_400))
        while true {
            let own = ownChanges.count
            // Never 0: that is what nobody has seen yet.
            let found = try await file.read(absent: 0) { try ControllerTables($0).changes() } + 1
            let left = end - ContinuousClock.now
            if found != count || left <= .zero || Task.isCancelled { return found }
            _ = await ownChanges.wait(since: own, seconds: min(Self.lookSeconds, left / .seconds(1)))
        }
    }

    /// Writes what waits, closes the file, and lets another controller start.
    public func close() async {
        await commits.close()
        lock.release()
        ownChanges.raise()
    }

    private static func held(_ name: String, by others: [ControllerMember]) -> StateBackendError {
        let who = others.map { "\($0.name) (Plumbline \($0.version))" }.joined(separator: ", ")
        return StateBackendError(
            .leaseHeld,
            "A controller works with \(name) already: \(who.isEmpty ? "one that has not said its name yet" : who). A "
                + "SQLite file is for one controller: end that one first, or keep the state in PostgreSQL, which several "
                + "controllers share.")
    }
}
