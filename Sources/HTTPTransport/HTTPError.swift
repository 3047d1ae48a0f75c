/// Why a request got no answer.
public struct HTTPError: Error, Sendable, Hashable {
    public enum Kind: String, Sendable {
        /// The request cannot be sent as it is: no URL, an unreadable CA file.
        case invalid
        /// No connection: the name is unknown, the port refuses, nothing answers.
        case unreachable
        /// The server's certificate or the TLS handshake.
        case tls
        case timeout
        /// There are no credentials to sign the request with.
        case unauthorized
        /// The connection ended before the whole answer had come.
        case interrupted
        /// The answer is longer than allowed, or is no HTTP.
        case unreadable
        case cancelled
        /// The host has refused everything for so long that it is given up: it did nothing of this request.
        case throttled
        /// The client was closed.
        case closed
    }

    public let kind: Kind
    /// `GET http://host/zones: connection refused`. Never a secret.
    public let message: String
    /// True when the request, or a part of it, had been sent: the server may have acted on it.
    public let isOutcomeUnknown: Bool
    /// How often the request was tried.
    public internal(set) var attempts: Int

    public init(_ kind: Kind, _ message: String, isOutcomeUnknown: Bool = false, attempts: Int = 1) {
        self.kind = kind
        self.message = message
        self.isOutcomeUnknown = isOutcomeUnknown
        self.attempts = attempts
    }

    /// The same request may get an answer later.
    public var isTransient: Bool {
        switch kind {
        case .unreachable, .timeout, .interrupted, .throttled: true
        case .invalid, .tls, .unauthorized, .unreadable, .cancelled, .closed: false
        }
    }
}
