import GRDB
import PlumbModel
import StateBackendAPI
import StateKeeping

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Writes one call's changes of one stack into the open transaction.
struct StateWriter {
    let database: Database
    let lease: Lease
    let now: Double
    let retention: Retention
    /// The row of the table `stacks`.
    let stack: Int64
    /// The stack's generation, which is also the generation of each row changed: so a row that is removed and comes
    /// back never repeats one.
    var generation: Int64
    private let generationBefore: Int64

    init(_ database: Database, under lease: Lease, now: Double, retention: Retention) throws {
        self.database = database
        self.lease = lease
        self.now = now
        self.retention = retention
        let statement = try database.cachedStatement(sql: "SELECT id, generation FROM stacks WHERE name = ?")
        if let row = try Row.fetchOne(statement, arguments: [lease.stack]) {
            stack = row[0]
            generation = row[1]
        } else {
            stack = try StateWriter.create(lease.stack, in: database)
            generation = 0
        }
        generationBefore = generation
    }

    mutating func write(_ writes: [StateWrite]) throws {
        for write in writes { try self.write(write) }
        guard generation != generationBefore else { return }
        try database.cachedStatement(sql: "UPDATE stacks SET generation = ? WHERE id = ?")
            .execute(arguments: [generation, stack])
    }

    private mutating func write(_ write: StateWrite) throws {
        switch write {
        case .beginRun(let run): try begin(run)
        case .finishRun(let id, let outcome, let summary, let time):
            try finishRun(id, outcome: outcome, summary: summary, at: time)
        case .openIntent(let intent): try open(intent)
        case .conclude(let id, let conclusion): try conclude(id, conclusion)
        case .put(let record, let run): try put(record, run: run)
        case .remove(let address, let deposedKey, let run): try remove(address, deposedKey: deposedKey, run: run)
        case .move(let address, let target, let run): try move(address, to: target, run: run)
        case .outputs(let outputs): try replaceOutputs(outputs)
        case .drift(let records): try replaceDrift(records)
        case .holds(let holds): try replaceHolds(holds)
        case .applied(let revision): try setRevision(revision)
        case .restore(let contents): try restore(contents)
        case .markMoved(let place): try markMoved(to: place)
        }
    }

    private static func create(_ name: String, in database: Database) throws -> Int64 {
        try database.cachedStatement(sql: "INSERT INTO stacks (name, lineage, generation) VALUES (?, ?, 0)")
            .execute(arguments: [name, UUID().uuidString.lowercased()])
        return database.lastInsertedRowID
    }

    private mutating func replaceOutputs(_ outputs: [OutputRecord]) throws {
        generation += 1
        try database.cachedStatement(sql: "DELETE FROM outputs WHERE stack = ?").execute(arguments: [stack])
        let insert = try database.cachedStatement(sql: "INSERT INTO outputs (stack, name, value) VALUES (?, ?, ?)")
        for output in outputs { try insert.execute(arguments: [stack, output.name, output.value.archived]) }
    }

    private mutating func setRevision(_ revision: String?) throws {
        generation += 1
        try database.cachedStatement(sql: "UPDATE stacks SET revision = ? WHERE id = ?")
            .execute(arguments: [revision, stack])
    }
}
