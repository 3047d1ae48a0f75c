import Dispatch
import StateBackendAPI

/// Calls that only read, each on a queue's thread.
extension SessionKeeper {
    /// - Parameter absent: what it gives where there are no tables.
    func read<Found: Sendable>(
        on thread: DispatchQueue, absent: Found,
        _ body: @escaping @Sendable (ServerConnection) throws(ServerFailure) -> Found
    ) async throws(StateBackendError) -> Found {
        let cancellation = CallCancellation()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (done: CheckedContinuation<Result<Found, StateBackendError>, Never>) in
                thread.async {
                    done.resume(
                        returning: self.perform(cancellation) { (session) throws(ServerFailure) in
                            guard try session.isPresent() else { return absent }
                            return try body(session.connection)
                        })
                }
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }

    /// After the calls that are already waiting.
    func close(on thread: DispatchQueue) async {
        await withCheckedContinuation { done in
            thread.async {
                self.close()
                done.resume()
            }
        }
    }
}
