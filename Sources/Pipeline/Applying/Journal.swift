internal import PlumbModel
internal import StateBackendAPI

/// Writes a run's intents and results. A write that has begun is finished even when the run is cancelled: what a
/// provider has done must be recorded.
struct Journal: Sendable {
    let backend: any StateBackend
    let lease: Lease
    let run: String

    func write(_ writes: [StateWrite]) async throws(StateBackendError) {
        let (backend, lease) = (backend, lease)
        let result = await Task {
            do throws(StateBackendError) {
                try await backend.commit(writes, under: lease)
                return Result<Void, StateBackendError>.success(())
            } catch {
                return .failure(error)
            }
        }.value
        try result.get()
    }
}
