import ProviderAPI

/// Lets changes of one pool's volumes go one after the other: libvirt refuses to look into a pool, which each of them does,
/// while an image is written in it.
actor PoolTurns {
    private var last: [String: Task<Void, Never>] = [:]

    /// What has waited long enough to begin is finished, also when it is cancelled while it waits.
    func run<Success: Sendable>(
        _ pool: String, _ body: @escaping @Sendable () async throws(ProviderError) -> Success
    ) async throws(ProviderError) -> Success {
        let before = last[pool]
        let work = Task { () -> Result<Success, ProviderError> in
            await before?.value
            do throws(ProviderError) {
                return .success(try await body())
            } catch {
                return .failure(error)
            }
        }
        last[pool] = Task { _ = await work.value }
        let result = await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            work.cancel()
        }
        return try result.get()
    }
}
