import GRDB
public import PlumbModel
public import StateBackendAPI
public import StateKeeping

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// States in one SQLite file: the default backend, for one machine.
///
/// The file is opened at the first call that needs it and created by the first lease taken; reading where no file is
/// gives empty results and creates nothing.
public final class SQLiteBackend: StateBackend, IntegrityChecking, LeaseRemembering {
    let file: StateFile
    let commits: GroupCommit
    private let retention: Retention
    private let now: @Sendable () -> Double

    /// - Parameters:
    ///   - path: of the database file; folders that are missing are made with it.
    ///   - retention: how much of the past is kept.
    ///   - now: the clock of leases and history, in seconds since 1970.
    public convenience init(
        path: String, retention: Retention = Retention(),
        now: @escaping @Sendable () -> Double = systemTime
    ) {
        self.init(file: StateFile(path: path), retention: retention, now: now)
    }

    init(file: StateFile, retention: Retention, now: @escaping @Sendable () -> Double) {
        self.file = file
        self.commits = GroupCommit(file)
        self.retention = retention
        self.now = now
    }

    /// Seconds since 1970 by the machine's clock.
    @Sendable public static func systemTime() -> Double { Date().timeIntervalSince1970 }

    public var name: String { "SQLite \(file.path)" }

    public func snapshot(of stack: String) async throws(StateBackendError) -> StateSnapshot {
        try await file.read(absent: StateSnapshot()) { try StateReader($0).snapshot(of: stack) }
    }

    public func contents(of stack: String) async throws(StateBackendError) -> StateContents? {
        try await file.read(absent: nil) { try StateReader($0).contents(of: stack) }
    }

    public func history(
        of stack: String, address: ResourceAddress?, limit: Int
    ) async throws(StateBackendError) -> [HistoryEntry] {
        try await file.read(absent: []) { try StateReader($0).history(of: stack, address: address, limit: limit) }
    }

    public func runs(of stack: String, limit: Int) async throws(StateBackendError) -> [RunRecord] {
        try await file.read(absent: []) { try StateReader($0).runs(of: stack, limit: limit) }
    }

    public func currentLease(on stack: String) async throws(StateBackendError) -> Lease? {
        let now = now()
        return try await file.read(absent: nil) { try LeaseTable($0).current(on: stack, now: now) }
    }

    public func unreturnedLease(on stack: String) async throws(StateBackendError) -> Lease? {
        try await file.read(absent: nil) { try LeaseTable($0).unreturned(on: stack) }
    }

    public func commit(_ writes: [StateWrite], under lease: Lease) async throws(StateBackendError) {
        let (now, retention) = (now(), retention)
        try await commits.perform(absent: .failure(LeaseEntry.unknown(lease))) { database in
            try LeaseTable(database).requireNewest(lease)
            var writer = try StateWriter(database, under: lease, now: now, retention: retention)
            try writer.write(writes)
        }
    }

    public func acquireLease(
        on stack: String, holder: String, seconds: Double
    ) async throws(StateBackendError) -> Lease {
        let now = now()
        return try await commits.perform { database in
            try LeaseTable(database).acquire(on: stack, holder: holder, now: now, seconds: seconds)
        }
    }

    public func renew(_ lease: Lease, seconds: Double) async throws(StateBackendError) -> Lease {
        let now = now()
        return try await commits.perform(absent: .failure(LeaseEntry.unknown(lease))) { database in
            try LeaseTable(database).renew(lease, until: now + seconds)
        }
    }

    public func release(_ lease: Lease) async throws(StateBackendError) {
        try await commits.perform(absent: .success(())) { try LeaseTable($0).release(lease) }
    }

    public func breakLease(on stack: String) async throws(StateBackendError) {
        try await commits.perform(absent: .success(())) { try LeaseTable($0).breakLease(on: stack) }
    }

    public func integrityProblems() async throws(StateBackendError) -> [String] {
        try await file.read(absent: []) { database in
            let damage = try String.fetchAll(database, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
            let dangling = try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").map { row in
                "A row of the table \(row[0] as String) belongs to a stack that is not there."
            }
            return damage.map { "SQLite's integrity check says: \($0)." } + dangling
        }
    }

    /// Writes what waits, moves the write-ahead log into the file, and closes it. Calls made later are refused.
    public func close() async {
        await commits.close()
    }
}
