/// When a request is sent once more, and after what pause.
///
/// | what happened | sent again |
/// | --- | --- |
/// | no connection, or it ended before anything was sent | always |
/// | 429; 503 with `Retry-After`; 403 of a spent quota | always: the server says that it did nothing |
/// | connection lost, timeout, 500, 502, 503, 504 | only if the request is idempotent |
/// | 401, where the request has an authenticator with other credentials to try | once |
/// | everything else | never |
///
/// Refusals of the second line are no attempts: all requests to that host wait as long as it asks, then fewer of them go
/// at a time until it takes them again, so that a storm of them loses nothing. A host that gives no other answer for
/// `longestThrottling` is given up: all that waits for it fails at once, with one reason, and so does what comes after that, but
/// for one request at each `longestPause`, which finds out whether the host answers again.
public struct RetryPolicy: Sendable {
    /// Attempts in all; 1 means no retry of any kind.
    public var attempts: Int
    /// The pause before the second attempt; each further one is twice as long. Half of it is left to chance.
    public var firstPause: Duration
    public var longestPause: Duration
    /// A `Retry-After` beyond this is not waited for.
    public var longestRetryAfter: Duration
    /// How long a host may refuse everything before it is given up. One request alone, of a host that answers others, is
    /// refused for twice as long before the refusal is its answer.
    public var longestThrottling: Duration

    public init(
        attempts: Int = 5, firstPause: Duration = .milliseconds(200), longestPause: Duration = .seconds(10),
        longestRetryAfter: Duration = .seconds(60), longestThrottling: Duration = .seconds(120)
    ) {
        self.attempts = attempts
        self.firstPause = firstPause
        self.longestPause = longestPause
        self.longestRetryAfter = longestRetryAfter
        self.longestThrottling = longestThrottling
    }

    public static let none = RetryPolicy(attempts: 1)

    /// Whether a refusal is waited for.
    func endures(_ throttling: Throttling) -> Bool {
        attempts > 1 && throttling.isRefusal && (throttling.pause ?? .zero) <= longestRetryAfter
    }

    /// The pause before the next attempt; nil if there must be none.
    func pause(after response: HTTPResponse, to request: HTTPRequest, attempt: Int) -> Duration? {
        guard attempt < attempts, request.isIdempotent, [500, 502, 503, 504].contains(response.status) else {
            return nil
        }
        // It asks for longer than anybody wants to wait.
        if let asked = response.headers["Retry-After"].flatMap(Throttling.time), asked > longestRetryAfter {
            return nil
        }
        return backoff(attempt)
    }

    func pause(after error: HTTPError, to request: HTTPRequest, attempt: Int) -> Duration? {
        guard attempt < attempts, error.isTransient, error.kind != .throttled else { return nil }
        return error.isOutcomeUnknown && !request.isIdempotent ? nil : backoff(attempt)
    }

    func backoff(_ attempt: Int) -> Duration {
        let pause = min(longestPause, firstPause * (1 << min(attempt - 1, 20)))
        return pause / 2 + pause / 2 * Double.random(in: 0...1)
    }
}

/// Bounds how many retries a host gets in all, so that a server in trouble is not buried under them.
///
/// Each retry takes a token; an answer at the first attempt gives a tenth back.
struct RetryBudget {
    private var tenths: Int
    private let fullTenths: Int

    init(tokens: Int) {
        fullTenths = tokens * 10
        tenths = fullTenths
    }

    var isFull: Bool { tenths == fullTenths }

    mutating func take() -> Bool {
        guard tenths >= 10 else { return false }
        tenths -= 10
        return true
    }

    mutating func give() {
        tenths = min(fullTenths, tenths + 1)
    }
}
