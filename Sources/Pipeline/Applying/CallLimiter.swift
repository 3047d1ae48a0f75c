internal import Synchronization

/// Lets a bounded number of provider calls go on at once; the rest wait in line.
final class CallLimiter: Sendable {
    private struct State {
        var free: Int
        var line: [CheckedContinuation<Void, Never>] = []
        var next = 0
    }

    private let state: Mutex<State>

    init(limit: Int) {
        state = Mutex(State(free: limit))
    }

    func withPermit<Result, Failure: Error>(
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        await acquire()
        defer { release() }
        return try await body()
    }

    private func acquire() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                state.line.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    private func release() {
        let waiting: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard state.next < state.line.count else {
                state.free += 1
                return nil
            }
            let first = state.line[state.next]
            state.next += 1
            if state.next == state.line.count {
                state.line.removeAll(keepingCapacity: true)
                state.next = 0
            }
            return first
        }
        waiting?.resume()
    }
}
