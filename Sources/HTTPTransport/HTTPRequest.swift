/// What becomes of an answer that sends the client elsewhere.
public enum RedirectPolicy: Sendable, Hashable {
    /// It is handed out like any other.
    case answer
    /// It is followed, with GET and HEAD always, with other methods only for 307 and 308 (303 goes on with GET). Another
    /// scheme, host or port gets no credentials: no authenticator, no header but those that say what is wanted, no
    /// client certificate. From https nothing goes on to http.
    case follow(atMost: Int)
}

/// One HTTP request: what is asked of whom, and what may be done when it fails.
public struct HTTPRequest: Sendable {
    /// In capitals: `GET`, `PATCH`.
    public var method: String
    /// Absolute, `http` or `https`, with everything escaped that needs it.
    public var url: String
    public var headers: HTTPHeaders
    public var body: [UInt8]
    /// Sent instead of `body`, while it is made.
    public var bodyStream: RequestBodyStream?
    /// Whether sending it twice has the effect of sending it once: only then is a lost answer followed by another try.
    /// By the method where nothing is said: all but POST and PATCH.
    public var isIdempotent: Bool
    /// The longest that one attempt may take, from its start to the last byte of the answer; of a stream, to the answer's
    /// head. Nil: as long as it takes.
    public var timeout: Duration?
    /// The longest that the server may be silent once it has the whole request; nil: `timeout` alone counts.
    public var firstByteTimeout: Duration?
    /// The longest that no byte may move while a body is sent or an answer comes; nil: `timeout` alone counts.
    public var idleTimeout: Duration?
    /// Answers with a longer body, after decompression, are refused; a stream's may be of any length.
    public var maximumResponseBytes: Int
    public var redirects: RedirectPolicy
    /// Proves who asks; called for each attempt.
    public var authenticator: (any RequestAuthenticator)?
    /// Texts that must appear in no log and no error, wherever in the request or answer they stand.
    public var secrets: [String]
    /// Keeps the answer's body out of the wire log: for answers that bring secrets nobody knows beforehand.
    public var hidesResponseBody: Bool

    /// Off where a redirect has led to another server, which the client's certificate is not meant for.
    var showsCertificate = true

    public init(
        _ method: String, _ url: String, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = [],
        bodyStream: RequestBodyStream? = nil, isIdempotent: Bool? = nil, timeout: Duration? = .seconds(30),
        firstByteTimeout: Duration? = nil, idleTimeout: Duration? = nil, maximumResponseBytes: Int = 64 << 20,
        redirects: RedirectPolicy = .answer, authenticator: (any RequestAuthenticator)? = nil,
        secrets: [String] = [], hidesResponseBody: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.bodyStream = bodyStream
        self.isIdempotent = isIdempotent ?? (method != "POST" && method != "PATCH")
        self.timeout = timeout
        self.firstByteTimeout = firstByteTimeout
        self.idleTimeout = idleTimeout
        self.maximumResponseBytes = maximumResponseBytes
        self.redirects = redirects
        self.authenticator = authenticator
        self.secrets = secrets
        self.hidesResponseBody = hidesResponseBody
    }

    /// `GET http://host/path`, without credentials and secrets: how errors and logs name the request.
    public var summary: String { redaction.text("\(method) \(Redaction.withoutSecretParts(url))") }

    /// What keeps this request's secrets out of texts for people.
    public var redaction: Redaction { Redaction(secrets: secrets) }
}
