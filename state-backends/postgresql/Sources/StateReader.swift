import PlumbModel
import StateKeeping

/// Reads one stack's state at one instant, in one round trip.
struct StateReader {
    let connection: ServerConnection

    func snapshot(of stack: String) throws(ServerFailure) -> Result<StateSnapshot, UnreadableRow> {
        let rows = try connection.run(
            [StateReader.beginReading] + StateReader.snapshotCommands(of: stack) + [.commit])
        return understanding { () throws(UnreadableRow) in try snapshot(rows[1...6]) }
    }

    func contents(of stack: String) throws(ServerFailure) -> Result<StateContents?, UnreadableRow> {
        let commands =
            [
                StateReader.beginReading, ServerConnection.patientStatements,
                StateReader.historyCommand(of: stack, address: nil, limit: nil),
                StateReader.runsCommand(of: stack, limit: nil),
            ] + StateReader.snapshotCommands(of: stack) + [.commit]
        let rows = try connection.patiently { (connection) throws(ServerFailure) in try connection.run(commands) }
        return understanding { () throws(UnreadableRow) in
            let snapshot = try snapshot(rows[4...9])
            guard let lineage = snapshot.lineage else { return nil }
            return StateContents(
                stack: stack, lineage: lineage, generation: snapshot.generation,
                revision: rows[4].optionalText(0, 3), movedTo: snapshot.movedTo, resources: snapshot.resources,
                outputs: snapshot.outputs, openIntents: snapshot.openIntents,
                history: try history(rows[2]).reversed(), runs: try runs(rows[3]).reversed(), drift: snapshot.drift,
                holds: snapshot.holds)
        }
    }

    func history(
        of stack: String, address: ResourceAddress?, limit: Int
    ) throws(ServerFailure) -> Result<[HistoryEntry], UnreadableRow> {
        let rows = try connection.run([StateReader.historyCommand(of: stack, address: address, limit: limit)])[0]
        return understanding { () throws(UnreadableRow) in try history(rows) }
    }

    func runs(of stack: String, limit: Int) throws(ServerFailure) -> Result<[RunRecord], UnreadableRow> {
        let rows = try connection.run([StateReader.runsCommand(of: stack, limit: limit)])[0]
        return understanding { () throws(UnreadableRow) in try runs(rows) }
    }

    /// - Parameter time: seconds since 1970; nil for the database's clock.
    func currentLease(on stack: String, time: Double?) throws(ServerFailure) -> Lease? {
        guard let (entry, now) = try leaseEntry(of: stack, time: time) else { return nil }
        return entry.lease(now: now)
    }

    /// How long the lease lasts if nobody renews it; nil on a stack that is free.
    func secondsOfLease(on stack: String, time: Double?) throws(ServerFailure) -> Double? {
        guard let (entry, now) = try leaseEntry(of: stack, time: time), entry.lease(now: now) != nil else { return nil }
        return entry.expiresAt - now
    }

    private func leaseEntry(of stack: String, time: Double?) throws(ServerFailure) -> (LeaseEntry, now: Double)? {
        let row = try connection.run([
            Command(
                """
                SELECT fence, holder, acquired_at, expires_at, extract(epoch FROM clock_timestamp())::double precision
                FROM leases WHERE stack = $1
                """, [.text(stack)])
        ])[0]
        guard row.count > 0 else { return nil }
        let entry = LeaseEntry(
            stack: stack, fence: row.integer(0, 0), holder: row.optionalText(0, 1), acquiredAt: row.double(0, 2),
            expiresAt: row.double(0, 3))
        return (entry, time ?? row.double(0, 4))
    }

    // MARK: - From rows to nouns

    /// Of the answers to `snapshotCommands`.
    private func snapshot(_ rows: ArraySlice<ResultRows>) throws(UnreadableRow) -> StateSnapshot {
        let rows = Array(rows)
        guard rows[0].count > 0 else { return StateSnapshot() }
        return StateSnapshot(
            lineage: rows[0].text(0, 0), generation: rows[0].integer(0, 1), resources: try resources(rows[1]),
            outputs: try outputs(rows[2]), openIntents: try intents(rows[3]), drift: try drift(rows[4]),
            holds: holds(rows[5]), movedTo: rows[0].optionalText(0, 2))
    }

    private func history(_ rows: ResultRows) throws(UnreadableRow) -> [HistoryEntry] {
        try collect(rows, "resource_history") { (row, cells) throws(UnreadableRow) in
            HistoryEntry(
                address: try cells.address(0), deposedKey: cells.deposedKey(1), generation: rows.integer(row, 2),
                run: rows.optionalText(row, 3), changedAt: rows.double(row, 4),
                before: try cells.optionalValue(5), after: try cells.optionalValue(6),
                movedFrom: try cells.optionalAddress(7))
        }
    }

    private func runs(_ rows: ResultRows) throws(UnreadableRow) -> [RunRecord] {
        try collect(rows, "runs") { (row, cells) throws(UnreadableRow) in
            RunRecord(
                id: rows.text(row, 0), kind: rows.text(row, 1), trigger: rows.text(row, 2),
                revision: rows.optionalText(row, 3), actor: rows.text(row, 4), startedAt: rows.double(row, 5),
                finishedAt: rows.optionalDouble(row, 6), outcome: try cells.word(7),
                summary: rows.optionalText(row, 8))
        }
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

    private func drift(_ rows: ResultRows) throws(UnreadableRow) -> [DriftRecord] {
        try collect(rows, "drift") { (row, cells) throws(UnreadableRow) in
            DriftRecord(
                address: try cells.address(0), path: try cells.path(1), fingerprint: rows.text(row, 2),
                expected: try cells.value(3), live: try cells.value(4), firstSeen: rows.double(row, 5),
                lastSeen: rows.double(row, 6), occurrences: Int(rows.integer(row, 7)), status: try cells.word(8),
                heals: Int(rows.integer(row, 9)), acknowledgedUntil: rows.optionalDouble(row, 10),
                reason: rows.optionalText(row, 11), actor: rows.optionalText(row, 12),
                writer: rows.optionalText(row, 13).map { DriftAuthor($0, at: rows.optionalDouble(row, 14)) })
        }
    }

    private func holds(_ rows: ResultRows) -> [HoldRecord] {
        (0..<rows.count).map { row in
            HoldRecord(
                address: rows.text(row, 0), reason: rows.text(row, 1), placedBy: rows.text(row, 2),
                placedAt: rows.double(row, 3), until: rows.optionalDouble(row, 4))
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
