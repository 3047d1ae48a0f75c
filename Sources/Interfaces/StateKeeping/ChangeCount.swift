internal import Synchronization

/// Counts changes, and lets tasks wait for the next one without missing any.
public final class ChangeCount: Sendable {
    private struct Waiting {
        var count: Int64 = 0
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let waiting = Mutex(Waiting())

    public init() {}

    public var count: Int64 { waiting.withLock { $0.count } }

    public func raise() {
        let waiters = waiting.withLock { waiting in
            waiting.count += 1
            defer { waiting.waiters = [:] }
            return waiting.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    /// Returns the count as soon as it is another one, after `seconds`, or when the task is cancelled.
    public func wait(since seen: Int64, seconds: Double) async -> Int64 {
        // More than a day cannot matter, and an endless time has no end to compute.
        let seconds = min(max(0, seconds), 86_400)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.waitForAnother(than: seen) }
            group.addTask {
                do {
                    try await Task.sleep(for: .seconds(seconds))
                } catch {
                    // Cancelled: whoever waits is served at once.
                }
            }
            await group.next()
            group.cancelAll()
        }
        return count
    }

    private func waitForAnother(than seen: Int64) async {
        let number = waiting.withLock { waiting in
            waiting.nextWaiter += 1
            return waiting.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
                let mustWait = waiting.withLock { waiting in
                    guard waiting.count == seen, !Task.isCancelled else { return false }
                    waiting.waiters[number] = done
                    return true
                }
                if !mustWait { done.resume() }
            }
        } onCancel: {
            waiting.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }
}
