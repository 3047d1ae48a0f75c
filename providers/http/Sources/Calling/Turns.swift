import Synchronization

/// Lets work with the same name go on one at a time, in the order of asking.
final class Turns: Sendable {
    private struct Waiter {
        let number: Int
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct Queues {
        /// What goes on, with those that wait for it.
        var waiting: [String: [Waiter]] = [:]
        var numbers = 0
        /// Those that were cancelled before they began to wait.
        var cancelled: Set<Int> = []
    }

    private let queues = Mutex(Queues())

    /// Waits for the turn. False if the task was cancelled meanwhile; then there is nothing to give back.
    func take(_ name: String) async -> Bool {
        let number = queues.withLock { queues in
            queues.numbers += 1
            return queues.numbers
        }
        let isMine = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = queues.withLock { queues in
                    if queues.cancelled.remove(number) != nil { return false }
                    guard queues.waiting[name] != nil else {
                        queues.waiting[name] = []
                        return true
                    }
                    queues.waiting[name]?.append(Waiter(number: number, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            cancel(number, name)
        }
        _ = queues.withLock { $0.cancelled.remove(number) }
        return isMine
    }

    func giveBack(_ name: String) {
        let next: Waiter? = queues.withLock { queues in
            guard queues.waiting[name]?.isEmpty == false else {
                queues.waiting[name] = nil
                return nil
            }
            return queues.waiting[name]?.removeFirst()
        }
        next?.continuation.resume(returning: true)
    }

    private func cancel(_ number: Int, _ name: String) {
        let waiter: Waiter? = queues.withLock { queues in
            guard let index = queues.waiting[name]?.firstIndex(where: { $0.number == number }) else {
                queues.cancelled.insert(number)
                return nil
            }
            return queues.waiting[name]?.remove(at: index)
        }
        waiter?.continuation.resume(returning: false)
    }
}
