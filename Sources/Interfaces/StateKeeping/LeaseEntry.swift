public import PlumbModel
public import StateBackendAPI

/// What a database knows of the lease on one stack, and the rules of who may have it: the same in every database.
///
/// The fence only ever rises, also across releases; the holder is nil on a stack that is free.
public struct LeaseEntry: Sendable, Hashable {
    public var stack: String
    public var fence: Int64
    public var holder: String?
    /// Seconds since 1970.
    public var acquiredAt: Double
    /// Seconds since 1970.
    public var expiresAt: Double

    public init(stack: String, fence: Int64, holder: String?, acquiredAt: Double, expiresAt: Double) {
        self.stack = stack
        self.fence = fence
        self.holder = holder
        self.acquiredAt = acquiredAt
        self.expiresAt = expiresAt
    }

    /// Of a stack that nobody ever held.
    public init(stack: String) {
        self.init(stack: stack, fence: 0, holder: nil, acquiredAt: 0, expiresAt: 0)
    }

    public func lease(now: Double) -> Lease? {
        guard let holder, expiresAt >= now else { return nil }
        return Lease(stack: stack, holder: holder, fence: fence, expiresAt: expiresAt)
    }

    /// Throws `leaseHeld` while somebody has it.
    public mutating func acquire(
        holder newHolder: String, now: Double, seconds: Double
    ) throws(StateBackendError) -> Lease {
        if let holder, expiresAt >= now {
            let left = Int((expiresAt - now).rounded(.up))
            throw StateBackendError(
                .leaseHeld,
                "The stack \"\(stack)\" is held by \(holder) since \(Timestamp(acquiredAt)); its lease lasts until "
                    + "\(Timestamp(expiresAt)) (\(left) s from now) and longer if it is renewed.")
        }
        fence += 1
        holder = newHolder
        acquiredAt = now
        expiresAt = now + seconds
        return Lease(stack: stack, holder: newHolder, fence: fence, expiresAt: expiresAt)
    }

    public mutating func renew(_ lease: Lease, until end: Double) throws(StateBackendError) -> Lease {
        try requireNewest(lease)
        expiresAt = end
        return Lease(stack: lease.stack, holder: lease.holder, fence: lease.fence, expiresAt: end)
    }

    /// Does nothing if somebody else has taken it meanwhile.
    public mutating func release(_ lease: Lease) {
        if fence == lease.fence { holder = nil }
    }

    public mutating func breakOff() {
        fence += 1
        holder = nil
    }

    /// Throws `leaseLost` unless the lease is the last one given out and was not given back. One that has expired,
    /// but that nobody has taken, still counts.
    public func requireNewest(_ lease: Lease) throws(StateBackendError) {
        guard fence != lease.fence || holder == nil else { return }
        let reason =
            if fence == lease.fence {
                "has been given back"
            } else if let holder {
                "has passed to \(holder)"
            } else {
                "was broken, or has passed to somebody who gave it back"
            }
        throw StateBackendError(
            .leaseLost,
            "The lease of \(lease.holder) on the stack \"\(stack)\" \(reason) (its fence is \(lease.fence), the "
                + "newest \(fence)); nothing was written.")
    }

    /// The error for a lease that the database knows nothing of.
    public static func unknown(_ lease: Lease) -> StateBackendError {
        StateBackendError(
            .leaseLost, "No lease was ever given out on the stack \"\(lease.stack)\" here; nothing was written.")
    }
}
