import HTTPTransport
import PlumbModel
import ProviderAPI

/// Asks one API server, and says what its refusals mean.
actor ClusterClient {
    nonisolated let access: ClusterAccess
    nonisolated private let settings: ClusterSettings
    private let holder: CredentialHolder?
    nonisolated private let authenticator: (any RequestAuthenticator)?
    nonisolated private let outage = ServerOutage()
    private var client: HTTPClient?
    /// Of a credential program: what the present client shows.
    private var certificate: String?
    private var retired: [HTTPClient] = []

    init(_ access: ClusterAccess, _ settings: ClusterSettings) {
        self.access = access
        self.settings = settings
        switch access.credentials {
        case .none: (authenticator, holder) = (nil, nil)
        case .header(let header): (authenticator, holder) = (header, nil)
        case .tokenFile(let path):
            holder = nil
            authenticator = TokenAuthenticator { () throws(HTTPError) in
                // Whoever mounts the file writes a new token before the old one ends.
                AccessToken(try ClusterClient.token(in: path), lifetime: .seconds(60))
            }
        case .program(let program):
            let own = CredentialHolder(program, patience: settings.timeout)
            holder = own
            authenticator = ProgramAuthenticator(holder: own)
        }
    }

    private static func token(in path: String) throws(HTTPError) -> String {
        do throws(ProviderError) {
            if let bytes = try KubeconfigReader.contents(of: path) {
                let token = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
                guard token.isEmpty else { return token }
                throw ProviderError(.unauthorized, "The token file \"\(path)\" is empty.")
            }
        } catch {
            throw HTTPError(.unauthorized, error.message)
        }
        throw HTTPError(.unauthorized, "The token file \"\(path)\" does not exist.")
    }

    /// One request of the Kubernetes API.
    struct Call: Sendable {
        var method = "GET"
        var path: String
        var query: [(String, String)] = []
        var accept = "application/json"
        var contentType = "application/json"
        var body: Value?
        /// Whether something outside may come of it; a dry run changes nothing.
        var changes = false
        /// Texts that appear in no log.
        var secrets: [String] = []
        var hidesResponse = false
    }

    /// What the server said: any status with what came along.
    struct Answer: Sendable {
        let status: Int
        let body: Value
        /// `GET https://…/pods`, for messages.
        let summary: String
        /// The server alone, for what has nothing to do with the object.
        var server = ""
    }

    /// - Throws: why there is no answer at all.
    nonisolated func ask(_ call: Call) async throws(ProviderError) -> Answer {
        let request = request(for: call)
        let response = try await response(to: request, of: call)
        let body: Value
        if response.body.isEmpty {
            body = .null
        } else if let value = try? Value(json: Self.text(response, to: request)) {
            body = value
        } else {
            let text = request.redaction.text(String(decoding: response.body.prefix(300), as: UTF8.self))
            let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            guard !(200...299).contains(response.status) else {
                throw ProviderError(
                    .unexpected, "\(request.summary): the answer is no JSON the Kubernetes API would give: \(line)")
            }
            // Of something before the API server: a proxy, a load balancer.
            body = ["message": .string("the server answered \(response.status): \(line)")]
        }
        // Without the query, which says nothing to people; who is not known is not known anywhere.
        let place = response.status == 401 ? access.server : "\(call.method) \(access.server)\(call.path)"
        let summary = request.redaction.text(place)
        let who = whoAsks(response.status, body)
        return Answer(status: response.status, body: body, summary: summary + who, server: access.server + who)
    }

    nonisolated private func response(to request: HTTPRequest, of call: Call) async throws(ProviderError)
        -> HTTPResponse
    {
        let start = ContinuousClock.now
        var isOutcomeUnknown = false
        while true {
            let client = try await currentClient()
            let problem: HTTPError
            do {
                let response = try await client.send(request)
                outage.end()
                return response
            } catch {
                problem = error
            }
            isOutcomeUnknown = isOutcomeUnknown || problem.isOutcomeUnknown
            guard problem.kind == .unreachable, await outage.outlasts(problem.message, since: start) else {
                let told = HTTPError(problem.kind, problem.message, isOutcomeUnknown: isOutcomeUnknown)
                throw failure(told, of: request, changes: call.changes)
            }
        }
    }

    /// Of a server that cannot be reached the request matters to nobody: all of them fail in the same words.
    nonisolated private func failure(_ error: HTTPError, of request: HTTPRequest, changes: Bool) -> ProviderError {
        guard error.kind == .unreachable || error.kind == .tls, error.message.hasPrefix("\(request.summary): ") else {
            return ProviderError(error, changes: changes, origin: access.origin)
        }
        let reason = error.message.dropFirst(request.summary.count + 2)
        let hint =
            error.kind == .tls
            ? "The way to it is that of \(access.origin). Who signs its certificate is told by `certificate-authority` in a "
                + "kubeconfig, and by `ca_certificate` beside `host`."
            : "Is the cluster up, and is this its address (it is that of \(access.origin))?"
        return ProviderError(
            .unavailable, "\(access.server) cannot be reached: \(reason). \(hint)", isRetryable: error.isTransient,
            isOutcomeUnknown: changes && error.isOutcomeUnknown)
    }

    /// Where a refusal is about who asks, that says where to look.
    nonisolated private func whoAsks(_ status: Int, _ body: Value) -> String {
        if status == 401 { return " (\(access.origin))" }
        if status == 400, access.server.hasPrefix("http://") {
            return " (\(access.origin), whose server begins with http:// and not with https://)"
        }
        guard status == 403 else { return "" }
        if case .none = access.credentials, access.tls.clientCertificate == nil {
            return " (\(access.origin), whose user gives no credentials)"
        }
        if body[key: "message"]?.asString?.contains("\"system:anonymous\"") == true {
            return " (\(access.origin), whose user gives credentials that the server does not look at)"
        }
        return access.impersonation.headers.isEmpty ? "" : " (\(access.origin), whose user acts as another)"
    }

    /// An answer that goes on: a watch.
    ///
    /// - Parameter silence: after how long without a byte the connection counts as broken.
    nonisolated func stream(_ call: Call, silence: Duration) async throws(ProviderError) -> HTTPResponseStream {
        let client = try await currentClient()
        var request = request(for: call)
        request.idleTimeout = silence
        do {
            return try await client.stream(request)
        } catch {
            throw failure(error, of: request, changes: false)
        }
    }

    nonisolated private func request(for call: Call) -> HTTPRequest {
        var request = HTTPRequest(
            call.method, access.server + call.path + URLText.query(call.query), isIdempotent: true,
            timeout: settings.timeout, maximumResponseBytes: 512 << 20, authenticator: authenticator,
            secrets: call.secrets, hidesResponseBody: call.hidesResponse)
        request.headers["Accept"] = call.accept
        if let body = call.body {
            request.headers["Content-Type"] = call.contentType
            request.body = Array(body.json.utf8)
        }
        for (name, value) in access.impersonation.headers { request.headers.append(name, value) }
        return request
    }

    /// A refusal may repeat what it refuses.
    private static func text(_ response: HTTPResponse, to request: HTTPRequest) -> [UInt8] {
        guard !(200...299).contains(response.status), !request.secrets.isEmpty else { return response.body }
        return Array(request.redaction.text(String(decoding: response.body, as: UTF8.self)).utf8)
    }

    func close() async {
        for client in retired + [client].compactMap(\.self) { await client.close() }
        (client, retired) = (nil, [])
    }

    private func currentClient() async throws(ProviderError) -> HTTPClient {
        guard let holder else { return client ?? make(access.tls) }
        // A certificate belongs to the connection, and not to the request: another one needs another client.
        let credential = try await holder.credential()
        if let client, certificate == credential.certificate { return client }
        if let client { retired.append(client) }
        certificate = credential.certificate
        var tls = access.tls
        if let certificate = credential.certificate, let key = credential.key {
            tls.clientCertificate = .bytes(Array(certificate.utf8))
            tls.clientKey = .bytes(Array(key.utf8))
        }
        return make(tls)
    }

    private func make(_ tls: TLSSettings) -> HTTPClient {
        let made = HTTPClient(
            .init(
                userAgent: settings.userAgent, connectionsPerHost: settings.parallelism,
                streamsPerHost: 4096, idleConnections: settings.parallelism, tls: tls, proxy: access.proxy))
        client = made
        return made
    }
}

extension ProviderError {
    /// `changes` is false where nothing can have happened, whatever was lost.
    init(_ error: HTTPError, changes: Bool, origin: String) {
        let code: Code =
            switch error.kind {
            case .invalid: .invalid
            case .unreachable, .tls, .interrupted, .closed: .unavailable
            case .timeout: .timeout
            case .unreadable: .unexpected
            case .cancelled: .cancelled
            case .unauthorized: .unauthorized
            case .throttled: .rateLimited
            }
        self.init(
            code, "\(error.message) (\(origin))", isRetryable: error.isTransient,
            isOutcomeUnknown: changes && error.isOutcomeUnknown)
    }
}
