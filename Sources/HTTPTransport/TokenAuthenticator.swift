internal import Synchronization

/// What a server takes as proof for a while.
public struct AccessToken: Sendable {
    public let value: String
    /// How long it is good for, from when it was asked for; nil: until the server refuses it.
    public let lifetime: Duration?

    public init(_ value: String, lifetime: Duration? = nil) {
        self.value = value
        self.lifetime = lifetime
    }
}

/// Sends a token that is fetched when it is needed, once for all who need it, and anew before it ends or when it is refused.
public final class TokenAuthenticator: RequestAuthenticator {
    /// Gets a token: from a server, from a program.
    public typealias Fetch = @Sendable () async throws(HTTPError) -> AccessToken

    private struct Held {
        let token: AccessToken
        /// When it is to be replaced; before its end.
        let renewal: ContinuousClock.Instant?
    }

    private enum Answer: Sendable {
        case token(Result<AccessToken, HTTPError>)
        case cancelled
    }

    private struct State {
        var held: Held?
        var fetch: Task<Void, Never>?
        var waiting: [Int: CheckedContinuation<Answer, Never>] = [:]
        var nextWaiter = 0
    }

    private let header: String
    private let prefix: String
    private let margin: Duration
    private let fetch: Fetch
    private let state = Mutex(State())

    /// - Parameters:
    ///   - header: the header that the token is sent in, after `prefix`.
    ///   - margin: how long before its end a token is replaced, so that clocks may differ and requests take their time; at
    ///     most a tenth of its life.
    public init(
        header: String = "Authorization", prefix: String = "Bearer ", margin: Duration = .seconds(60),
        fetch: @escaping Fetch
    ) {
        self.header = header
        self.prefix = prefix
        self.margin = margin
        self.fetch = fetch
    }

    public func sign(_ request: inout HTTPRequest) async throws(HTTPError) {
        let token = try await token(for: request)
        request.headers[header] = prefix + token.value
        request.secrets.append(token.value)
    }

    public func refresh(after request: HTTPRequest) async throws(HTTPError) -> Bool {
        let used = request.headers[header]
        state.withLock { state in
            // Somebody else may have replaced the token meanwhile: the new one is not to be thrown away.
            if let held = state.held, prefix + held.token.value == used { state.held = nil }
        }
        return prefix + (try await token(for: request)).value != used
    }

    private func token(for request: HTTPRequest) async throws(HTTPError) -> AccessToken {
        let held = state.withLock { state -> AccessToken? in
            guard let held = state.held else { return nil }
            if let renewal = held.renewal, renewal <= .now { return nil }
            return held.token
        }
        if let held { return held }
        switch await wait() {
        case .token(let result): return try result.get()
        case .cancelled: throw HTTPError(.cancelled, "\(request.summary): cancelled while waiting for credentials")
        }
    }

    /// Joins the fetch that is under way, or begins one; it ends early when nobody waits for it any more.
    private func wait() async -> Answer {
        let number = state.withLock { state in
            defer { state.nextWaiter += 1 }
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled else { return continuation.resume(returning: .cancelled) }
                state.withLock { state in
                    state.waiting[number] = continuation
                    if state.fetch == nil { state.fetch = Task { await self.fetchOnce() } }
                }
                // A cancellation between the two has found nobody waiting.
                if Task.isCancelled { leave(number) }
            }
        } onCancel: {
            leave(number)
        }
    }

    private func leave(_ number: Int) {
        let continuation = state.withLock { state in
            let continuation = state.waiting.removeValue(forKey: number)
            if continuation != nil, state.waiting.isEmpty {
                state.fetch?.cancel()
                state.fetch = nil
            }
            return continuation
        }
        continuation?.resume(returning: .cancelled)
    }

    private func fetchOnce() async {
        let start = ContinuousClock.now
        let result: Result<AccessToken, HTTPError>
        do throws(HTTPError) {
            result = .success(try await fetch())
        } catch {
            result = .failure(error)
        }
        let waiting = state.withLock { state -> [CheckedContinuation<Answer, Never>] in
            // Cancelled: those who wait by now wait for another fetch.
            guard !Task.isCancelled else { return [] }
            state.fetch = nil
            if case .success(let token) = result {
                let renewal = token.lifetime.map { start + max(.zero, $0 - min(margin, $0 / 10)) }
                state.held = Held(token: token, renewal: renewal)
            }
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume(returning: .token(result)) }
    }
}
