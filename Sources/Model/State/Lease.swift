/// The right to write a stack's state for a while.
public struct Lease: Sendable, Hashable {
    public let stack: String
    /// Who holds it, for people: `user@host pid 4711, apply since 10:02`.
    public let holder: String
    /// Rises each time the lease changes hands; the backend refuses writes that carry an older one.
    public let fence: Int64
    /// Seconds since 1970 after which somebody else may take it, unless it is renewed.
    public let expiresAt: Double

    public init(stack: String, holder: String, fence: Int64, expiresAt: Double) {
        self.stack = stack
        self.holder = holder
        self.fence = fence
        self.expiresAt = expiresAt
    }
}
