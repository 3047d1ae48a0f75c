import StateBackendAPI

/// The tables in a schema: tells whether they are ours, and brings them up to date.
struct Layout {
    let schema: String
    /// The backend's name, for messages.
    let place: String
    let migrations: [[String]]

    /// How many migrations the schema has seen; nil while there is no schema, or nothing in it. Throws if it is not ours
    /// to use.
    func version(on connection: ServerConnection) throws(ServerFailure) -> Int? {
        let tables = try connection.run([
            Command(
                """
                SELECT count(*), count(*) FILTER (WHERE c.relname = 'plumbline_layout')
                FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
                """, [.text(schema)])
        ])[0]
        guard tables.integer(0, 0) > 0 else { return nil }
        guard tables.integer(0, 1) == 1 else {
            throw .state(
                StateBackendError(
                    .unavailable,
                    "The schema \(schema) of \(place) holds tables of another application, and is left alone. Choose "
                        + "another schema for the state."))
        }
        let found = try connection.run([Command("SELECT max(version) FROM plumbline_layout")])[0]
        let version = found.isNull(0, 0) ? 0 : Int(found.integer(0, 0))
        guard version <= migrations.count else {
            throw .state(
                StateBackendError(
                    .tooNew,
                    "The state \(place) was written by a newer version of Plumbline (its layout is \(version), this "
                        + "version knows up to \(migrations.count)). Use that version or a later one."))
        }
        return version
    }

    /// Runs the migrations that the schema has not seen, all or none; one process at a time.
    func migrate(on connection: ServerConnection) throws(ServerFailure) {
        let usual = connection.answerSeconds
        connection.answerSeconds = Layout.migrationSeconds + 5
        defer { connection.answerSeconds = usual }
        try connection.run([
            Command("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"),
            Layout.set("lock_timeout", "\(Layout.migrationSeconds)s"),
            Layout.set("statement_timeout", "\(Layout.migrationSeconds)s"),
            Command(
                "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended($1, 0))",
                [.text("plumbline layout of " + schema)]),
        ])
        // Another process may have migrated it while this one waited.
        let seen = try version(on: connection)
        var statements: [String] = []
        if seen == nil {
            if try !schemaExists(on: connection) { statements.append("CREATE SCHEMA \(quotedSchema)") }
            statements.append(
                "CREATE TABLE plumbline_layout (version bigint PRIMARY KEY, made_at timestamptz NOT NULL DEFAULT now())"
            )
        }
        for (number, migration) in migrations.enumerated().dropFirst(seen ?? 0) {
            statements += migration + ["INSERT INTO plumbline_layout (version) VALUES (\(number + 1))"]
        }
        try connection.run(statements.map { Command($0, isPrepared: false) } + [.commit])
    }

    /// As it stands in SQL.
    var quotedSchema: String { "\"" + schema.replacing("\"", with: "\"\"") + "\"" }

    private static let migrationSeconds = 120.0

    private static func set(_ name: String, _ value: String) -> Command {
        Command("SELECT pg_catalog.set_config($1, $2, true)", [.text(name), .text(value)])
    }

    /// `CREATE SCHEMA IF NOT EXISTS` asks for the right to create one even where it exists.
    private func schemaExists(on connection: ServerConnection) throws(ServerFailure) -> Bool {
        try connection.run([
            Command("SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname = $1", [.text(schema)])
        ])[0].integer(0, 0) > 0
    }
}
