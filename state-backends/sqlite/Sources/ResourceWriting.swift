import GRDB
import PlumbModel
import StateBackendAPI
import StateKeeping

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Rows of `resources`, and what their changes leave in `resource_history`.
extension StateWriter {
    mutating func put(_ record: ResourceRecord, run: String) throws {
        generation += 1
        let address = record.address.description
        let deposedKey = record.deposedKey ?? ""
        let recorded = record.values.archived
        // The old values go from row to row without leaving the database.
        try database.cachedStatement(
            sql: """
                INSERT INTO resource_history
                    (stack, address, deposed_key, generation, run, changed_at, before, after)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, (
                    SELECT recorded FROM resources WHERE stack = ?1 AND address = ?2 AND deposed_key = ?3), ?7)
                """
        ).execute(arguments: [stack, address, deposedKey, generation, run, now, recorded])
        try database.cachedStatement(sql: StateWriter.putResource)
            .execute(arguments: [
                stack, address, deposedKey, record.address.type, record.provider, recorded,
                record.privateData.map(Data.init), DependencyText.write(record.dependencies), record.status.rawValue,
                record.isProtected, record.createsBeforeDestroy, generation,
            ])
        try forgetOldChanges(of: address)
    }

    mutating func remove(_ address: ResourceAddress, deposedKey: String?, run: String) throws {
        let address = address.description
        try database.cachedStatement(
            sql: """
                INSERT INTO resource_history
                    (stack, address, deposed_key, generation, run, changed_at, before)
                SELECT stack, address, deposed_key, ?4, ?5, ?6, recorded FROM resources
                WHERE stack = ?1 AND address = ?2 AND deposed_key = ?3
                """
        ).execute(arguments: [stack, address, deposedKey ?? "", generation + 1, run, now])
        guard database.changesCount > 0 else { return }
        generation += 1
        try database.cachedStatement(
            sql: "DELETE FROM resources WHERE stack = ? AND address = ? AND deposed_key = ?"
        ).execute(arguments: [stack, address, deposedKey ?? ""])
        try forgetOldChanges(of: address)
    }

    /// Current and deposed rows, with all that is known of them.
    mutating func move(_ address: ResourceAddress, to target: ResourceAddress, run: String) throws {
        let (from, to) = (address.description, target.description)
        let taken = try Int.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT count(*) FROM resources AS old JOIN resources AS new USING (stack, deposed_key)
                    WHERE stack = ? AND old.address = ? AND new.address = ?
                    """), arguments: [stack, from, to])
        guard taken == 0 else {
            throw StateBackendError(.failed, "\(from) cannot become \(to): the state has a \(to) already.")
        }
        try database.cachedStatement(
            sql: """
                INSERT INTO resource_history
                    (stack, address, deposed_key, generation, run, changed_at, before, after, moved_from)
                SELECT stack, ?3, deposed_key, ?4, ?5, ?6, recorded, recorded, ?2 FROM resources
                WHERE stack = ?1 AND address = ?2
                """
        ).execute(arguments: [stack, from, to, generation + 1, run, now])
        guard database.changesCount > 0 else { return }
        generation += 1
        try database.cachedStatement(
            sql: "UPDATE resources SET address = ?, type = ?, generation = ? WHERE stack = ? AND address = ?"
        ).execute(arguments: [to, target.type, generation, stack, from])
        for table in ["resource_history", "drift", "holds"] {
            try database.cachedStatement(
                sql: "UPDATE OR REPLACE \(table) SET address = ? WHERE stack = ? AND address = ?"
            ).execute(arguments: [to, stack, from])
        }
        try forgetOldChanges(of: to)
    }

    private func forgetOldChanges(of address: String) throws {
        try database.cachedStatement(
            sql: """
                DELETE FROM resource_history WHERE stack = ?1 AND address = ?2 AND id <= (
                    SELECT id FROM resource_history WHERE stack = ?1 AND address = ?2
                    ORDER BY id DESC LIMIT 1 OFFSET ?3)
                """
        ).execute(arguments: [stack, address, retention.changesPerAddress])
    }

    static let putResource = """
        INSERT INTO resources
            (stack, address, deposed_key, type, provider, recorded, private_data, dependencies, status,
             is_protected, creates_before_destroy, generation)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (stack, address, deposed_key) DO UPDATE SET
            provider = excluded.provider, recorded = excluded.recorded, private_data = excluded.private_data,
            dependencies = excluded.dependencies, status = excluded.status, is_protected = excluded.is_protected,
            creates_before_destroy = excluded.creates_before_destroy, generation = excluded.generation
        """
}

extension Data {
    /// Private data is the provider's own and may hold what SQLite's text may not: a NUL.
    fileprivate init(_ text: String) { self.init(text.utf8) }
}
