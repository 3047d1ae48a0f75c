import StateBackendAPI

/// What tests change to provoke what a healthy server does not do.
struct SessionSettings: Sendable {
    var connectSeconds = 10.0
    /// How long a server that was there may be away, while it is restarted, before calls fail.
    var patienceSeconds = 20.0
    var statementSeconds = 30.0
    /// Seconds that a statement waits for another transaction.
    var lockSeconds = 10.0
    /// How often a transaction that met another one is begun anew.
    var conflictLimit = 20
    var isolation = "READ COMMITTED"
    var migrations = Layout.migrations
    /// Called in the middle of a commit, at its named step.
    var reached: @Sendable (CommitStep) throws(ServerFailure) -> Void = { (_) throws(ServerFailure) in }
}

/// A step of a commit at which tests step in.
enum CommitStep: Sendable {
    case beforeCommit, afterCommit
}

/// A connection that is set up for our tables: settings, search path, layout.
final class StateSession {
    let connection: ServerConnection
    private let layout: Layout
    private(set) var hasLayout = false

    init(
        _ address: ServerAddress, _ settings: SessionSettings, _ cancellation: CallCancellation
    ) throws(ServerFailure) {
        connection = try ServerConnection(
            address, connectSeconds: settings.connectSeconds, answerSeconds: settings.statementSeconds + 10,
            cancellation: cancellation)
        layout = Layout(schema: address.schema, place: address.name, migrations: settings.migrations)
        try StateSession.requireUsable(connection, address)
        try setUp(settings)
    }

    /// Whether there are tables of ours, brought up to date.
    func isPresent() throws(ServerFailure) -> Bool {
        if hasLayout { return true }
        guard let version = try layout.version(on: connection) else { return false }
        if version < layout.migrations.count { try layout.migrate(on: connection) }
        hasLayout = true
        return true
    }

    /// Makes the tables where there are none.
    func create() throws(ServerFailure) {
        if try isPresent() { return }
        try layout.migrate(on: connection)
        hasLayout = true
    }

    /// Undoes what a failure has left open.
    func rollBack() throws(ServerFailure) {
        if connection.isInTransaction { try connection.run([.rollback]) }
    }

    private static func requireUsable(
        _ connection: ServerConnection, _ address: ServerAddress
    ) throws(ServerFailure) {
        guard connection.serverVersion >= 130_000 else {
            throw .state(
                StateBackendError(
                    .unavailable,
                    "The server of the state \(address.name) is PostgreSQL \(connection.serverVersion / 10_000). "
                        + "PostgreSQL 13 or newer is needed."))
        }
        let encoding = connection.setting("server_encoding") ?? ""
        guard encoding == "UTF8" else {
            throw .state(
                StateBackendError(
                    .unavailable,
                    "The database of the state \(address.name) is encoded in \(encoding), which cannot hold every text. "
                        + "Make one with `CREATE DATABASE ... ENCODING 'UTF8'`."))
        }
    }

    private func setUp(_ settings: SessionSettings) throws(ServerFailure) {
        let values = [
            ("search_path", layout.quotedSchema), ("statement_timeout", "\(settings.statementSeconds)s"),
            ("lock_timeout", "\(settings.lockSeconds)s"), ("idle_in_transaction_session_timeout", "60s"),
            // Planning our small statements costs more than it could save.
            ("jit", "off"),
        ]
        try connection.run(
            values.map {
                Command("SELECT pg_catalog.set_config($1, $2, false)", [.text($0.0), .text($0.1)])
            } + [
                // A commit that has returned must outlive the server. Stricter settings stay as they are.
                Command(
                    """
                    SELECT CASE current_setting('synchronous_commit') WHEN 'off'
                        THEN set_config('synchronous_commit', 'on', false) END
                    """)
            ])
    }
}
