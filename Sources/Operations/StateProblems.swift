internal import PlumbModel
internal import StateBackendAPI

/// Does something with a state; what the backend refuses is told as a problem of the user's.
func translating<Success: Sendable>(
    _ body: () async throws(StateBackendError) -> Success
) async throws(Diagnostics) -> Success {
    do throws(StateBackendError) {
        return try await body()
    } catch {
        throw Diagnostics(Diagnostic.error(error.summary, error.message).passing(if: error.isPassing))
    }
}
