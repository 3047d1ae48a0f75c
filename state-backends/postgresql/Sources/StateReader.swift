import PlumbModel
import StateKeeping

/// Reads one stack's state at one instant, in one round trip.
struct StateReader {
    let connection: ServerConnection

    func snapshot(of stack: String) throws(ServerFailure) -> Result<StateSnapshot, UnreadableRow> {
        let name = [Parameter.text(stack)]
        let rows = try connection.run([
            Command("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
            Command("SELECT lineage, generation FROM stacks WHERE name = $1", name),
            Command(
                """
                SELECT address, deposed_key, provider, recorded, private_data, dependencies, status,
                    is_protected, creates_before_destroy, r.generation
                FROM resources r JOIN stacks s ON s.id = r.stack WHERE s.name = $1
                """, name),
            Command(
                "SELECT o.name, value FROM outputs o JOIN stacks s ON s.id = o.stack WHERE s.name = $1 ORDER BY o.name COLLATE \"C\"",
                name),
            Command(
                """
                SELECT i.id, run, address, deposed_key, provider, action, planned, prior, private_data, dependencies,
                    is_protected, creates_before_destroy
                FROM intents i JOIN stacks s ON s.id = i.stack
                WHERE s.name = $1 AND conclusion IS NULL ORDER BY number
                """, name),
            .commit,
        ])
        guard rows[1].count > 0 else { return .success(StateSnapshot()) }
        return understanding { () throws(UnreadableRow) in
            StateSnapshot(
                lineage: rows[1].text(0, 0), generation: rows[1].integer(0, 1),
                resources: try resources(rows[2]), outputs: try outputs(rows[3]), openIntents: try intents(rows[4]))
        }
    }

    func history(
        of stack: String, address: ResourceAddress?, limit: Int
    ) throws(ServerFailure) -> Result<[HistoryEntry], UnreadableRow> {
        let columns = """
            SELECT address, deposed_key, h.generation, run, changed_at, before, after, moved_from
            FROM resource_history h JOIN stacks s ON s.id = h.stack WHERE s.name = $1
            """
        var parameters: [Parameter] = [.text(stack), .integer(Int64(max(0, limit)))]
        var condition = ""
        if let address {
            // An address without a key stands for its instances too: "a.b" for "a.b[0]" ("\" comes after "[").
            let text = address.description
            let hasKey = address.key != nil
            parameters += [.text(text), .text(hasKey ? text : text + "["), .text(hasKey ? text : text + "\\")]
            condition = "AND (address = $3 OR (address >= $4 AND address < $5))"
        }
        let rows = try connection.run([
            Command("\(columns) \(condition) ORDER BY h.id DESC LIMIT $2", parameters)
        ])[0]
        return understanding { () throws(UnreadableRow) in
            try collect(rows, "resource_history") { (row, cells) throws(UnreadableRow) in
                HistoryEntry(
                    address: try cells.address(0), deposedKey: cells.deposedKey(1), generation: rows.integer(row, 2),
                    run: rows.optionalText(row, 3), changedAt: rows.double(row, 4),
                    before: try cells.optionalValue(5), after: try cells.optionalValue(6),
                    movedFrom: try cells.optionalAddress(7))
            }
        }
    }

    func runs(of stack: String, limit: Int) throws(ServerFailure) -> Result<[RunRecord], UnreadableRow> {
        let rows = try connection.run([
            Command(
                """
                SELECT r.id, kind, started_by, r.revision, actor, started_at, finished_at, outcome, summary
                FROM runs r JOIN stacks s ON s.id = r.stack WHERE s.name = $1 ORDER BY number DESC LIMIT $2
                """, [.text(stack), .integer(Int64(max(0, limit)))])
        ])[0]
        return understanding { () throws(UnreadableRow) in
            try collect(rows, "runs") { (row, cells) throws(UnreadableRow) in
                RunRecord(
                    id: rows.text(row, 0), kind: rows.text(row, 1), trigger: rows.text(row, 2),
                    revision: rows.optionalText(row, 3), actor: rows.text(row, 4), startedAt: rows.double(row, 5),
                    finishedAt: rows.optionalDouble(row, 6), outcome: try cells.word(7),
                    summary: rows.optionalText(row, 8))
            }
        }
    }

    /// - Parameter time: seconds since 1970; nil for the database's clock.
    func currentLease(on stack: String, time: Double?) throws(ServerFailure) -> Lease? {
        let row = try connection.run([
            Command(
                """
                SELECT fence, holder, acquired_at, expires_at, extract(epoch FROM clock_timestamp())::double precision
                FROM leases WHERE stack = $1
                """, [.text(stack)])
        ])[0]
        guard row.count > 0 else { return nil }
        return LeaseEntry(
            stack: stack, fence: row.integer(0, 0), holder: row.optionalText(0, 1), acquiredAt: row.double(0, 2),
            expiresAt: row.double(0, 3)
        ).lease(now: time ?? row.double(0, 4))
    }

    private func resources(_ rows: ResultRows) throws(UnreadableRow) -> [ResourceRecord] {
        // Rows of one type share the text of its name: there are thousands of rows and a handful of types.
        var types: [String: String] = [:]
        return try collect(rows, "resources") { (row, cells) throws(UnreadableRow) in
            var address = try cells.address(0)
            if let known = types[address.type] { address.type = known } else { types[address.type] = address.type }
            return ResourceRecord(
                address: address, deposedKey: cells.deposedKey(1), provider: rows.text(row, 2),
                values: try cells.value(3), privateData: cells.privateData(4),
                bookkeeping: Bookkeeping(
                    dependencies: try cells.dependencies(5), isProtected: rows.bool(row, 7),
                    createsBeforeDestroy: rows.bool(row, 8)),
                status: try cells.word(6), generation: rows.integer(row, 9))
        }
    }

    private func outputs(_ rows: ResultRows) throws(UnreadableRow) -> [OutputRecord] {
        try collect(rows, "outputs") { (row, cells) throws(UnreadableRow) in
            OutputRecord(name: rows.text(row, 0), value: try cells.value(1))
        }
    }

    private func intents(_ rows: ResultRows) throws(UnreadableRow) -> [Intent] {
        try collect(rows, "intents") { (row, cells) throws(UnreadableRow) in
            Intent(
                id: rows.text(row, 0), run: rows.text(row, 1), address: try cells.address(2),
                deposedKey: cells.deposedKey(3), provider: rows.text(row, 4), action: try cells.word(5),
                planned: try cells.optionalValue(6), prior: try cells.optionalValue(7),
                privateData: cells.privateData(8),
                bookkeeping: Bookkeeping(
                    dependencies: try cells.dependencies(9), isProtected: rows.bool(row, 10),
                    createsBeforeDestroy: rows.bool(row, 11)))
        }
    }

    private func collect<Element>(
        _ rows: ResultRows, _ table: String,
        _ read: (Int, ResultRow) throws(UnreadableRow) -> Element
    ) throws(UnreadableRow) -> [Element] {
        var elements: [Element] = []
        elements.reserveCapacity(rows.count)
        for row in 0..<rows.count { elements.append(try read(row, ResultRow(rows: rows, row: row, table: table))) }
        return elements
    }

    private func understanding<Found>(
        _ body: () throws(UnreadableRow) -> Found
    ) -> Result<Found, UnreadableRow> {
        do throws(UnreadableRow) {
            return .success(try body())
        } catch {
            return .failure(error)
        }
    }
}
