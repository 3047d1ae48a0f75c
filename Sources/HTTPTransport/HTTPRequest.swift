/// One HTTP request: what is asked of whom, and what may be done when it fails.
public struct HTTPRequest: Sendable {
    /// In capitals: `GET`, `PATCH`.
    public var method: String
    /// Absolute, `http` or `https`, with everything escaped that needs it.
    public var url: String
    public var headers: HTTPHeaders
    public var body: [UInt8]
    /// Whether sending it twice has the effect of sending it once: only then is a lost answer followed by another try.
    /// By the method where nothing is said: all but POST and PATCH.
    public var isIdempotent: Bool
    /// The longest that one attempt may take, from its start to the last byte of the answer.
    public var timeout: Duration
    /// Answers with a longer body are refused.
    public var maximumResponseBytes: Int
    /// Texts that must appear in no log and no error, wherever in the request or answer they stand.
    public var secrets: [String]
    /// Keeps the answer's body out of the wire log: for answers that bring secrets nobody knows beforehand.
    public var hidesResponseBody: Bool

    public init(
        _ method: String, _ url: String, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = [],
        isIdempotent: Bool? = nil, timeout: Duration = .seconds(30), maximumResponseBytes: Int = 64 << 20,
        secrets: [String] = [], hidesResponseBody: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.isIdempotent = isIdempotent ?? (method != "POST" && method != "PATCH")
        self.timeout = timeout
        self.maximumResponseBytes = maximumResponseBytes
        self.secrets = secrets
        self.hidesResponseBody = hidesResponseBody
    }

    /// `GET http://host/path`, without credentials and secrets: how errors and logs name the request.
    public var summary: String { redaction.text("\(method) \(Redaction.withoutCredentials(url))") }

    /// What keeps this request's secrets out of texts for people.
    public var redaction: Redaction { Redaction(secrets: secrets) }
}

/// What a server answered.
public struct HTTPResponse: Sendable {
    /// `200`, `404`: any status that came is an answer, never an error of the transport.
    public let status: Int
    public let headers: HTTPHeaders
    public let body: [UInt8]
    /// How often the request was sent until this answer came.
    public internal(set) var attempts: Int

    public init(status: Int, headers: HTTPHeaders, body: [UInt8], attempts: Int = 1) {
        self.status = status
        self.headers = headers
        self.body = body
        self.attempts = attempts
    }

    /// `404 Not Found`
    public var statusText: String {
        HTTPResponse.reasons[status].map { "\(status) \($0)" } ?? String(status)
    }

    private static let reasons: [Int: String] = [
        200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 301: "Moved Permanently", 302: "Found",
        303: "See Other", 304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect",
        400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict", 410: "Gone",
        411: "Length Required", 412: "Precondition Failed", 413: "Content Too Large",
        415: "Unsupported Media Type", 422: "Unprocessable Content", 423: "Locked", 428: "Precondition Required",
        429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
        503: "Service Unavailable", 504: "Gateway Timeout",
    ]
}
