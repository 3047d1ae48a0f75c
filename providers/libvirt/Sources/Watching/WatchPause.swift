import ProviderAPI

/// Grows the pauses between attempts, each partly left to chance, so that many watches do not come back at one moment.
struct WatchPause {
    private(set) var failures = 0

    private static let first = 0.1
    private static let longest = 5.0

    mutating func reset() { failures = 0 }

    /// - Throws: `cancelled`.
    mutating func wait() async throws(ProviderError) {
        failures += 1
        let pause = min(Self.longest, Self.first * Double(1 << min(failures - 1, 10)))
        do {
            try await Task.sleep(for: .seconds(pause * Double.random(in: 0.5...1)))
        } catch {
            throw ProviderError.watchCancelled
        }
    }
}
