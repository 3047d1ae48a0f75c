import GRDB
import PlumbModel

/// Rows of `drift` and `holds`. They are notes beside the state: no plan is decided from their being as they were, so that
/// they raise no generation.
extension StateWriter {
    func replaceDrift(_ records: [DriftRecord]) throws {
        try database.cachedStatement(sql: "DELETE FROM drift WHERE stack = ?").execute(arguments: [stack])
        let insert = try database.cachedStatement(
            sql: """
                INSERT INTO drift
                    (stack, address, path, fingerprint, expected, live, first_seen, last_seen, occurrences, status,
                     heals, acknowledged_until, reason, actor, writer, written_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        for record in records {
            try insert.execute(arguments: [
                stack, record.address.description, record.path.description, record.fingerprint,
                record.expected.archived, record.live.archived, record.firstSeen, record.lastSeen, record.occurrences,
                record.status.rawValue, record.heals, record.acknowledgedUntil, record.reason, record.actor,
                record.writer?.name, record.writer?.time,
            ])
        }
    }

    func replaceHolds(_ holds: [HoldRecord]) throws {
        try database.cachedStatement(sql: "DELETE FROM holds WHERE stack = ?").execute(arguments: [stack])
        let insert = try database.cachedStatement(
            sql: """
                INSERT INTO holds (stack, address, reason, placed_by, placed_at, held_until) VALUES (?, ?, ?, ?, ?, ?)
                """)
        for hold in holds {
            try insert.execute(arguments: [
                stack, hold.address, hold.reason, hold.placedBy, hold.placedAt, hold.until,
            ])
        }
    }
}
