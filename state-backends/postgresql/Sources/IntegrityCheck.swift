/// Looks for damage without the rights of a superuser: reads every row whole, by the tables and by their indexes.
struct IntegrityCheck {
    let connection: ServerConnection

    /// A table, and the columns of an index that has all its rows.
    private static let tables = [
        ("stacks", "name"), ("resources", "stack, address, deposed_key"), ("resource_history", "stack, address, id"),
        ("runs", "stack, number"), ("intents", "id"), ("outputs", "stack, name"), ("leases", "stack"),
        ("drift", "stack, address, path"), ("holds", "stack, address"),
    ]

    /// A sentence for each problem. What the server itself finds damaged, it refuses to read: that is thrown.
    func problems() throws(ServerFailure) -> [String] {
        let usual = connection.answerSeconds
        connection.answerSeconds = max(usual, 610)
        defer { connection.answerSeconds = usual }
        let counts = Self.tables.flatMap { table, columns in
            [
                Self.planning(indexes: false),
                // The text of a row has every column in it, those stored apart too.
                Command("SELECT count(*), sum(length(t::text)) FROM \(table) AS t", isPrepared: false),
                Self.planning(indexes: true),
                Command(
                    "SELECT count(*) FROM (SELECT \(columns) FROM \(table) ORDER BY \(columns)) AS t", isPrepared: false
                ),
            ]
        }
        let relations = Self.relations.map { Command($0.sql, isPrepared: false) }
        let start = [
            StateReader.beginReading, Command("SELECT set_config('statement_timeout', '600s', true)"),
        ]
        let rows = try connection.run(start + counts + [Self.planning(indexes: false)] + relations + [.commit])
        var problems: [String] = []
        for (number, (table, _)) in Self.tables.enumerated() {
            let (here, indexed) = (rows[start.count + number * 4 + 1], rows[start.count + number * 4 + 3])
            if here.integer(0, 0) != indexed.integer(0, 0) {
                problems.append(
                    "The table \(table) has \(here.integer(0, 0)) rows, and its index \(indexed.integer(0, 0)); "
                        + "`REINDEX TABLE \(table)` makes a new one.")
            }
        }
        let found = rows.dropFirst(start.count + counts.count + 1)
        for (relation, row) in zip(Self.relations, found) where row.integer(0, 0) > 0 {
            problems.append("\(row.integer(0, 0)) \(relation.wrong)")
        }
        return problems
    }

    /// What must hold between rows, as what counts those for which it does not.
    private static let relations: [(sql: String, wrong: String)] =
        ["resources", "resource_history", "runs", "intents", "outputs", "drift", "holds"].map { table in
            (
                "SELECT count(*) FROM \(table) WHERE stack NOT IN (SELECT id FROM stacks)",
                "rows of the table \(table) belong to a stack that is not there."
            )
        } + [
            (
                """
                SELECT count(*) FROM intents i JOIN stacks s ON s.id = i.stack LEFT JOIN leases l ON l.stack = s.name
                WHERE i.fence > coalesce(l.fence, 0)
                """, "intents were written under a fence that was never given out."
            )
        ]

    private static func planning(indexes: Bool) -> Command {
        let (on, off) = indexes ? ("on", "off") : ("off", "on")
        return Command(
            """
            SELECT set_config('enable_indexonlyscan', '\(on)', true), set_config('enable_indexscan', '\(on)', true),
                set_config('enable_bitmapscan', '\(on)', true), set_config('enable_seqscan', '\(off)', true)
            """)
    }
}
