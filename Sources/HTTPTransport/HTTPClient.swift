internal import Synchronization

/// Sends HTTP requests: keeps connections, bounds them per host, retries what may be retried.
///
/// It runs on libcurl, on a thread of its own that starts with the first request. `close` it when done; a client that
/// is let go without ends its thread too, and the requests still under way with it.
public final class HTTPClient: Sendable {
    let settings: Settings
    private let loop: Mutex<TransferLoop?> = Mutex(nil)
    private let isClosed = Atomic<Bool>(false)
    /// Of hosts that have lost some of it.
    private let budgets: Mutex<[String: RetryBudget]> = Mutex([:])

    public init(_ settings: Settings = Settings()) {
        precondition(settings.connectionsPerHost > 0, "A client without connections can send nothing.")
        precondition(settings.streamsPerHost > 0, "A client must be able to open a stream.")
        self.settings = settings
    }

    deinit {
        loop.withLock { $0?.stop() }
    }

    /// Sends a request until it has an answer, as often as the retry policy allows.
    ///
    /// - Returns: whatever the server answered, of any status; redirects only as far as the request says.
    /// - Throws: why there is no answer, and whether the request may have had its effect nonetheless.
    public func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        var exchange = Exchange(self, request)
        return try await exchange.run().response
    }

    /// Sends a request, and hands out the answer as soon as its head is there. Retries end there too.
    ///
    /// The body is not decompressed and of any length. `request.timeout` bounds the time to the head, `idleTimeout` every
    /// silence after it.
    public func stream(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponseStream {
        var exchange = Exchange(self, request, isStream: true)
        let reply = try await exchange.run()
        guard let channel = reply.channel else { preconditionFailure("A streamed answer comes through a channel.") }
        return HTTPResponseStream(reply.response, channel, reply.request)
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

    /// One attempt, in the wire log.
    func attempt(
        _ request: HTTPRequest, number: Int, into channel: ResponseChannel?
    ) async -> Result<HTTPResponse, HTTPError> {
        guard let log = settings.wireLog else { return await transfer(request, number, channel) }
        let line = log.sent(request, attempt: number)
        let start = ContinuousClock.now
        let result = await transfer(request, number, channel)
        log.received(
            result, to: request, number: line, after: ContinuousClock.now - start, isStream: channel != nil)
        return result
    }

    private func transfer(
        _ request: HTTPRequest, _ number: Int, _ channel: ResponseChannel?
    ) async -> Result<HTTPResponse, HTTPError> {
        guard !Task.isCancelled else { return .failure(HTTPError(.cancelled, "\(request.summary): cancelled")) }
        let running: TransferLoop? = loop.withLock { loop in
            if isClosed.load(ordering: .sequentiallyConsistent) { return nil }
            if loop == nil { loop = TransferLoop(settings) }
            return loop
        }
        guard let running else {
            return .failure(HTTPError(.closed, "\(request.summary): the HTTP client has been closed"))
        }
        return await running.run(request, isRepeated: number > 1, into: channel)
    }

    // MARK: - The hosts' budgets

    func takeRetry(of host: String) -> Bool {
        budgets.withLock { budgets in
            budgets[host, default: RetryBudget(tokens: settings.retryBudget)].take()
        }
    }

    func giveRetry(to host: String) {
        budgets.withLock { budgets in
            guard !budgets.isEmpty, budgets[host] != nil else { return }
            budgets[host]?.give()
            if budgets[host]?.isFull == true { budgets[host] = nil }
        }
    }
}
