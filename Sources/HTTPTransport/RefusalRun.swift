/// Refusals of a host that follow one another with no other answer between: since when, how many, and what the last one said.
///
/// A host that refuses everything for too long is given up: what waits for it fails, and so does what is asked of it after
/// that, but for one request now and then that finds out whether it answers again.
struct RefusalRun {
    private let begin: ContinuousClock.Instant
    /// Seconds since 1970.
    private let beginTime: Int
    private var count = 0
    private var last: ContinuousClock.Instant
    private var lastWords = ""
    /// When the next request may go to a host that is given up; nil while it is not.
    private var nextProbe: ContinuousClock.Instant?

    init(_ now: ContinuousClock.Instant) {
        begin = now
        last = now
        beginTime = HTTPDate.now
    }

    /// Whether a request that was sent at `start` belongs to it: not when nobody has asked for a long time.
    func goesOn(_ start: ContinuousClock.Instant, _ policy: RetryPolicy) -> Bool {
        start - last <= policy.longestThrottling + policy.longestRetryAfter
    }

    mutating func add(_ words: String, until end: ContinuousClock.Instant?, _ now: ContinuousClock.Instant) {
        count += 1
        last = now
        lastWords = words
        if let nextProbe, let end { self.nextProbe = max(nextProbe, end) }
    }

    /// Gives the host up if it has refused for long enough; false if that is no news.
    mutating func giveUp(_ policy: RetryPolicy, until end: ContinuousClock.Instant?) -> Bool {
        guard nextProbe == nil, count > 1, last - begin >= policy.longestThrottling else { return false }
        nextProbe = max(end ?? last, last + policy.longestPause)
        return true
    }

    /// Whether a request may be sent now.
    mutating func admits(_ now: ContinuousClock.Instant, _ policy: RetryPolicy) -> Bool {
        guard let nextProbe else { return true }
        guard nextProbe <= now else { return false }
        self.nextProbe = now + policy.longestPause
        return true
    }

    /// `api.example.net refuses … since 14:02:11 UTC (125 s, 38 times in a row); the last answer was 429 …`
    func reason(host: String, isReading: Bool) -> String {
        let time = [beginTime / 3600 % 24, beginTime / 60 % 60, beginTime % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        let seconds = (last - begin) / .seconds(1)
        return "given up: \(host) has refused all that would \(isReading ? "read" : "change") something since "
            + "\(time.joined(separator: ":")) UTC (\(count) times in a row within \(Int(seconds.rounded(.up))) s); the last "
            + "answer was \(lastWords)"
    }
}
