import HTTPTransport
import PlumbModel
import ProviderAPI

/// Asks one gateway, and says what its refusals mean.
final class GatewayClient: Sendable {
    let settings: GatewaySettings
    private let client: HTTPClient
    private let authenticator: HeaderAuthenticator?
    private let streams: HTTPClient

    init(_ settings: GatewaySettings) {
        self.settings = settings
        authenticator = settings.token.map(HeaderAuthenticator.bearer)
        client = HTTPClient(
            .init(
                userAgent: settings.userAgent, connectionsPerHost: settings.parallelism,
                idleConnections: settings.parallelism, tls: settings.tls, unixSocket: settings.socket))
        // Whoever watches tells of each failure, and tries again by himself.
        streams = HTTPClient(
            .init(
                userAgent: settings.userAgent, idleConnections: 1, tls: settings.tls, unixSocket: settings.socket,
                retry: .none))
    }

    /// One request of the gateway's API.
    struct Call: Sendable {
        var method = "GET"
        /// With its segments escaped.
        var path: String
        var query: [(String, String)] = []
        var body: Value?
        /// Bytes instead of `body`.
        var stream: RequestBodyStream?
        /// The ETag that it must have.
        var ifMatch: String?
        /// Refuses what exists already.
        var ifAbsent = false
        /// How long it may take; the setting unless given.
        var timeout: Duration?
    }

    /// What the gateway said.
    struct Answer: Sendable {
        let status: Int
        let body: Value
        /// `PUT https://host/v1/…`, for messages.
        let summary: String

        var refusal: Refusal? { Refusal(self) }
    }

    /// - Throws: why there is no answer at all.
    func ask(_ call: Call) async throws(ProviderError) -> Answer {
        let changes = call.method != "GET"
        var request = HTTPRequest(
            call.method, settings.base + call.path + URLText.query(call.query), isIdempotent: true,
            timeout: call.timeout ?? settings.timeout, maximumResponseBytes: 256 << 20, authenticator: authenticator)
        request.headers["Accept"] = "application/json"
        if let body = call.body {
            request.headers["Content-Type"] = "application/json"
            request.body = Array(body.json.utf8)
        }
        if let stream = call.stream {
            request.headers["Content-Type"] = "application/octet-stream"
            request.bodyStream = stream
            request.timeout = nil
            request.idleTimeout = settings.timeout
        }
        if let tag = call.ifMatch { request.headers["If-Match"] = "\"\(tag)\"" }
        if call.ifAbsent { request.headers["If-None-Match"] = "*" }
        let response: HTTPResponse
        do {
            response = try await client.send(request)
        } catch {
            throw ProviderError(error, changes: changes, settings)
        }
        var body = Value.null
        if !response.body.isEmpty {
            do {
                body = try Value(json: response.body)
            } catch {
                guard !(200...299).contains(response.status) else {
                    throw ProviderError(
                        .unexpected,
                        "\(request.summary): the answer is no JSON that a gateway would give. Does `url` name one?")
                }
            }
        }
        return Answer(
            status: response.status, body: body, summary: request.redaction.text("\(call.method) \(call.path)"))
    }

    /// The answer to what must succeed.
    @discardableResult
    func get(_ call: Call) async throws(ProviderError) -> Answer {
        let answer = try await ask(call)
        if let refusal = answer.refusal { throw refusal.error(changes: call.method != "GET") }
        return answer
    }

    /// Waits until the gateway is done with what a run that was killed had asked of the resource: it lets changes of one
    /// resource go one after the other, and one that cannot match any version comes after them and changes nothing.
    func awaitChanges(of path: String) async throws(ProviderError) {
        let answer = try await ask(Call(method: "DELETE", path: path, ifMatch: "of-no-version"))
        guard let refusal = answer.refusal else {
            throw ProviderError(
                .unexpected,
                "\(answer.summary): the gateway did not hold If-Match, so that it cannot be trusted with changes. Update it."
            )
        }
        if ![404, 409, 412].contains(refusal.status) { throw refusal.error(changes: false) }
    }

    /// The resource; nil where there is none.
    func find(_ path: String, query: [(String, String)] = []) async throws(ProviderError) -> Value? {
        let answer = try await ask(Call(path: path, query: query))
        guard let refusal = answer.refusal else { return answer.body }
        if refusal.isGone { return nil }
        throw refusal.error(changes: false)
    }

    func list(_ path: String, query: [(String, String)] = []) async throws(ProviderError) -> [Value] {
        try await get(Call(path: path, query: query)).body[key: "items"]?.asList ?? []
    }

    // MARK: Events

    /// The gateway begins a stream when it has looked at the whole host, and gives a sign of life four times a minute.
    private static let longestSilence = Duration.seconds(45)

    /// The stream of events.
    ///
    /// - Parameter last: the id of the event that it goes on after; nil: from now on.
    func events(after last: String?) async throws(ProviderError) -> HTTPResponseStream {
        var request = HTTPRequest(
            "GET", settings.base + "/v1/events", timeout: Self.longestSilence, idleTimeout: Self.longestSilence,
            authenticator: authenticator)
        request.headers["Accept"] = "text/event-stream"
        if let last { request.headers["Last-Event-ID"] = last }
        do {
            return try await streams.stream(request)
        } catch {
            throw ProviderError(error, changes: false, settings)
        }
    }

    /// Why there is no stream.
    func refusal(of stream: HTTPResponseStream) async throws(ProviderError) -> ProviderError {
        let response: HTTPResponse
        do {
            response = try await stream.whole()
        } catch {
            throw ProviderError(error, changes: false, settings)
        }
        let body = (try? Value(json: response.body)) ?? .null
        return Refusal(body, status: stream.status, summary: "GET /v1/events").error(changes: false)
    }

    /// Opens what is not the gateway's, to hand it on.
    func open(_ url: String) async throws(HTTPError) -> HTTPResponseStream {
        try await downloads.stream(
            HTTPRequest(
                "GET", url, timeout: settings.timeout, idleTimeout: settings.timeout, redirects: .follow(atMost: 10)))
    }

    private let downloads = HTTPClient()

    func close() async {
        await client.close()
        await streams.close()
        await downloads.close()
    }
}

extension ProviderError {
    /// `changes` is false where nothing can have happened, whatever was lost.
    init(_ error: HTTPError, changes: Bool, _ settings: GatewaySettings) {
        let code: Code =
            switch error.kind {
            case .invalid: .invalid
            case .unreachable, .tls, .interrupted, .closed: .unavailable
            case .timeout: .timeout
            case .throttled: .rateLimited
            case .unreadable: .unexpected
            case .cancelled: .cancelled
            case .unauthorized: .unauthorized
            }
        let hint =
            error.kind == .unreachable
            ? settings.socket.map { " Is plumb-libvirt-gateway running, and may you open its socket \($0)?" } ?? "" : ""
        self.init(
            code, error.message + "." + hint, isRetryable: error.isTransient,
            isOutcomeUnknown: changes && error.isOutcomeUnknown)
    }
}
