public import StateBackendAPI
import Synchronization

/// A place to keep states in, still empty, that backends can be opened on: several at once, or one after another.
public struct BackendPlace: Sendable {
    /// What the backends on this place take for the time.
    public let clock = TestClock()
    private let opening: @Sendable (TestClock) async throws -> any StateBackend

    /// - Parameter opening: gives a new backend on the same place each time, whose clock is the one given.
    public init(_ opening: @escaping @Sendable (TestClock) async throws -> any StateBackend) {
        self.opening = opening
    }

    func open() async throws -> any StateBackend { try await opening(clock) }

    /// Opens a backend, hands it to the body, and closes it.
    func withBackend<Result>(_ body: (any StateBackend) async throws -> Result) async throws -> Result {
        let backend = try await open()
        do {
            let result = try await body(backend)
            await backend.close()
            return result
        } catch {
            await backend.close()
            throw error
        }
    }
}

/// A clock that stands still until it is moved.
public final class TestClock: Sendable {
    private let seconds = Mutex(1_800_000_000.0)

    init() {}

    /// Seconds since 1970.
    public var now: Double { seconds.withLock { $0 } }

    func advance(by difference: Double) { seconds.withLock { $0 += difference } }
}
