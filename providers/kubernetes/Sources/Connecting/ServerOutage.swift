import ProviderAPI
import Synchronization

/// How long the API server has been away, for all who ask it: one that has answered before is waited for, since it is
/// restarted or upgraded, and what is asked of it may be asked twice.
final class ServerOutage: Sendable {
    private enum Course {
        /// It may be the wrong address: nobody waits for that.
        case neverReached
        case reached
        case away(since: ContinuousClock.Instant)
    }

    private let course = Mutex(Course.neverReached)
    private let longest: Duration

    /// - Parameter longest: how long it is waited for.
    init(longest: Duration = .seconds(90)) { self.longest = longest }

    func end() { course.withLock { $0 = .reached } }

    /// Waits a moment after a call that found no server.
    ///
    /// - Parameter start: when the call was begun.
    /// - Returns: whether to ask again.
    func outlasts(_ reason: String, since start: ContinuousClock.Instant) async -> Bool {
        let now = ContinuousClock.now
        let isOver = course.withLock { course in
            switch course {
            case .neverReached: return true
            case .reached:
                course = .away(since: now)
                return false
            case .away(let since): return now - since > longest
            }
        }
        // Others may be answered all the while.
        guard !isOver, now - start <= longest else { return false }
        ProviderProgress.report("waiting for the API server, which answered before: \(reason)")
        do {
            try await Task.sleep(for: .seconds(1))
            return true
        } catch {
            return false
        }
    }
}
