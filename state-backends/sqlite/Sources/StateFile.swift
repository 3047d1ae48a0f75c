import Dispatch
import GRDB
import StateBackendAPI
import Synchronization

/// The database file: where it is, whether it is ours, and the connections to it.
final class StateFile: Sendable {
    /// What tests change to provoke what a healthy disk does not do.
    struct Settings: Sendable {
        /// Seconds that a write waits for another process.
        var busySeconds = 10.0
        /// Pages that the file may have; nil for no limit.
        var pageLimit: Int?
        var migrations = Schema.migrations
    }

    private struct Connections {
        var writer: DatabaseQueue?
        var reader: DatabasePool?
        var identity: FileIdentity?
        var isClosed = false
    }

    let path: String
    let settings: Settings
    /// Threads for reading, so that no blocking call sits on Swift's own.
    let readers = DispatchQueue(label: "plumbline.sqlite.readers", qos: .userInitiated, attributes: .concurrent)
    private let connections = Mutex(Connections())

    init(path: String, settings: Settings = Settings()) {
        self.path = path
        self.settings = settings
    }

    func exists() throws -> Bool { try FileIdentity(path) != nil }

    /// The one connection that writes; creates the file and migrates it.
    func writer() throws -> DatabaseQueue {
        try connections.withLock { connections in
            try requireOpenAndInPlace(&connections)
            return try writer(&connections)
        }
    }

    /// Connections that only read; nil where nothing was ever written.
    func reader() throws -> DatabasePool? {
        try connections.withLock { connections in
            try requireOpenAndInPlace(&connections)
            if let reader = connections.reader { return reader }
            guard try exists(), let version = try storedVersion() else { return nil }
            // Only the writer migrates.
            if version < settings.migrations.count { _ = try writer(&connections) }
            let reader = try DatabasePool(path: path, configuration: readConfiguration)
            connections.reader = reader
            connections.identity = try FileIdentity(path)
            return reader
        }
    }

    func close() {
        connections.withLock { connections in
            connections.isClosed = true
            do {
                // Readers first: the last connection to close moves the log into the file, and must be able to write.
                try connections.reader?.close()
                try connections.writer?.writeWithoutTransaction { _ = try $0.checkpoint(.passive) }
                try connections.writer?.close()
            } catch {
                // The log stays beside the file, where the next opening finds it: nothing is lost.
            }
            connections.reader = nil
            connections.writer = nil
        }
    }

    /// Reads in one transaction, on a thread that may block; gives `absent` where nothing was ever written.
    func read<Found: Sendable>(
        absent: Found, _ body: @escaping @Sendable (Database) throws -> Found
    ) async throws(StateBackendError) -> Found {
        let result = await withCheckedContinuation {
            (done: CheckedContinuation<Result<Found, StateBackendError>, Never>) in
            readers.async {
                do {
                    done.resume(returning: .success(try self.reader()?.read(body) ?? absent))
                } catch {
                    done.resume(returning: .failure(self.failure(error)))
                }
            }
        }
        return try result.get()
    }

    func failure(_ error: any Error) -> StateBackendError { StateBackendError(error, path: path) }

    private func writer(_ connections: inout Connections) throws -> DatabaseQueue {
        if let writer = connections.writer { return writer }
        try FileCreation.create(path)
        let writer = try DatabaseQueue(path: path, configuration: writeConfiguration)
        connections.writer = writer
        connections.identity = try FileIdentity(path)
        return writer
    }

    /// A file that was deleted or replaced while in use would take our writes with it, silently.
    private func requireOpenAndInPlace(_ connections: inout Connections) throws {
        if connections.isClosed {
            throw StateBackendError(.unavailable, "The state \(path) has been closed: this is a defect in Plumbline.")
        }
        guard let identity = connections.identity, try FileIdentity(path) != identity else { return }
        guard connections.writer == nil else {
            throw StateBackendError(
                .unavailable,
                "The state file \(path) was deleted, moved or replaced while it was in use; nothing more is written. "
                    + "Put the right file back and run the command again.")
        }
        try connections.reader?.close()
        connections.reader = nil
        connections.identity = nil
    }

    /// Nil for a file that is still empty.
    private func storedVersion() throws -> Int? {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(settings.busySeconds)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        let version = try queue.read { try self.schema.version(of: $0) }
        try queue.close()
        return version
    }

    private var schema: Schema { Schema(path: path, migrations: settings.migrations) }

    private var readConfiguration: Configuration {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(settings.busySeconds)
        return configuration
    }

    private var writeConfiguration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(settings.busySeconds)
        // Where even undoing fails, GRDB is not to end the process: the next write tries again.
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { [path, schema, settings] database in
            _ = try schema.version(of: database)
            try StateFile.keepDurably(database, at: path)
            try schema.migrate(database)
            // SQLite takes no bound value in a pragma.
            if let limit = settings.pageLimit { try database.execute(sql: "PRAGMA max_page_count = \(limit)") }
        }
        return configuration
    }

    /// The journal and the results it stands for must survive a power cut, so each commit waits for the disk.
    private static func keepDurably(_ database: Database, at path: String) throws {
        let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
        guard mode == "wal" else {
            throw StateBackendError(
                .unavailable,
                "The state file \(path) is on a file system without shared memory, which SQLite's "
                    + "write-ahead log needs. Keep the state on a local disk.")
        }
        try database.execute(sql: "PRAGMA synchronous = FULL")
    }
}
