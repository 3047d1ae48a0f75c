import GRDB
import PlumbModel
import StateBackendAPI
import StateKeeping

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Puts a whole state in the place of what a stack has.
extension StateWriter {
    mutating func restore(_ contents: StateContents) throws {
        for table in ["resources", "resource_history", "runs", "outputs"] {
            try database.execute(sql: "DELETE FROM \(table) WHERE stack = ?", arguments: [stack])
        }
        try database.execute(
            sql: "DELETE FROM intents WHERE stack = ? AND conclusion IS NULL", arguments: [stack])
        try database.execute(
            sql: "UPDATE stacks SET lineage = ?, generation = ?, revision = ?, moved_to = ? WHERE id = ?",
            arguments: [contents.lineage, contents.generation, contents.revision, contents.movedTo, stack])
        generation = contents.generation
        for record in contents.resources { try insert(record) }
        for entry in contents.history { try insert(entry) }
        for run in contents.runs { try insert(run) }
        for intent in contents.openIntents { try open(intent) }
        let insert = try database.cachedStatement(sql: "INSERT INTO outputs (stack, name, value) VALUES (?, ?, ?)")
        try replaceDrift(contents.drift)
        try replaceHolds(contents.holds)
        for output in contents.outputs { try insert.execute(arguments: [stack, output.name, output.value.archived]) }
    }

    func markMoved(to place: String) throws {
        try database.execute(sql: "UPDATE stacks SET moved_to = ? WHERE id = ?", arguments: [place, stack])
    }

    private func insert(_ record: ResourceRecord) throws {
        try database.cachedStatement(sql: StateWriter.putResource).execute(arguments: [
            stack, record.address.description, record.deposedKey ?? "", record.address.type, record.provider,
            record.values.archived, record.privateData.map { Data($0.utf8) },
            DependencyText.write(record.dependencies), record.status.rawValue, record.isProtected,
            record.createsBeforeDestroy, record.generation,
        ])
    }

    private func insert(_ entry: HistoryEntry) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO resource_history
                    (stack, address, deposed_key, generation, run, changed_at, before, after, moved_from)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            stack, entry.address.description, entry.deposedKey ?? "", entry.generation, entry.run, entry.changedAt,
            entry.before?.archived, entry.after?.archived, entry.movedFrom?.description,
        ])
    }
}
