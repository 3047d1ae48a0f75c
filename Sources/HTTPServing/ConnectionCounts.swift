internal import Synchronization

/// Counts the connections of a server.
public final class ConnectionCounts: Sendable {
    private struct Counts {
        var refused = 0
        /// Those of them that the log does not hold yet, and when it was last written.
        var unlogged = 0
        var lastLogged: ContinuousClock.Instant?
        var timedOut = 0
    }

    private let counts = Mutex(Counts())
    private let connections = Atomic<Int>(0)

    public init() {}

    public var open: Int { connections.load(ordering: .relaxed) }
    /// Above the limit.
    public var refused: Int { counts.withLock { $0.refused } }
    /// Too slow.
    public var timedOut: Int { counts.withLock { $0.timedOut } }

    /// How many connections there are, with one more.
    func opened() -> Int { connections.add(1, ordering: .relaxed).newValue }

    func closed() { connections.subtract(1, ordering: .relaxed) }

    func countTimeout() { counts.withLock { $0.timedOut += 1 } }

    /// How many were refused since this was last logged, at most once a second: a flood of connections is none of lines.
    func countRefused() -> Int? {
        counts.withLock { counts in
            counts.refused += 1
            counts.unlogged += 1
            let now = ContinuousClock.now
            if let last = counts.lastLogged, last.duration(to: now) < .seconds(1) { return nil }
            counts.lastLogged = now
            defer { counts.unlogged = 0 }
            return counts.unlogged
        }
    }
}
