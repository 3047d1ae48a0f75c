import GRDB
import PlumbModel
import StateBackendAPI
import StateKeeping

/// The table `leases`: one row a stack, whose fence only ever rises.
struct LeaseTable {
    private let database: Database

    init(_ database: Database) { self.database = database }

    func current(on stack: String, now: Double) throws -> Lease? { try entry(of: stack)?.lease(now: now) }

    /// Whether it has expired or not.
    func unreturned(on stack: String) throws -> Lease? {
        guard let entry = try entry(of: stack), let holder = entry.holder else { return nil }
        return Lease(stack: stack, holder: holder, fence: entry.fence, expiresAt: entry.expiresAt)
    }

    func acquire(on stack: String, holder: String, now: Double, seconds: Double) throws -> Lease {
        var entry = try entry(of: stack) ?? LeaseEntry(stack: stack)
        let lease = try entry.acquire(holder: holder, now: now, seconds: seconds)
        try write(entry)
        return lease
    }

    func renew(_ lease: Lease, until expiresAt: Double) throws -> Lease {
        guard var entry = try entry(of: lease.stack) else { throw LeaseEntry.unknown(lease) }
        let renewed = try entry.renew(lease, until: expiresAt)
        try write(entry)
        return renewed
    }

    /// Keeps the row, so that the fence goes on from its number.
    func release(_ lease: Lease) throws {
        guard var entry = try entry(of: lease.stack) else { return }
        entry.release(lease)
        try write(entry)
    }

    func breakLease(on stack: String) throws {
        guard var entry = try entry(of: stack) else { return }
        entry.breakOff()
        try write(entry)
    }

    func requireNewest(_ lease: Lease) throws {
        guard let entry = try entry(of: lease.stack) else { throw LeaseEntry.unknown(lease) }
        try entry.requireNewest(lease)
    }

    private func entry(of stack: String) throws -> LeaseEntry? {
        let statement = try database.cachedStatement(
            sql: "SELECT fence, holder, acquired_at, expires_at FROM leases WHERE stack = ?")
        return try Row.fetchOne(statement, arguments: [stack]).map {
            LeaseEntry(stack: stack, fence: $0[0], holder: $0[1], acquiredAt: $0[2], expiresAt: $0[3])
        }
    }

    private func write(_ entry: LeaseEntry) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO leases (stack, fence, holder, acquired_at, expires_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (stack) DO UPDATE SET fence = excluded.fence, holder = excluded.holder,
                    acquired_at = excluded.acquired_at, expires_at = excluded.expires_at
                """
        ).execute(arguments: [entry.stack, entry.fence, entry.holder, entry.acquiredAt, entry.expiresAt])
    }
}
