/// Everything a state backend must do, as named checks: the tests of every backend run them all.
///
///     @Test(arguments: StateBackendConformance.checks)
///     func conforms(_ check: ConformanceCheck) async throws { try await check.run(on: place) }
public enum StateBackendConformance {
    public static let checks: [ConformanceCheck] =
        readingChecks + rowChecks + moveChecks + journalChecks + leaseChecks + historyChecks + contentsChecks
        + driftChecks
        + concurrencyChecks
}

/// One demand on a state backend.
public struct ConformanceCheck: Sendable, CustomStringConvertible {
    /// A sentence: shown by the tests as the name of the check.
    public let name: String
    private let body: @Sendable (BackendPlace) async throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (BackendPlace) async throws -> Void) {
        self.name = name
        self.body = body
    }

    public var description: String { name }

    /// Throws a `ConformanceFailure`, or what the backend threw where it should not have.
    ///
    /// - Parameter place: an empty one, used for this check only.
    public func run(on place: BackendPlace) async throws { try await body(place) }
}

/// Why a check failed.
public struct ConformanceFailure: Error, CustomStringConvertible {
    public let description: String
}
