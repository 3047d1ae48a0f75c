/// Why the state could not be read or written.
public struct StateBackendError: Error, Sendable {
    public enum Code: String, Sendable {
        /// Somebody else holds the lease.
        case leaseHeld
        /// The lease has passed to somebody else, or was broken.
        case leaseLost
        /// The place cannot be opened: no such folder, no permission, not a database of ours.
        case unavailable
        /// A newer version of Plumbline has written it.
        case tooNew
        /// The state has gone to another place, and what is here is no longer true.
        case moved
        /// What is stored cannot be understood or fails its integrity check.
        case corrupt
        /// No space, or read-only.
        case notWritable
        /// Busy for too long, connection lost: the same call may succeed later.
        case busy
        /// Any other refusal of the database.
        case failed
    }

    public let code: Code
    /// A sentence for people: what is wrong and where.
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether it may be over by itself, without anybody mending something.
    public var isPassing: Bool { isRetryable || code == .unavailable || code == .leaseLost }
    public var isRetryable: Bool { code == .busy || code == .leaseHeld }
}
