import ProviderAPI

extension ProviderError {
    /// The same, of something that may have happened nonetheless: whoever recovers finds it out.
    var doubtful: ProviderError {
        ProviderError(code, message, isRetryable: isRetryable, isOutcomeUnknown: true)
    }
}

/// Reads what a change has made, or may have made: that this fails does not undo the change.
func readAfterChange<Found>(_ read: () async throws(ProviderError) -> Found) async throws(ProviderError) -> Found {
    do throws(ProviderError) {
        return try await read()
    } catch {
        throw error.doubtful
    }
}
