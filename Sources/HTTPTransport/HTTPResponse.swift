/// What a server answered.
public struct HTTPResponse: Sendable {
    /// `200`, `404`: any status that came is an answer, never an error of the transport.
    public let status: Int
    public let headers: HTTPHeaders
    public let body: [UInt8]
    /// Whether it came over HTTP/2.
    public internal(set) var isHTTP2 = false
    /// How often the request was sent until this answer came.
    public internal(set) var attempts: Int

    /// When it came; nil for one that no server sent. The task that waits for it may see it much later.
    var receivedAt: ContinuousClock.Instant?
    /// Of the request as it was signed at last.
    var sentSecrets: [String] = []

    /// What keeps the request's secrets out of texts for people, those of its authenticator too: a server may repeat them.
    public var redaction: Redaction { Redaction(secrets: sentSecrets) }

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
