import GRDB
import StateBackendAPI

/// The tables of a controller: records, logs and members. One number counts all changes, and is the version of what is
/// written.
struct ControllerTables {
    private let database: Database

    init(_ database: Database) { self.database = database }

    /// How often the tables were changed.
    func changes() throws -> Int64 {
        try Int64.fetchOne(database.cachedStatement(sql: "SELECT number FROM controller_changes")) ?? 0
    }

    // MARK: - Records

    func records(of kind: String) throws -> [ControllerRecord] {
        let statement = try database.cachedStatement(
            sql: "SELECT kind, key, version, body FROM controller_records WHERE kind = ? ORDER BY key")
        return try Row.fetchAll(statement, arguments: [kind]).map(ControllerTables.record)
    }

    func record(of kind: String, key: String) throws -> ControllerRecord? {
        let statement = try database.cachedStatement(
            sql: "SELECT kind, key, version, body FROM controller_records WHERE kind = ? AND key = ?")
        return try Row.fetchOne(statement, arguments: [kind, key]).map(ControllerTables.record)
    }

    func write(_ text: String, of kind: String, key: String, replacing version: Int64?) throws -> Int64? {
        let next = try changes() + 1
        if let version {
            try database.cachedStatement(
                sql: "UPDATE controller_records SET version = ?, body = ? WHERE kind = ? AND key = ? AND version = ?"
            ).execute(arguments: [next, text, kind, key, version])
        } else {
            try database.cachedStatement(
                sql: """
                    INSERT INTO controller_records (kind, key, version, body) VALUES (?, ?, ?, ?)
                    ON CONFLICT DO NOTHING
                    """
            ).execute(arguments: [kind, key, next, text])
        }
        guard database.changesCount > 0 else { return nil }
        try countChange()
        return next
    }

    func remove(of kind: String, key: String) throws {
        try database.cachedStatement(sql: "DELETE FROM controller_records WHERE kind = ? AND key = ?")
            .execute(arguments: [kind, key])
        if database.changesCount > 0 { try countChange() }
    }

    // MARK: - Logs

    func append(_ entries: [ControllerLogEntry]) throws {
        let insert = try database.cachedStatement(
            sql: "INSERT INTO controller_log (log, subject, time, body) VALUES (?, ?, ?, ?)")
        for entry in entries {
            try insert.execute(arguments: [entry.log, entry.subject, entry.time, entry.text])
        }
        if !entries.isEmpty { try countChange() }
    }

    func entries(of log: String, subject: String?, after number: Int64?, limit: Int) throws -> [ControllerLogEntry] {
        let order = number == nil ? "DESC" : "ASC"
        let ofSubject = subject == nil ? "" : "AND subject = :subject"
        let statement = try database.cachedStatement(
            sql: """
                SELECT number, log, subject, time, body FROM controller_log
                WHERE log = :log \(ofSubject) AND number > :number ORDER BY number \(order) LIMIT :limit
                """)
        var arguments: StatementArguments = ["log": log, "number": number ?? .min, "limit": max(0, limit)]
        if let subject { arguments += ["subject": subject] }
        let found = try Row.fetchAll(statement, arguments: arguments).map {
            ControllerLogEntry(number: $0[0], log: $0[1], subject: $0[2], time: $0[3], text: $0[4])
        }
        return number == nil ? found.reversed() : found
    }

    func trim(_ log: String, keeping count: Int) throws {
        try database.cachedStatement(
            sql: """
                DELETE FROM controller_log WHERE log = ?1 AND number <= (
                    SELECT number FROM controller_log WHERE log = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)
                """
        ).execute(arguments: [log, max(0, count)])
    }

    // MARK: - Members

    func members() throws -> [ControllerMember] {
        let statement = try database.cachedStatement(
            sql: "SELECT id, name, version FROM controller_members ORDER BY id")
        return try Row.fetchAll(statement).map { ControllerMember(id: $0[0], name: $0[1], version: $0[2]) }
    }

    /// - Parameters:
    ///   - end: when its word ends, in seconds since 1970.
    func keep(_ member: ControllerMember, until end: Double) throws {
        let isNew = try !members().contains { $0.id == member.id }
        try database.cachedStatement(
            sql: """
                INSERT INTO controller_members (id, name, version, expires_at) VALUES (?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET name = excluded.name, version = excluded.version,
                    expires_at = excluded.expires_at
                """
        ).execute(arguments: [member.id, member.name, member.version, end])
        if isNew { try countChange() }
    }

    /// Forgets those whose word has ended; all but one where it is known that the others are gone.
    func forgetMembers(expiredAt now: Double?, but id: String) throws {
        try database.cachedStatement(
            sql: "DELETE FROM controller_members WHERE id <> ?1 AND (?2 IS NULL OR expires_at < ?2)"
        )
        .execute(arguments: [id, now])
        if database.changesCount > 0 { try countChange() }
    }

    func removeMember(_ id: String) throws {
        try database.cachedStatement(sql: "DELETE FROM controller_members WHERE id = ?").execute(arguments: [id])
        if database.changesCount > 0 { try countChange() }
    }

    private func countChange() throws {
        try database.cachedStatement(sql: "UPDATE controller_changes SET number = number + 1").execute()
    }

    private static func record(_ row: Row) -> ControllerRecord {
        ControllerRecord(kind: row[0], key: row[1], version: row[2], text: row[3])
    }
}
