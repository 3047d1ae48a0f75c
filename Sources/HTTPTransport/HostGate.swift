/// How much is asked of one host at a time: all of what is allowed, until the host says that it is too much.
///
/// A refusal closes the gate for all requests to the host and halves how many go at a time from then on; each answer makes
/// it a little more again. A host that does nothing but refuse is given up in the end.
struct HostGate {
    private let policy: RetryPolicy
    private let fullLimit: Double
    private var limit: Double
    private var refusalsInARow = 0
    private var lastClosing: ContinuousClock.Instant?
    private(set) var closedUntil: ContinuousClock.Instant?
    /// Many servers count what reads and what changes something apart, so that the one may be refused and the other not.
    private var refusedReads: RefusalRun?
    private var refusedChanges: RefusalRun?

    /// What an answer tells the gate.
    struct Answer {
        let throttling: Throttling?
        /// When its request was sent.
        let start: ContinuousClock.Instant
        let isReading: Bool
        /// `429 Too Many Requests, Retry-After: 1: slow down`
        let words: String
    }

    init(limit: Int, policy: RetryPolicy) {
        fullLimit = Double(limit)
        self.limit = fullLimit
        self.policy = policy
    }

    /// Requests that may be in flight, once the gate is open.
    var places: Int { Int(limit) }

    /// Whether one that was not refused yet goes next. Those that were go first otherwise; but where they alone are refused,
    /// others would never be asked.
    var prefersNew: Bool { refusalsInARow % 3 == 2 }

    /// Nothing is lost if it is forgotten.
    var isPristine: Bool {
        closedUntil == nil && limit >= fullLimit && refusedReads == nil && refusedChanges == nil
    }

    mutating func isOpen(_ now: ContinuousClock.Instant) -> Bool {
        guard let closedUntil else { return true }
        guard closedUntil <= now else { return false }
        self.closedUntil = nil
        return true
    }

    /// Why a request is not even to be sent: the host is given up. Nil lets it go.
    mutating func objection(_ host: String, isReading: Bool, now: ContinuousClock.Instant) -> String? {
        let policy = policy
        let isAdmitted = isReading ? refusedReads?.admits(now, policy) : refusedChanges?.admits(now, policy)
        return isAdmitted == false ? reason(host, isReading: isReading) : nil
    }

    /// What those are told that the host is given up for.
    func reason(_ host: String, isReading: Bool) -> String {
        (isReading ? refusedReads : refusedChanges)?.reason(host: host, isReading: isReading) ?? ""
    }

    /// Takes note of an answer; true if the host is given up for it, for whatever waits to do the same.
    mutating func note(_ answer: Answer, now: ContinuousClock.Instant) -> Bool {
        if answer.throttling?.isRefusal != true {
            refusedReads = nil
            if !answer.isReading { refusedChanges = nil }
        }
        guard let throttling = answer.throttling else {
            refusalsInARow = 0
            limit = min(fullLimit, limit + 1 / limit)
            return false
        }
        guard policy.attempts > 1, (throttling.pause ?? .zero) <= policy.longestRetryAfter else { return false }
        if throttling.isRefusal { slowDown(sentAt: answer.start, now) }
        if let pause = throttling.pause ?? (throttling.isRefusal ? policy.backoff(max(1, refusalsInARow)) : nil) {
            // Everybody was told the same time: a little chance keeps apart who else heard it.
            let end = now + pause + policy.firstPause * Double.random(in: 0...1)
            closedUntil = max(closedUntil ?? end, end)
        }
        guard throttling.isRefusal else { return false }
        let run = extended(answer.isReading ? refusedReads : refusedChanges, answer, now)
        if answer.isReading { refusedReads = run.run } else { refusedChanges = run.run }
        return run.isGivenUp
    }

    private func extended(
        _ run: RefusalRun?, _ answer: Answer, _ now: ContinuousClock.Instant
    ) -> (run: RefusalRun, isGivenUp: Bool) {
        var longer = run.flatMap { $0.goesOn(answer.start, policy) ? $0 : nil } ?? RefusalRun(now)
        longer.add(answer.words, until: closedUntil, now)
        let isGivenUp = longer.giveUp(policy, until: closedUntil)
        return (longer, isGivenUp)
    }

    /// Requests that were on their way before the gate closed say nothing new.
    private mutating func slowDown(sentAt start: ContinuousClock.Instant, _ now: ContinuousClock.Instant) {
        if let lastClosing, start < lastClosing { return }
        lastClosing = now
        refusalsInARow += 1
        limit = max(1, (limit / 2).rounded(.down))
    }
}
