import PlumbModel

/// Rows of `drift` and `holds`. They are notes beside the state: no plan is decided from their being as they were, so that
/// they raise no generation.
extension StateWriter {
    mutating func replaceDrift(_ records: [DriftRecord]) {
        add("DELETE FROM drift WHERE stack = $1", [.integer(stack)])
        for record in records {
            add(
                """
                INSERT INTO drift
                    (stack, address, path, fingerprint, expected, live, first_seen, last_seen, occurrences, status,
                     heals, acknowledged_until, reason, actor, writer, written_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
                """,
                [
                    .integer(stack), .text(record.address.description), .text(record.path.description),
                    .text(record.fingerprint), .text(record.expected.archived), .text(record.live.archived),
                    .double(record.firstSeen), .double(record.lastSeen), .integer(Int64(record.occurrences)),
                    .text(record.status.rawValue), .integer(Int64(record.heals)),
                    .optionalDouble(record.acknowledgedUntil), .optionalText(record.reason),
                    .optionalText(record.actor), .optionalText(record.writer?.name),
                    .optionalDouble(record.writer?.time),
                ])
        }
    }

    mutating func replaceHolds(_ holds: [HoldRecord]) {
        add("DELETE FROM holds WHERE stack = $1", [.integer(stack)])
        for hold in holds {
            add(
                """
                INSERT INTO holds (stack, address, reason, placed_by, placed_at, held_until)
                VALUES ($1, $2, $3, $4, $5, $6)
                """,
                [
                    .integer(stack), .text(hold.address), .text(hold.reason), .text(hold.placedBy),
                    .double(hold.placedAt), .optionalDouble(hold.until),
                ])
        }
    }
}
