import GRDB
import PlumbModel
import StateBackendAPI

/// The table `leases`: one row a stack, whose fence only ever rises.
struct LeaseTable {
    private struct Entry {
        let fence: Int64
        let holder: String?
        let acquiredAt: Double
        let expiresAt: Double
    }

    private let database: Database

    init(_ database: Database) { self.database = database }

    func current(on stack: String, now: Double) throws -> Lease? {
        guard let row = try row(of: stack), let holder = row.holder, row.expiresAt >= now else { return nil }
        return Lease(stack: stack, holder: holder, fence: row.fence, expiresAt: row.expiresAt)
    }

    /// Whether it has expired or not.
    func unreturned(on stack: String) throws -> Lease? {
        guard let row = try row(of: stack), let holder = row.holder else { return nil }
        return Lease(stack: stack, holder: holder, fence: row.fence, expiresAt: row.expiresAt)
    }

    func acquire(on stack: String, holder: String, now: Double, seconds: Double) throws -> Lease {
        let row = try row(of: stack)
        if let row, let other = row.holder, row.expiresAt >= now {
            let left = Int((row.expiresAt - now).rounded(.up))
            throw StateBackendError(
                .leaseHeld,
                "The stack \"\(stack)\" is held by \(other) since \(Timestamp(row.acquiredAt)); its lease lasts until "
                    + "\(Timestamp(row.expiresAt)) (\(left) s from now) and longer if it is renewed.")
        }
        let lease = Lease(stack: stack, holder: holder, fence: (row?.fence ?? 0) + 1, expiresAt: now + seconds)
        try database.cachedStatement(
            sql: """
                INSERT INTO leases (stack, fence, holder, acquired_at, expires_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (stack) DO UPDATE SET fence = excluded.fence, holder = excluded.holder,
                    acquired_at = excluded.acquired_at, expires_at = excluded.expires_at
                """
        ).execute(arguments: [stack, lease.fence, holder, now, lease.expiresAt])
        return lease
    }

    func renew(_ lease: Lease, until expiresAt: Double) throws -> Lease {
        try requireNewest(lease)
        try database.cachedStatement(sql: "UPDATE leases SET expires_at = ? WHERE stack = ?")
            .execute(arguments: [expiresAt, lease.stack])
        return Lease(stack: lease.stack, holder: lease.holder, fence: lease.fence, expiresAt: expiresAt)
    }

    /// Keeps the row, so that the fence goes on from its number.
    func release(_ lease: Lease) throws {
        try database.cachedStatement(sql: "UPDATE leases SET holder = NULL WHERE stack = ? AND fence = ?")
            .execute(arguments: [lease.stack, lease.fence])
    }

    func breakLease(on stack: String) throws {
        try database.cachedStatement(sql: "UPDATE leases SET fence = fence + 1, holder = NULL WHERE stack = ?")
            .execute(arguments: [stack])
    }

    /// Throws `leaseLost` unless the lease is the last one given out and was not given back. One that has expired,
    /// but that nobody has taken, still counts.
    func requireNewest(_ lease: Lease) throws {
        guard let row = try row(of: lease.stack) else { throw LeaseTable.unknown(lease) }
        guard row.fence != lease.fence || row.holder == nil else { return }
        let reason =
            if row.fence == lease.fence {
                "has been given back"
            } else if let holder = row.holder {
                "has passed to \(holder)"
            } else {
                "was broken, or has passed to somebody who gave it back"
            }
        throw StateBackendError(
            .leaseLost,
            "The lease of \(lease.holder) on the stack \"\(lease.stack)\" \(reason) (its fence is \(lease.fence), the "
                + "newest \(row.fence)); nothing was written.")
    }

    /// The error for a lease that the file knows nothing of.
    static func unknown(_ lease: Lease) -> StateBackendError {
        StateBackendError(
            .leaseLost, "No lease was ever given out on the stack \"\(lease.stack)\" here; nothing was written.")
    }

    private func row(of stack: String) throws -> Entry? {
        let statement = try database.cachedStatement(
            sql: "SELECT fence, holder, acquired_at, expires_at FROM leases WHERE stack = ?")
        return try Row.fetchOne(statement, arguments: [stack]).map {
            Entry(fence: $0[0], holder: $0[1], acquiredAt: $0[2], expiresAt: $0[3])
        }
    }
}
