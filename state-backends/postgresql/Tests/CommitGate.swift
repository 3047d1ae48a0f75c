import PostgreSQLFixtures
import Synchronization
import Testing

@testable import PostgreSQLBackend

/// Keeps a backend's transactions open right before their commit, for as long as a test wants.
final class CommitGate: Sendable {
    private let isClosed = Mutex(false)
    private let hasArrived = Mutex(false)

    /// For `SessionSettings.reached`. Blocks the backend's own thread.
    func pass(_ step: CommitStep) {
        guard step == .beforeCommit else { return }
        while isClosed.withLock({ $0 }) {
            hasArrived.withLock { $0 = true }
            BlockingPause.wait(seconds: 0.02)
        }
    }

    func close() { isClosed.withLock { $0 = true } }

    func open() { isClosed.withLock { $0 = false } }

    /// Returns when a transaction stands before the closed gate.
    func awaitArrival() async throws {
        while !hasArrived.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(20)) }
    }
}

extension StateFixture {
    /// Returns when a session waits for another one that has a lease's row locked.
    func awaitWaitingSession() async throws {
        let waiting = """
            SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (
                SELECT pid FROM pg_locks WHERE relation = '"\(schema)".leases'::regclass)
            """
        while try await server.sql(waiting) == "0" { try await Task.sleep(for: .milliseconds(50)) }
    }
}
