/// How much is asked of one host at a time: all of what is allowed, until the host says that it is too much.
///
/// A refusal closes the gate for all requests to the host and halves how many go at a time from then on; each answer makes
/// it a little more again.
struct HostGate {
    private let policy: RetryPolicy
    private let fullLimit: Double
    private var limit: Double
    private var refusalsInARow = 0
    private var lastClosing: ContinuousClock.Instant?
    private(set) var closedUntil: ContinuousClock.Instant?

    init(limit: Int, policy: RetryPolicy) {
        fullLimit = Double(limit)
        self.limit = fullLimit
        self.policy = policy
    }

    /// Requests that may be in flight, once the gate is open.
    var places: Int { Int(limit) }

    /// Nothing is lost if it is forgotten.
    var isPristine: Bool { closedUntil == nil && limit >= fullLimit }

    mutating func isOpen(_ now: ContinuousClock.Instant) -> Bool {
        guard let closedUntil else { return true }
        guard closedUntil <= now else { return false }
        self.closedUntil = nil
        return true
    }

    /// Takes note of an answer to a request that was sent at `start`.
    mutating func note(_ throttling: Throttling?, sentAt start: ContinuousClock.Instant, now: ContinuousClock.Instant) {
        guard let throttling else {
            refusalsInARow = 0
            limit = min(fullLimit, limit + 1 / limit)
            return
        }
        guard policy.attempts > 1, (throttling.pause ?? .zero) <= policy.longestRetryAfter else { return }
        if throttling.isRefusal { slowDown(sentAt: start, now) }
        guard let pause = throttling.pause ?? (throttling.isRefusal ? policy.backoff(max(1, refusalsInARow)) : nil)
        else { return }
        // Everybody was told the same time: a little chance keeps apart who else heard it.
        let end = now + pause + policy.firstPause * Double.random(in: 0...1)
        closedUntil = max(closedUntil ?? end, end)
    }

    /// Requests that were on their way before the gate closed say nothing new.
    private mutating func slowDown(sentAt start: ContinuousClock.Instant, _ now: ContinuousClock.Instant) {
        if let lastClosing, start < lastClosing { return }
        lastClosing = now
        refusalsInARow += 1
        limit = max(1, (limit / 2).rounded(.down))
    }
}
