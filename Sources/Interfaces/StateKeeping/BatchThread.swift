internal import Dispatch
internal import Synchronization

/// Does blocking work on one thread of its own: requests that come while it is busy wait, and are then done together.
public final class BatchThread<Request: Sendable, Answer: Sendable>: Sendable {
    private struct Waiting: Sendable {
        var requests: [(request: Request, done: CheckedContinuation<Answer, Never>)] = []
        var isDraining = false
    }

    private let thread: DispatchQueue
    private let limit: Int
    private let work: @Sendable ([Request]) -> [Answer]
    private let waiting = Mutex(Waiting())

    /// - Parameters:
    ///   - label: names the thread in debuggers.
    ///   - limit: how many requests are done together at most.
    ///   - work: gives one answer for each request, in their order.
    public init(label: String, limit: Int = .max, work: @escaping @Sendable ([Request]) -> [Answer]) {
        thread = DispatchQueue(label: label, qos: .userInitiated)
        self.limit = limit
        self.work = work
    }

    /// Returns when the request is done.
    public func perform(_ request: Request) async -> Answer {
        await withCheckedContinuation { done in
            let mustStart = waiting.withLock { waiting in
                waiting.requests.append((request, done))
                defer { waiting.isDraining = true }
                return !waiting.isDraining
            }
            if mustStart { thread.async { self.drain() } }
        }
    }

    /// Does something after the requests that are already waiting.
    public func finish(_ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { done in
            thread.async {
                body()
                done.resume()
            }
        }
    }

    private func drain() {
        while true {
            let batch = waiting.withLock { waiting in
                let batch = Array(waiting.requests.prefix(limit))
                waiting.requests.removeFirst(batch.count)
                waiting.isDraining = !batch.isEmpty
                return batch
            }
            guard !batch.isEmpty else { return }
            let answers = work(batch.map(\.request))
            precondition(answers.count == batch.count, "each request gets one answer")
            for (waiting, answer) in zip(batch, answers) { waiting.done.resume(returning: answer) }
        }
    }
}
