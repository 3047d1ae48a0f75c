import PlumbModel
import StateBackendAPI
import StateKeeping

/// Puts a whole state in the place of what a stack has.
extension StateWriter {
    mutating func restore(_ contents: StateContents) {
        add(ServerConnection.patientStatements.sql, [])
        for table in ["resources", "resource_history", "runs", "outputs"] {
            add("DELETE FROM \(table) WHERE stack = $1", [.integer(stack)])
        }
        add("DELETE FROM intents WHERE stack = $1 AND conclusion IS NULL", [.integer(stack)])
        generation = contents.generation
        add(
            "UPDATE stacks SET lineage = $2, revision = $3, moved_to = $4 WHERE id = $1",
            [
                .integer(stack), .text(contents.lineage), .optionalText(contents.revision),
                .optionalText(contents.movedTo),
            ], counting: generation)
        for record in contents.resources { insert(record, generation: record.generation) }
        for entry in contents.history { insert(entry) }
        for run in contents.runs { insert(run) }
        for intent in contents.openIntents { open(intent) }
        for output in contents.outputs { insert(output) }
        replaceDrift(contents.drift)
        replaceHolds(contents.holds)
    }

    mutating func markMoved(to place: String) {
        add("UPDATE stacks SET moved_to = $2 WHERE id = $1", [.integer(stack), .text(place)])
    }

    private mutating func insert(_ entry: HistoryEntry) {
        add(
            """
            INSERT INTO resource_history
                (stack, address, deposed_key, generation, run, changed_at, before, after, moved_from)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            [
                .integer(stack), .text(entry.address.description), .text(entry.deposedKey ?? ""),
                .integer(entry.generation), .optionalText(entry.run), .double(entry.changedAt),
                .optionalText(entry.before?.archived), .optionalText(entry.after?.archived),
                .optionalText(entry.movedFrom?.description),
            ])
    }
}
