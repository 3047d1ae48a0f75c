public import StateBackendAPI

/// Everything a controller's store must do, as named checks: the tests of every state backend run them all.
public enum ControllerStoreConformance {
    public static let checks: [ControllerStoreCheck] = recordChecks + logChecks + memberChecks + changeChecks
}

/// One demand on a controller's store.
public struct ControllerStoreCheck: Sendable, CustomStringConvertible {
    /// A sentence: shown by the tests as the name of the check.
    public let name: String
    private let body: @Sendable (ControllerStorePlace) async throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (ControllerStorePlace) async throws -> Void) {
        self.name = name
        self.body = body
    }

    public var description: String { name }

    /// Throws a `ConformanceFailure`, or what the store threw where it should not have.
    ///
    /// - Parameter place: an empty one, used for this check only.
    public func run(on place: ControllerStorePlace) async throws { try await body(place) }
}

/// A database, still empty, on which controllers' stores can be opened: several at once, or one after another.
public struct ControllerStorePlace: Sendable {
    /// What the stores on this place take for the time.
    public let clock = TestClock()
    private let opening: @Sendable (TestClock) async throws -> any ControllerStore

    /// - Parameter opening: gives a new store on the same place each time, whose clock is the one given.
    public init(_ opening: @escaping @Sendable (TestClock) async throws -> any ControllerStore) {
        self.opening = opening
    }

    /// Opens a store, hands it to the body, and closes it.
    func withStore<Result>(_ body: (any ControllerStore) async throws -> Result) async throws -> Result {
        let store = try await opening(clock)
        do {
            let result = try await body(store)
            await store.close()
            return result
        } catch {
            await store.close()
            throw error
        }
    }

    /// As `withStore`, for two stores at once.
    func withTwo<Result>(
        _ body: (any ControllerStore, any ControllerStore) async throws -> Result
    ) async throws -> Result {
        try await withStore { one in try await withStore { other in try await body(one, other) } }
    }
}
