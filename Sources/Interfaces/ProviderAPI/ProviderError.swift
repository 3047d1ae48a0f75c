public import PlumbModel

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
    /// What is wrong with which attribute; empty where the message says all there is.
    public let faults: [AttributeFault]

    public init(
        _ code: Code, _ message: String, isRetryable: Bool = false, isOutcomeUnknown: Bool = false,
        partial: ResourceState? = nil, faults: [AttributeFault] = []
    ) {
        self.code = code
        self.message = KnownSecrets.redact(message)
        self.isRetryable = isRetryable
        self.isOutcomeUnknown = isOutcomeUnknown
        self.partial = partial
        self.faults = faults
    }
}

extension ProviderError {
    /// Whether the system could not be asked, so that nothing follows for the resource.
    public var isUnreachable: Bool { code == .unavailable || code == .timeout || code == .rateLimited }
}

/// What is wrong with one attribute of a resource.
public struct AttributeFault: Sendable, Hashable {
    /// From the resource's values: `manifest.spec.replicas`.
    public let path: AttributePath
    /// A sentence that names the attribute and says what to do.
    public let message: String
    /// Whether the key itself is wrong, and not what stands behind it.
    public let isKey: Bool

    public init(_ path: AttributePath, _ message: String, isKey: Bool = false) {
        self.path = path
        self.message = KnownSecrets.redact(message)
        self.isKey = isKey
    }
}
