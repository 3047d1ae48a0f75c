/// When a request is sent once more, and after what pause.
///
/// | what happened | sent again |
/// | --- | --- |
/// | no connection, or it ended before anything was sent | always |
/// | 429; 503 with `Retry-After` | always: the server says that it did nothing |
/// | connection lost, timeout, 500, 502, 503, 504 | only if the request is idempotent |
/// | everything else | never |
public struct RetryPolicy: Sendable {
    /// Attempts in all; 1 means no retry.
    public var attempts: Int
    /// The pause before the second attempt; each further one is twice as long. Half of it is left to chance.
    public var firstPause: Duration
    public var longestPause: Duration
    /// A `Retry-After` beyond this is not waited for.
    public var longestRetryAfter: Duration

    public init(
        attempts: Int = 5, firstPause: Duration = .milliseconds(200), longestPause: Duration = .seconds(10),
        longestRetryAfter: Duration = .seconds(60)
    ) {
        self.attempts = attempts
        self.firstPause = firstPause
        self.longestPause = longestPause
        self.longestRetryAfter = longestRetryAfter
    }

    public static let none = RetryPolicy(attempts: 1)

    /// The pause before the next attempt; nil if there must be none.
    func pause(after response: HTTPResponse, to request: HTTPRequest, attempt: Int) -> Duration? {
        guard attempt < attempts else { return nil }
        let asked = response.headers["Retry-After"].flatMap(RetryPolicy.seconds)
        let isRefused = response.status == 429 || (response.status == 503 && asked != nil)
        let isTransient = [500, 502, 503, 504].contains(response.status) && request.isIdempotent
        guard isRefused || isTransient else { return nil }
        guard let asked else { return backoff(attempt) }
        // Everybody was told the same time: a little chance keeps them apart.
        return asked > longestRetryAfter ? nil : asked + firstPause * Double.random(in: 0...1)
    }

    func pause(after error: HTTPError, to request: HTTPRequest, attempt: Int) -> Duration? {
        guard attempt < attempts, error.isTransient else { return nil }
        return error.isOutcomeUnknown && !request.isIdempotent ? nil : backoff(attempt)
    }

    private func backoff(_ attempt: Int) -> Duration {
        let pause = min(longestPause, firstPause * (1 << min(attempt - 1, 20)))
        return pause / 2 + pause / 2 * Double.random(in: 0...1)
    }

    /// `Retry-After` in seconds, or as a date of RFC 9110 (`Sun, 06 Nov 1994 08:49:37 GMT`).
    static func seconds(_ text: String) -> Duration? {
        if let seconds = Int(text), seconds >= 0 { return .seconds(min(seconds, 86_400 * 365)) }
        return HTTPDate.seconds(text).map { .seconds(max(0, $0 - HTTPDate.now)) }
    }
}

/// Bounds how many retries a client makes in all, so that a server in trouble is not buried under them.
///
/// Each retry takes a token; an answer at the first attempt gives a tenth back.
struct RetryBudget {
    private var tenths: Int
    private let fullTenths: Int

    init(tokens: Int) {
        fullTenths = tokens * 10
        tenths = fullTenths
    }

    mutating func take() -> Bool {
        guard tenths >= 10 else { return false }
        tenths -= 10
        return true
    }

    mutating func give() {
        tenths = min(fullTenths, tenths + 1)
    }
}
