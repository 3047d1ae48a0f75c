internal import Synchronization

/// Sends HTTP requests: keeps connections, bounds them per host, retries what may be retried.
///
/// It runs on libcurl, on a thread of its own that starts with the first request. `close` it when done; a client that
/// is let go without ends its thread too, and the requests still under way with it.
public final class HTTPClient: Sendable {
    public struct Settings: Sendable {
        public var userAgent: String
        public var connectTimeout: Duration
        /// Requests in flight per scheme, host and port; further ones wait.
        public var connectionsPerHost: Int
        /// Connections that are kept open for later, over all hosts.
        public var idleConnections: Int
        /// A PEM file of the certification authorities to trust instead of the system's.
        public var caFile: String?
        /// The path of a Unix socket that all requests go to, whatever host their URL names.
        public var unixSocket: String?
        public var retry: RetryPolicy
        /// Retries in a row before the client stops retrying until requests succeed again.
        public var retryBudget: Int
        public var wireLog: WireLog?

        public init(
            userAgent: String = HTTPClient.userAgent(version: nil), connectTimeout: Duration = .seconds(10),
            connectionsPerHost: Int = 16, idleConnections: Int = 32, caFile: String? = nil,
            unixSocket: String? = nil, retry: RetryPolicy = RetryPolicy(), retryBudget: Int = 100,
            wireLog: WireLog? = WireLog.fromEnvironment()
        ) {
            self.userAgent = userAgent
            self.connectTimeout = connectTimeout
            self.connectionsPerHost = connectionsPerHost
            self.idleConnections = idleConnections
            self.caFile = caFile
            self.unixSocket = unixSocket
            self.retry = retry
            self.retryBudget = retryBudget
            self.wireLog = wireLog
        }
    }

    private let settings: Settings
    private let loop: Mutex<TransferLoop?> = Mutex(nil)
    private let isClosed = Atomic<Bool>(false)
    private let budget: Mutex<RetryBudget>

    public init(_ settings: Settings = Settings()) {
        precondition(settings.connectionsPerHost > 0, "A client without connections can send nothing.")
        self.settings = settings
        budget = Mutex(RetryBudget(tokens: settings.retryBudget))
    }

    deinit {
        loop.withLock { $0?.stop() }
    }

    /// `plumbline/1.2.3`, or `plumbline` where the version is not known.
    public static func userAgent(version: String?) -> String {
        version.map { "plumbline/\($0)" } ?? "plumbline"
    }

    /// Sends a request until it has an answer, as often as the retry policy allows.
    ///
    /// - Returns: whatever the server answered, of any status; redirects are not followed.
    /// - Throws: why there is no answer, and whether the request may have had its effect nonetheless.
    public func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        if let fault = RequestFault.find(in: request) {
            throw HTTPError(.invalid, "\(request.summary): \(fault)")
        }
        var attempt = 1
        var isOutcomeUnknown = false
        while true {
            let result = await send(request, attempt: attempt)
            let pause: Duration?
            switch result {
            case .success(let response): pause = settings.retry.pause(after: response, to: request, attempt: attempt)
            case .failure(let error):
                isOutcomeUnknown = isOutcomeUnknown || error.isOutcomeUnknown
                pause = settings.retry.pause(after: error, to: request, attempt: attempt)
            }
            guard let pause, budget.withLock({ $0.take() }) else {
                return try conclude(result, attempts: attempt, isOutcomeUnknown: isOutcomeUnknown)
            }
            do {
                try await Task.sleep(for: pause)
            } catch {
                throw HTTPError(
                    .cancelled, "\(request.summary): cancelled while waiting for another attempt",
                    isOutcomeUnknown: isOutcomeUnknown, attempts: attempt)
            }
            attempt += 1
        }
    }

    /// Ends the client's thread and its connections; requests under way fail with `closed`.
    public func close() async {
        isClosed.store(true, ordering: .sequentiallyConsistent)
        let running = loop.withLock { loop in
            defer { loop = nil }
            return loop
        }
        await running?.end()
    }

    private func send(_ request: HTTPRequest, attempt: Int) async -> Result<HTTPResponse, HTTPError> {
        guard let log = settings.wireLog else { return await transfer(request) }
        let number = log.sent(request, attempt: attempt)
        let start = ContinuousClock.now
        let result = await transfer(request)
        log.received(result, to: request, number: number, after: ContinuousClock.now - start)
        return result
    }

    private func transfer(_ request: HTTPRequest) async -> Result<HTTPResponse, HTTPError> {
        guard !Task.isCancelled else { return .failure(HTTPError(.cancelled, "\(request.summary): cancelled")) }
        let running: TransferLoop? = loop.withLock { loop in
            if isClosed.load(ordering: .sequentiallyConsistent) { return nil }
            if loop == nil { loop = TransferLoop(settings) }
            return loop
        }
        guard let running else {
            return .failure(HTTPError(.closed, "\(request.summary): the HTTP client has been closed"))
        }
        return await running.run(request)
    }

    private func conclude(
        _ result: Result<HTTPResponse, HTTPError>, attempts: Int, isOutcomeUnknown: Bool
    ) throws(HTTPError) -> HTTPResponse {
        switch result {
        case .success(var response):
            if attempts == 1 { budget.withLock { $0.give() } }
            response.attempts = attempts
            return response
        case .failure(let error):
            let tried = attempts > 1 ? " (after \(attempts) attempts)" : ""
            throw HTTPError(error.kind, error.message + tried, isOutcomeUnknown: isOutcomeUnknown, attempts: attempts)
        }
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
        return nil
    }
}
