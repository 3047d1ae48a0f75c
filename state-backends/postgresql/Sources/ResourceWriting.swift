import PlumbModel
import StateBackendAPI
import StateKeeping

/// Rows of `resources`, and what their changes leave in `resource_history`.
extension StateWriter {
    mutating func put(_ record: ResourceRecord, run: String) {
        generation += 1
        let address = record.address.description
        // The old values go from row to row without leaving the database.
        add(
            """
            INSERT INTO resource_history
                (stack, address, deposed_key, generation, run, changed_at, before, after)
            VALUES ($1, $2, $3, $4, $5, $6, (
                SELECT recorded FROM resources WHERE stack = $1 AND address = $2 AND deposed_key = $3), $7)
            """,
            [
                .integer(stack), .text(address), .text(record.deposedKey ?? ""), .integer(generation), .text(run),
                .double(now), .text(record.values.archived),
            ])
        insert(record, generation: generation)
        forgetOldChanges(of: address)
    }

    /// Inserts or replaces a row; history is not concerned.
    mutating func insert(_ record: ResourceRecord, generation: Int64) {
        add(
            StateWriter.putResource,
            [
                .integer(stack), .text(record.address.description), .text(record.deposedKey ?? ""),
                .text(record.address.type), .text(record.provider), .text(record.values.archived),
                .optionalBytes(record.privateData.map { [UInt8]($0.utf8) }),
                .text(DependencyText.write(record.dependencies)), .text(record.status.rawValue),
                .bool(record.isProtected), .bool(record.createsBeforeDestroy), .integer(generation),
            ], counting: self.generation)
    }

    mutating func remove(_ address: ResourceAddress, deposedKey: String?, run: String) {
        generation += 1
        let address = address.description
        add(
            """
            WITH gone AS (
                DELETE FROM resources WHERE stack = $1 AND address = $2 AND deposed_key = $3 RETURNING recorded)
            INSERT INTO resource_history (stack, address, deposed_key, generation, run, changed_at, before)
            SELECT $1, $2, $3, $4::bigint, $5::text, $6::double precision, recorded FROM gone
            """,
            [
                .integer(stack), .text(address), .text(deposedKey ?? ""), .integer(generation), .text(run),
                .double(now),
            ], counting: generation)
        forgetOldChanges(of: address)
    }

    /// Current and deposed rows, with all that is known of them.
    mutating func move(_ address: ResourceAddress, to target: ResourceAddress, run: String) {
        generation += 1
        let (from, to) = (address.description, target.description)
        add(
            """
            SELECT 1 FROM resources AS old JOIN resources AS new USING (stack, deposed_key)
            WHERE stack = $1 AND old.address = $2 AND new.address = $3 LIMIT 1
            """, [.integer(stack), .text(from), .text(to)]
        ) { rows in
            rows.count == 0
                ? nil : StateBackendError(.failed, "\(from) cannot become \(to): the state has a \(to) already.")
        }
        add(
            """
            INSERT INTO resource_history
                (stack, address, deposed_key, generation, run, changed_at, before, after, moved_from)
            SELECT stack, $3::text, deposed_key, $4::bigint, $5::text, $6::double precision, recorded, recorded, address
            FROM resources WHERE stack = $1 AND address = $2
            """,
            [.integer(stack), .text(from), .text(to), .integer(generation), .text(run), .double(now)],
            counting: generation)
        add(
            "UPDATE resources SET address = $3, type = $4, generation = $5 WHERE stack = $1 AND address = $2",
            [.integer(stack), .text(from), .text(to), .text(target.type), .integer(generation)])
        moveNotes(from: from, to: to)
        forgetOldChanges(of: to)
    }

    /// History, drift and holds follow the rows; where both addresses have a note, the moved one stays. Only once rows
    /// have come to stand at the new address, with this generation: an address that has no rows is not moved.
    private mutating func moveNotes(from: String, to: String) {
        let parameters: [Parameter] = [.integer(stack), .text(from), .text(to), .integer(generation)]
        let hasMoved = "EXISTS (SELECT 1 FROM resources WHERE stack = $1 AND address = $3 AND generation = $4)"
        add(
            """
            DELETE FROM drift AS there USING drift AS here
            WHERE there.stack = $1 AND there.address = $3 AND here.stack = $1 AND here.address = $2
                AND here.path = there.path AND \(hasMoved)
            """, parameters)
        add(
            """
            DELETE FROM holds AS there USING holds AS here
            WHERE there.stack = $1 AND there.address = $3 AND here.stack = $1 AND here.address = $2 AND \(hasMoved)
            """, parameters)
        for table in ["resource_history", "drift", "holds"] {
            add("UPDATE \(table) SET address = $3 WHERE stack = $1 AND address = $2 AND \(hasMoved)", parameters)
        }
    }

    private mutating func forgetOldChanges(of address: String) {
        add(
            """
            DELETE FROM resource_history WHERE stack = $1 AND address = $2 AND id <= (
                SELECT id FROM resource_history WHERE stack = $1 AND address = $2
                ORDER BY id DESC LIMIT 1 OFFSET $3)
            """, [.integer(stack), .text(address), .integer(Int64(retention.changesPerAddress))])
    }

    private static let putResource = """
        INSERT INTO resources
            (stack, address, deposed_key, type, provider, recorded, private_data, dependencies, status,
             is_protected, creates_before_destroy, generation)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        ON CONFLICT (stack, address, deposed_key) DO UPDATE SET
            provider = excluded.provider, recorded = excluded.recorded, private_data = excluded.private_data,
            dependencies = excluded.dependencies, status = excluded.status, is_protected = excluded.is_protected,
            creates_before_destroy = excluded.creates_before_destroy, generation = excluded.generation
        """
}
