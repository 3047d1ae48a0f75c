import PlumbModel

/// The statements that read a stack.
extension StateReader {
    static let beginReading = Command("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    /// The stack, its rows, its outputs, its open intents, what has drifted, and what is held.
    static func snapshotCommands(of stack: String) -> [Command] {
        let name = [Parameter.text(stack)]
        return [
            Command("SELECT lineage, generation, moved_to, revision FROM stacks WHERE name = $1", name),
            Command(
                """
                SELECT address, deposed_key, provider, recorded, private_data, dependencies, status,
                    is_protected, creates_before_destroy, r.generation
                FROM resources r JOIN stacks s ON s.id = r.stack WHERE s.name = $1
                """, name),
            Command(
                """
                SELECT o.name, value FROM outputs o JOIN stacks s ON s.id = o.stack
                WHERE s.name = $1 ORDER BY o.name COLLATE "C"
                """, name),
            Command(
                """
                SELECT i.id, run, address, deposed_key, provider, action, planned, prior, private_data, dependencies,
                    is_protected, creates_before_destroy
                FROM intents i JOIN stacks s ON s.id = i.stack
                WHERE s.name = $1 AND conclusion IS NULL ORDER BY number
                """, name),
            Command(
                """
                SELECT address, path, fingerprint, expected, live, first_seen, last_seen, occurrences, status, heals,
                    acknowledged_until, reason, actor, writer, written_at
                FROM drift d JOIN stacks s ON s.id = d.stack WHERE s.name = $1 ORDER BY address, path
                """, name),
            Command(
                """
                SELECT address, reason, placed_by, placed_at, held_until
                FROM holds h JOIN stacks s ON s.id = h.stack WHERE s.name = $1 ORDER BY address
                """, name),
        ]
    }

    /// Newest first.
    static func historyCommand(of stack: String, address: ResourceAddress?, limit: Int?) -> Command {
        var parameters: [Parameter] = [.text(stack), .integer(limit.map { Int64(max(0, $0)) } ?? .max)]
        var condition = ""
        if let address {
            // An address without a key stands for its instances too: "a.b" for "a.b[0]" ("\\" comes after "[").
            let text = address.description
            let hasKey = address.key != nil
            parameters += [.text(text), .text(hasKey ? text : text + "["), .text(hasKey ? text : text + "\\")]
            condition = "AND (address = $3 OR (address >= $4 AND address < $5))"
        }
        return Command(
            """
            SELECT address, deposed_key, h.generation, run, changed_at, before, after, moved_from
            FROM resource_history h JOIN stacks s ON s.id = h.stack WHERE s.name = $1 \(condition)
            ORDER BY h.id DESC LIMIT $2
            """, parameters)
    }

    /// Newest first.
    static func runsCommand(of stack: String, limit: Int?) -> Command {
        Command(
            """
            SELECT r.id, kind, started_by, r.revision, actor, started_at, finished_at, outcome, summary
            FROM runs r JOIN stacks s ON s.id = r.stack WHERE s.name = $1 ORDER BY number DESC LIMIT $2
            """, [.text(stack), .integer(limit.map { Int64(max(0, $0)) } ?? .max)])
    }
}
