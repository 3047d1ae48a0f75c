import PlumbModel
import PostgreSQLFixtures
import StateBackendAPI
import Testing

@testable import PostgreSQLBackend

/// Waiting for a stack: the server tells when it is free, and is not asked in between.
@Suite(.enabled(if: PostgreSQLServer.isExpected)) struct LeaseWatchTests {
    private let state: StateFixture

    init() async throws { state = try await StateFixture() }

    /// Sessions that listen, and have been asked nothing for a second.
    private func quietListeners(_ server: PostgreSQLServer) async throws -> Int {
        let count = try await server.sql(
            """
            SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT fence, holder%' AND state = 'idle'
                AND state_change < clock_timestamp() - interval '1 second'
            """)
        return Int(count) ?? 0
    }

    @Test func theServerIsNotAskedWhileOneWaits() async throws {
        let server = try await PostgreSQLServer()
        let state = try await StateFixture(server)
        let holder = try state.backend()
        let lease = try await holder.lease()
        let waiter = try state.backend()
        let waiting = Task { try await waiter.awaitRelease(of: "web", seconds: 55) }
        var isQuiet = false
        for _ in 0..<100 where !isQuiet {
            try await Task.sleep(for: .milliseconds(100))
            isQuiet = try await quietListeners(server) == 1
        }
        #expect(isQuiet, "the listener asks and asks, or is not there")
        // What happens to other stacks wakes nobody.
        try await holder.release(try await holder.lease("other"))
        try await Task.sleep(for: .milliseconds(300))
        #expect(try await quietListeners(server) == 1)
        let begin = ContinuousClock.now
        try await holder.release(lease)
        try await waiting.value
        #expect(ContinuousClock.now - begin < .seconds(30))
        #expect(
            try await server.sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT fence, holder%'")
                == "0")
        await holder.close()
        await waiter.close()
    }

    @Test func aRestartOfTheServerIsWaitedOut() async throws {
        let server = try await PostgreSQLServer()
        let state = try await StateFixture(server)
        let holder = try state.backend()
        let lease = try await holder.lease()
        let waiter = try state.backend()
        let waiting = Task { try await waiter.awaitRelease(of: "web", seconds: 55) }
        try await Task.sleep(for: .milliseconds(500))
        try await server.restart()
        let begin = ContinuousClock.now
        try await holder.release(lease)
        try await waiting.value
        #expect(ContinuousClock.now - begin < .seconds(25))
        await holder.close()
        await waiter.close()
    }

    /// A write looks at the fence and is committed in one transaction that has the lease's row locked.
    @Test(.timeLimit(.minutes(15))) func noLeaseIsBrokenBetweenTheLookAtItAndTheCommit() async throws {
        let gate = CommitGate()
        let slow = try state.backend { $0.reached = { (step) throws(ServerFailure) in gate.pass(step) } }
        let lease = try await slow.lease()
        let other = try state.backend()
        gate.close()
        defer { gate.open() }
        let writing = Task { try await slow.commit([.put(state.record("a"), run: "r")], under: lease) }
        try await gate.awaitArrival()
        let breaking = Task { try await other.breakLease(on: "web") }
        try await state.awaitWaitingSession()
        gate.open()
        try await breaking.value
        // Broken only after the write was there, and nothing is written after that.
        #expect(try await other.snapshot(of: "web").resources.map(\.address.name) == ["a"])
        try await writing.value
        let failure = try await state.failure { () throws(StateBackendError) in
            try await slow.commit([.put(state.record("b"), run: "r")], under: lease)
        }
        #expect(failure.code == .leaseLost)
        await slow.close()
        await other.close()
    }
}
