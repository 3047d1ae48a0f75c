import ProviderAPI
import Synchronization

/// Holds what is to be read next: each resource once, however many events were about it.
final class WatchAgenda: Sendable {
    /// What is read in one go.
    struct Work: Sendable, Hashable {
        var isEverything = false
        var indexes: Set<Int> = []

        var isEmpty: Bool { !isEverything && indexes.isEmpty }
    }

    private struct Content {
        var due = Work()
        /// Whether the stream of events is open: before that, and without it, nothing is read.
        var isOpen = false
        /// When everything is tried again.
        var retry: ContinuousClock.Instant?
        var failures = 0
    }

    private let content = Mutex(Content())
    /// Something may be due.
    let wakeups: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    private static let longestPause = 30.0
    /// Between looks at what no event tells.
    private static let lookPause = Duration.seconds(60)
    private static let tick = Duration.milliseconds(500)

    init() {
        (wakeups, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func add(_ indexes: some Sequence<Int>) {
        content.withLock { $0.due.indexes.formUnion(indexes) }
        waker.yield()
    }

    func addEverything() {
        content.withLock { content in
            content.due.isEverything = true
            (content.retry, content.failures) = (nil, 0)
        }
        waker.yield()
    }

    func open() {
        content.withLock { $0.isOpen = true }
        waker.yield()
    }

    func close() { content.withLock { $0.isOpen = false } }

    /// Nil where there is nothing to read, or nobody to ask.
    func take() -> Work? {
        content.withLock { content in
            guard content.isOpen, !content.due.isEmpty else { return nil }
            defer { content.due = Work() }
            return content.due
        }
    }

    /// Reading has failed, or will: everything is tried again, each time later.
    func postpone() {
        content.withLock { content in
            let pause = min(Self.longestPause, Double(1 << min(content.failures, 10)))
            content.failures += 1
            content.retry = ContinuousClock.now + .seconds(pause * Double.random(in: 0.5...1))
        }
    }

    /// Reading has succeeded again.
    func forgetFailures() { content.withLock { ($0.retry, $0.failures) = (nil, 0) } }

    /// Makes due what has to be tried again, and from time to time what no event tells.
    func keepTime(unannounced indexes: [Int]) async -> ProviderError {
        var nextLook = ContinuousClock.now + Self.lookPause
        while (try? await Task.sleep(for: Self.tick)) != nil {
            let now = ContinuousClock.now
            let isDue = content.withLock { content in
                guard let retry = content.retry, retry <= now else { return false }
                content.retry = nil
                content.due.isEverything = true
                return true
            }
            if isDue { waker.yield() }
            if nextLook <= now {
                if !indexes.isEmpty { add(indexes) }
                nextLook = now + Self.lookPause
            }
        }
        return .watchCancelled
    }
}
