internal import Synchronization

/// Wakes the one task that waits for something to do: at a time, or when it is rung.
final class Alarm: Sendable {
    private struct Content {
        var hasRung = false
        var sleeper: CheckedContinuation<Void, Never>?
    }

    private let content = Mutex(Content())

    /// What is rung while nobody sleeps wakes the next at once.
    func ring() {
        let sleeper = content.withLock { content in
            if content.sleeper == nil { content.hasRung = true }
            defer { content.sleeper = nil }
            return content.sleeper
        }
        sleeper?.resume()
    }

    /// Returns when it is rung, or after a number of seconds.
    func sleep(seconds: Double) async {
        guard seconds > 0 else { return }
        let timer = Task {
            do { try await Task.sleep(for: .seconds(seconds)) } catch { return }
            ring()
        }
        await withCheckedContinuation { continuation in
            let isAwake = content.withLock { content in
                precondition(content.sleeper == nil, "One task sleeps at a time.")
                if content.hasRung {
                    content.hasRung = false
                    return true
                }
                content.sleeper = continuation
                return false
            }
            if isAwake { continuation.resume() }
        }
        timer.cancel()
    }
}
