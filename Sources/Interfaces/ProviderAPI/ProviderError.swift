internal import PlumbModel

/// Why a system did not do what a provider asked of it.
public struct ProviderError: Error, Sendable {
    public enum Code: String, Sendable {
        /// The request itself is wrong: it will be refused each time.
        case invalid
        case unauthorized
        case notFound
        /// Exists already, or was changed by somebody else meanwhile.
        case conflict
        case rateLimited
        /// Not reachable, 5xx, connection lost.
        case unavailable
        case timeout
        case cancelled
        /// The system answered something that cannot be understood.
        case unexpected
    }

    public let code: Code
    /// A sentence for people: what was asked, what was answered. Secrets that providers were given are taken out.
    public let message: String
    /// The same call may succeed later.
    public let isRetryable: Bool
    /// True when it cannot be told whether the side effect happened (a lost response).
    public let isOutcomeUnknown: Bool
    /// For a creation that failed half-way: what exists now. It is recorded as tainted.
    public let partial: ResourceState?

    public init(
        _ code: Code, _ message: String, isRetryable: Bool = false, isOutcomeUnknown: Bool = false,
        partial: ResourceState? = nil
    ) {
        self.code = code
        self.message = KnownSecrets.redact(message)
        self.isRetryable = isRetryable
        self.isOutcomeUnknown = isOutcomeUnknown
        self.partial = partial
    }
}
