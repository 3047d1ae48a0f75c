import Dispatch
import ProviderAPI

/// Runs blocking calls on threads of their own, so that Swift's cooperative pool never waits for a disk.
enum BlockingCalls {
    private static let queue = DispatchQueue(label: "plumb.builtin.blocking", attributes: .concurrent)

    /// - Throws: `cancelled` if the task is cancelled before the call has begun; a call that has begun runs to its end.
    static func run<Result: Sendable>(
        _ body: @escaping @Sendable () throws(ProviderError) -> Result
    ) async throws(ProviderError) -> Result {
        if Task.isCancelled { throw ProviderError(.cancelled, "Cancelled before it had begun.") }
        let result = await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(returning: Swift.Result { () throws(ProviderError) in try body() })
            }
        }
        return try result.get()
    }
}
