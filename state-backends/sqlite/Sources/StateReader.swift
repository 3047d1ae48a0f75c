import GRDB
import PlumbModel
import StateKeeping

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads one stack's state inside one read transaction.
struct StateReader {
    private let database: Database

    init(_ database: Database) { self.database = database }

    func snapshot(of stack: String) throws -> StateSnapshot {
        let statement = try database.cachedStatement(
            sql: "SELECT id, lineage, generation, moved_to FROM stacks WHERE name = ?")
        guard let row = try Row.fetchOne(statement, arguments: [stack]) else { return StateSnapshot() }
        let id: Int64 = row[0]
        return StateSnapshot(
            lineage: row[1], generation: row[2], resources: try resources(of: id), outputs: try outputs(of: id),
            openIntents: try openIntents(of: id), drift: try drift(of: id), holds: try holds(of: id),
            movedTo: row[3])
    }

    func contents(of stack: String) throws -> StateContents? {
        let snapshot = try snapshot(of: stack)
        guard let lineage = snapshot.lineage else { return nil }
        let revision = try String.fetchOne(
            database.cachedStatement(sql: "SELECT revision FROM stacks WHERE name = ?"), arguments: [stack])
        return StateContents(
            stack: stack, lineage: lineage, generation: snapshot.generation, revision: revision,
            movedTo: snapshot.movedTo, resources: snapshot.resources, outputs: snapshot.outputs,
            openIntents: snapshot.openIntents,
            history: try history(of: stack, address: nil, limit: .max).reversed(),
            runs: try runs(of: stack, limit: .max).reversed(), drift: snapshot.drift, holds: snapshot.holds)
    }

    func history(of stack: String, address: ResourceAddress?, limit: Int) throws -> [HistoryEntry] {
        guard let id = try id(of: stack) else { return [] }
        let columns =
            "SELECT address, deposed_key, generation, run, changed_at, before, after, moved_from "
            + "FROM resource_history"
        let cursor: RowCursor
        if let address {
            // An address without a key stands for its instances too: "a.b" for "a.b[0]" ("\" comes after "[").
            let text = address.description
            let hasKey = address.key != nil
            cursor = try Row.fetchCursor(
                database.cachedStatement(
                    sql: "\(columns) WHERE stack = ? AND (address = ? OR (address >= ? AND address < ?)) "
                        + "ORDER BY id DESC LIMIT ?"),
                arguments: [id, text, hasKey ? text : text + "[", hasKey ? text : text + "\\", max(0, limit)])
        } else {
            // Backwards through the table: the plus keeps SQLite from sorting an index instead.
            cursor = try Row.fetchCursor(
                database.cachedStatement(sql: "\(columns) WHERE +stack = ? ORDER BY id DESC LIMIT ?"),
                arguments: [id, max(0, limit)])
        }
        return try collect(cursor) { row in
            let cells = RowCells(row, table: "resource_history")
            return HistoryEntry(
                address: try cells.address(0), deposedKey: cells.deposedKey(1), generation: row[2], run: row[3],
                changedAt: row[4], before: try cells.optionalValue(5), after: try cells.optionalValue(6),
                movedFrom: try cells.optionalAddress(7))
        }
    }

    func runs(of stack: String, limit: Int) throws -> [RunRecord] {
        guard let id = try id(of: stack) else { return [] }
        let cursor = try Row.fetchCursor(
            database.cachedStatement(
                sql: """
                    SELECT id, kind, started_by, revision, actor, started_at, finished_at, outcome, summary
                    FROM runs WHERE stack = ? ORDER BY number DESC LIMIT ?
                    """), arguments: [id, max(0, limit)])
        return try collect(cursor) { row in
            RunRecord(
                id: row[0], kind: row[1], trigger: row[2], revision: row[3], actor: row[4], startedAt: row[5],
                finishedAt: row[6], outcome: try RowCells(row, table: "runs").word(7), summary: row[8])
        }
    }

    private func id(of stack: String) throws -> Int64? {
        try Int64.fetchOne(
            database.cachedStatement(sql: "SELECT id FROM stacks WHERE name = ?"), arguments: [stack])
    }

    private func resources(of stack: Int64) throws -> [ResourceRecord] {
        let cursor = try Row.fetchCursor(
            database.cachedStatement(
                sql: """
                    SELECT address, deposed_key, provider, recorded, private_data, dependencies, status,
                        is_protected, creates_before_destroy, generation
                    FROM resources WHERE stack = ?
                    """), arguments: [stack])
        // Rows of one type share the text of its name: there are thousands of rows and a handful of types.
        var types: [String: String] = [:]
        let count = try Int.fetchOne(
            database.cachedStatement(sql: "SELECT count(*) FROM resources WHERE stack = ?"), arguments: [stack])
        return try collect(cursor, count: count ?? 0) { row in
            let cells = RowCells(row, table: "resources")
            var address = try cells.address(0)
            if let known = types[address.type] { address.type = known } else { types[address.type] = address.type }
            return ResourceRecord(
                address: address, deposedKey: cells.deposedKey(1), provider: row[2],
                values: try cells.value(3), privateData: cells.privateData(4),
                bookkeeping: Bookkeeping(
                    dependencies: try cells.dependencies(5), isProtected: row[7], createsBeforeDestroy: row[8]),
                status: try cells.word(6), generation: row[9])
        }
    }

    private func outputs(of stack: Int64) throws -> [OutputRecord] {
        let cursor = try Row.fetchCursor(
            database.cachedStatement(sql: "SELECT name, value FROM outputs WHERE stack = ? ORDER BY name"),
            arguments: [stack])
        return try collect(cursor) { row in
            OutputRecord(name: row[0], value: try RowCells(row, table: "outputs").value(1))
        }
    }

    private func drift(of stack: Int64) throws -> [DriftRecord] {
        let cursor = try Row.fetchCursor(
            database.cachedStatement(
                sql: """
                    SELECT address, path, fingerprint, expected, live, first_seen, last_seen, occurrences, status, heals,
                        acknowledged_until, reason, actor, writer, written_at
                    FROM drift WHERE stack = ? ORDER BY address, path
                    """), arguments: [stack])
        return try collect(cursor) { row in
            let cells = RowCells(row, table: "drift")
            return DriftRecord(
                address: try cells.address(0), path: try cells.path(1), fingerprint: row[2],
                expected: try cells.value(3), live: try cells.value(4), firstSeen: row[5], lastSeen: row[6],
                occurrences: row[7], status: try cells.word(8), heals: row[9], acknowledgedUntil: row[10],
                reason: row[11], actor: row[12],
                writer: (row[13] as String?).map { DriftAuthor($0, at: row[14]) })
        }
    }

    private func holds(of stack: Int64) throws -> [HoldRecord] {
        let cursor = try Row.fetchCursor(
            database.cachedStatement(
                sql: """
                    SELECT address, reason, placed_by, placed_at, held_until FROM holds WHERE stack = ? ORDER BY address
                    """), arguments: [stack])
        return try collect(cursor) { row in
            HoldRecord(address: row[0], reason: row[1], placedBy: row[2], placedAt: row[3], until: row[4])
        }
    }

    private func openIntents(of stack: Int64) throws -> [Intent] {
        let cursor = try Row.fetchCursor(
            database.cachedStatement(
                sql: """
                    SELECT id, run, address, deposed_key, provider, action, planned, prior, private_data, dependencies,
                        is_protected, creates_before_destroy
                    FROM intents WHERE stack = ? AND conclusion IS NULL ORDER BY number
                    """), arguments: [stack])
        return try collect(cursor) { row in
            let cells = RowCells(row, table: "intents")
            return Intent(
                id: row[0], run: row[1], address: try cells.address(2), deposedKey: cells.deposedKey(3),
                provider: row[4], action: try cells.word(5), planned: try cells.optionalValue(6),
                prior: try cells.optionalValue(7), privateData: cells.privateData(8),
                bookkeeping: Bookkeeping(
                    dependencies: try cells.dependencies(9), isProtected: row[10], createsBeforeDestroy: row[11]))
        }
    }

    private func collect<Element>(
        _ cursor: RowCursor, count: Int = 0, _ read: (Row) throws -> Element
    ) throws -> [Element] {
        var elements: [Element] = []
        elements.reserveCapacity(count)
        while let row = try cursor.next() { elements.append(try read(row)) }
        return elements
    }
}

/// The cells of a row of SQLite's.
private struct RowCells: StoredRow {
    private let row: Row
    let table: String

    init(_ row: Row, table: String) {
        self.row = row
        self.table = table
    }

    var key: String { row.databaseValues.first?.description ?? "first column missing" }

    func text(_ column: Int) -> String { row[column] }

    func optionalText(_ column: Int) -> String? { row[column] }

    func bytes(_ column: Int) -> [UInt8]? { (row[column] as Data?).map { [UInt8]($0) } }
}
