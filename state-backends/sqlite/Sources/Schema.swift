import GRDB
import StateBackendAPI

/// The layout of the database: tells whether a file is ours, and brings it up to date.
struct Schema: Sendable {
    /// "PLMB": marks the file as ours (`PRAGMA application_id`).
    static let applicationID = 0x504C_4D42

    let path: String
    let migrations: [String]

    /// How many migrations the file has seen; nil for one that is still empty. Throws if it is not ours to read.
    func version(of database: Database) throws -> Int? {
        guard !database.isInsideTransaction else { return try versionAtThisInstant(database) }
        // What is read below belongs together, while another process may be making the file.
        var version: Int?
        try database.inTransaction(.deferred) {
            version = try versionAtThisInstant(database)
            return .commit
        }
        return version
    }

    private func versionAtThisInstant(_ database: Database) throws -> Int? {
        let application = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        if application == 0, version == 0, try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0 {
            return nil
        }
        guard application == Schema.applicationID else {
            throw StateBackendError(
                .unavailable,
                "\(path) is a database of another application (its id is \(application)), and is left alone. "
                    + "Choose another path for the state.")
        }
        guard version <= migrations.count else {
            throw StateBackendError(
                .tooNew,
                "The state file \(path) was written by a newer version of Plumbline (its layout is \(version), this "
                    + "version knows up to \(migrations.count)). Use that version or a later one.")
        }
        return version
    }

    /// Runs the migrations that the file has not seen, all or none.
    func migrate(_ database: Database) throws {
        guard try version(of: database) != migrations.count else { return }
        try database.inTransaction(.immediate) {
            // Another process may have migrated it while this one waited.
            let seen = try version(of: database) ?? 0
            for migration in migrations.dropFirst(seen) { try database.execute(sql: migration) }
            try database.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
            try database.execute(sql: "PRAGMA user_version = \(migrations.count)")
            return .commit
        }
    }
}
