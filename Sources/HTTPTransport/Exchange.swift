/// One request with all its attempts: signs, sends, waits, follows, until there is an answer or a reason why not.
struct Exchange {
    struct Reply {
        let response: HTTPResponse
        /// Brings the body of a streamed answer.
        let channel: ResponseChannel?
        /// What was sent at last.
        let request: HTTPRequest
    }

    private enum NextStep {
        case conclude
        case repeated
        case pause(Duration)
    }

    private let client: HTTPClient
    private var request: HTTPRequest
    private let isStream: Bool

    /// Requests sent.
    private var sent = 0
    /// Those among them that the retry policy counts.
    private var attempts = 0
    private var isOutcomeUnknown = false
    private var hasRefreshed = false
    private var redirects = 0
    private var refusedSince: ContinuousClock.Instant?
    private var refusals = 0

    init(_ client: HTTPClient, _ request: HTTPRequest, isStream: Bool = false) {
        self.client = client
        self.request = request
        self.isStream = isStream
    }

    mutating func run() async throws(HTTPError) -> Reply {
        while true {
            let signed = try await signedRequest()
            let channel = isStream ? ResponseChannel() : nil
            sent += 1
            attempts += 1
            let result = await client.attempt(signed, number: sent, into: channel)
            let step = try await nextStep(after: result, to: signed)
            if case .conclude = step { return try conclude(result, signed, channel) }
            channel?.letGo()
            if case .pause(let pause) = step { try await wait(pause) }
        }
    }

    private func signedRequest() async throws(HTTPError) -> HTTPRequest {
        var signed = request
        if let fault = RequestFault.find(in: signed) { throw HTTPError(.invalid, "\(signed.summary): \(fault)") }
        guard let authenticator = signed.authenticator else { return signed }
        do {
            try await authenticator.sign(&signed)
        } catch {
            throw HTTPError(error.kind, error.message, isOutcomeUnknown: isOutcomeUnknown, attempts: max(1, sent))
        }
        // What was added may be of any origin: a token with a line break in it is no header.
        if let fault = RequestFault.find(in: signed) { throw HTTPError(.invalid, "\(signed.summary): \(fault)") }
        return signed
    }

    private mutating func nextStep(
        after result: Result<HTTPResponse, HTTPError>, to signed: HTTPRequest
    ) async throws(HTTPError) -> NextStep {
        let policy = client.settings.retry
        switch result {
        case .failure(let error):
            isOutcomeUnknown = isOutcomeUnknown || error.isOutcomeUnknown
            return retry(after: policy.pause(after: error, to: signed, attempt: attempts))
        case .success(let response):
            if let throttling = Throttling(status: response.status, headers: response.headers), throttling.isRefusal {
                return endure(throttling, response.receivedAt ?? .now, policy)
            }
            if response.status == 401, try await refresh(signed) { return .repeated }
            if try redirect(response) { return .repeated }
            return retry(after: policy.pause(after: response, to: signed, attempt: attempts))
        }
    }

    private func retry(after pause: Duration?) -> NextStep {
        guard let pause, client.takeRetry(of: host) else { return .conclude }
        return .pause(pause)
    }

    private var host: String { URLText.authority(request.url) ?? "" }

    /// The host's gate makes the repeated request wait, and gives up a host that refuses everything; here it is only decided
    /// whether this one request is worth it.
    private mutating func endure(
        _ throttling: Throttling, _ now: ContinuousClock.Instant, _ policy: RetryPolicy
    ) -> NextStep {
        let since = refusedSince ?? now
        refusedSince = since
        refusals += 1
        let isFutile = policy.isFutile(refusals: refusals, within: now - since)
        guard policy.endures(throttling), !isFutile else { return .conclude }
        attempts -= 1
        return .repeated
    }

    private mutating func refresh(_ signed: HTTPRequest) async throws(HTTPError) -> Bool {
        guard let authenticator = signed.authenticator, !hasRefreshed else { return false }
        hasRefreshed = true
        return try await authenticator.refresh(after: signed)
    }

    /// Changes the request into the one that the answer leads to, if that is wanted.
    private mutating func redirect(_ response: HTTPResponse) throws(HTTPError) -> Bool {
        guard case .follow(let limit) = request.redirects, let location = response.headers["Location"],
            let next = Redirection(request, status: response.status, location: location)
        else { return false }
        guard redirects < limit else {
            throw HTTPError(.unreadable, "\(request.summary): redirected more than \(limit) times", attempts: sent)
        }
        redirects += 1
        // It is another request, which has its attempts before it.
        attempts = 0
        request = try next.request()
        return true
    }

    private func wait(_ pause: Duration) async throws(HTTPError) {
        do {
            try await Task.sleep(for: pause)
        } catch {
            throw HTTPError(
                .cancelled, "\(request.summary): cancelled while waiting for another attempt",
                isOutcomeUnknown: isOutcomeUnknown, attempts: sent)
        }
    }

    private func conclude(
        _ result: Result<HTTPResponse, HTTPError>, _ signed: HTTPRequest, _ channel: ResponseChannel?
    ) throws(HTTPError) -> Reply {
        switch result {
        case .success(var response):
            if sent == 1 { client.giveRetry(to: host) }
            response.attempts = sent
            response.sentSecrets = signed.secrets
            return Reply(response: response, channel: channel, request: signed)
        case .failure(let error):
            let tried = sent > 1 && error.kind != .throttled ? " (after \(sent) attempts)" : ""
            throw HTTPError(error.kind, error.message + tried, isOutcomeUnknown: isOutcomeUnknown, attempts: sent)
        }
    }
}

/// The request that an answer of 3xx leads to.
struct Redirection {
    private let old: HTTPRequest
    private let method: String
    private let url: String

    /// Headers that say what is wanted and not who wants it; all that another server gets.
    private static let harmlessHeaders: Set<String> = [
        "accept", "accept-encoding", "accept-language", "content-type", "range", "if-match", "if-none-match",
        "if-modified-since", "if-unmodified-since",
    ]

    /// Nil where the answer is not to be followed.
    init?(_ request: HTTPRequest, status: Int, location: String) {
        let isReading = request.method == "GET" || request.method == "HEAD"
        switch status {
        case 301, 302: if !isReading { return nil }
        case 303, 307, 308: break
        default: return nil
        }
        guard let url = URLText.resolved(location, against: request.url) else { return nil }
        // What stands in a body may be as secret as what stands in a header.
        let carriesBody = status != 303 && !(request.body.isEmpty && request.bodyStream == nil)
        if carriesBody, URLText.authority(url) != URLText.authority(request.url) { return nil }
        old = request
        method = status == 303 && !isReading ? "GET" : request.method
        self.url = url
    }

    func request() throws(HTTPError) -> HTTPRequest {
        let place = Redaction.withoutSecretParts(url)
        guard !(old.url.hasPrefix("https:") && !url.hasPrefix("https:")) else {
            throw HTTPError(
                .unreadable,
                "\(old.summary): the server redirects to \(place), which is not encrypted; that is not followed")
        }
        var request = old
        request.url = url
        if method != old.method {
            request.method = method
            request.isIdempotent = true
            request.body = []
            request.bodyStream = nil
            request.headers["Content-Type"] = nil
        }
        if URLText.authority(url) != URLText.authority(old.url) {
            request.authenticator = nil
            request.showsCertificate = false
            let kept = old.headers.filter { Redirection.harmlessHeaders.contains($0.name.lowercased()) }
            request.headers = HTTPHeaders(kept.map { ($0.name, $0.value) })
        }
        return request
    }
}

/// Finds what would make a request say something else than it means: line breaks in headers, URLs of other schemes.
enum RequestFault {
    static func find(in request: HTTPRequest) -> String? {
        guard request.url.hasPrefix("http://") || request.url.hasPrefix("https://"),
            URLText.authority(request.url) != nil
        else { return "the URL must begin with http:// or https:// and name a host" }
        if request.url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
            return "the URL holds a space or control character"
        }
        if request.method.isEmpty || !request.method.utf8.allSatisfy({ $0 >= 0x41 && $0 <= 0x5A }) {
            return "\"\(request.method)\" is no HTTP method"
        }
        for header in request.headers {
            let isClean = (header.name + header.value).utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }
            if !isClean || header.name.isEmpty || header.name.contains(where: { $0 == ":" || $0 == " " }) {
                return "the header \(header.name.debugDescription) holds a line break or another forbidden character"
            }
        }
        if request.bodyStream != nil, !request.body.isEmpty { return "it has two bodies" }
        return nil
    }
}
