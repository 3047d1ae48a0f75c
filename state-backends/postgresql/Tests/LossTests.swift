import PlumbModel
import PostgreSQLFixtures
import StateBackendAPI
import Synchronization
import Testing

@testable import PostgreSQLBackend

/// Connections and servers that go away in the middle: what was promised is there, and there once.
@Suite(.enabled(if: PostgreSQLServer.isExpected), .serialized) struct LossTests {
    private let state: StateFixture

    init() async throws { state = try await StateFixture() }

    @Test func aServerThatIsRestartedBetweenCallsIsConnectedAnew() async throws {
        let server = try await PostgreSQLServer()
        let state = try await StateFixture(server)
        let backend = try state.backend()
        let lease = try await backend.lease()
        try await backend.commit([.put(state.record("a"), run: "r")], under: lease)
        try await server.restart()
        try await backend.commit([.put(state.record("b"), run: "r")], under: lease)
        #expect(try await backend.snapshot(of: "web").resources.count == 2)
        try await server.restart()
        #expect(try await backend.snapshot(of: "web").resources.count == 2)
        await backend.close()
    }

    @Test func aServerThatStaysAwayIsTold() async throws {
        let server = try await PostgreSQLServer()
        let state = try await StateFixture(server)
        let backend = try state.backend { $0.patienceSeconds = 1 }
        let lease = try await backend.lease()
        try await server.stop()
        let failure = try await state.failure { () throws(StateBackendError) in
            try await backend.commit([.put(state.record("a"), run: "r")], under: lease)
        }
        #expect(failure.code == .unavailable)
        try await server.start()
        try await backend.commit([.put(state.record("b"), run: "r")], under: lease)
        #expect(try await backend.snapshot(of: "web").resources.map(\.address.name) == ["b"])
        await backend.close()
    }

    /// Before the commit the transaction has not happened; after it, only its answer is lost.
    @Test(arguments: [CommitStep.beforeCommit, .afterCommit])
    func aCommitWhoseAnswerIsLostHappensOnce(_ step: CommitStep) async throws {
        let (server, schema) = (state.server, state.schema)
        let isArmed = Mutex(false)
        let losses = Mutex(0)
        let backend = try state.backend {
            $0.reached = { (reached) throws(ServerFailure) in
                guard reached == step,
                    isArmed.withLock({ armed in
                        defer { armed = false }; return armed
                    })
                else { return }
                losses.withLock { $0 += 1 }
                if step == .afterCommit { throw .lost("the answer was lost on purpose") }
                do {
                    try server.sqlBlocking(
                        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = '\"\(schema)\".commits'::regclass"
                    )
                } catch {
                    throw .lost("\(error)")
                }
            }
        }
        let lease = try await backend.lease()
        try await backend.commit([.put(state.record("first"), run: "r")], under: lease)
        let before = try await backend.snapshot(of: "web").generation
        isArmed.withLock { $0 = true }
        try await backend.commit(
            [
                .openIntent(
                    Intent(
                        id: "i", run: "r", address: ResourceAddress("sample_thing", "a"), provider: "sample",
                        action: .create,
                        planned: ["size": 1], prior: nil)), .put(state.record("a"), run: "r"),
            ], under: lease)
        #expect(losses.withLock { $0 } == 1)
        let snapshot = try await backend.snapshot(of: "web")
        #expect(snapshot.generation == before + 1)
        #expect(snapshot.openIntents.map(\.id) == ["i"])
        #expect(try await backend.history(of: "web", address: nil, limit: 99).count == 2)
        await backend.close()
    }

    @Test func aLeaseWhoseAnswerIsLostIsStillOurs() async throws {
        let isArmed = Mutex(true)
        let backend = try state.backend {
            $0.reached = { (reached) throws(ServerFailure) in
                guard reached == .afterCommit,
                    isArmed.withLock({ armed in
                        defer { armed = false }; return armed
                    })
                else { return }
                throw .lost("the answer was lost on purpose")
            }
        }
        let lease = try await backend.lease()
        #expect(lease.fence == 1)
        #expect(try await backend.currentLease(on: "web") == lease)
        try await backend.commit([], under: lease)
        await backend.close()
    }

    /// With repeatable reads a transaction that waited for another one is refused: it is begun anew.
    @Test(.timeLimit(.minutes(15)), arguments: [(20, true), (0, false)])
    func aTransactionThatMetAnotherIsBegunAnew(limit: Int, succeeds: Bool) async throws {
        let gate = CommitGate()
        let slow = try state.backend { $0.reached = { (step) throws(ServerFailure) in gate.pass(step) } }
        let lease = try await slow.lease()
        gate.close()
        defer { gate.open() }
        let other = try state.backend {
            $0.isolation = "REPEATABLE READ"
            $0.conflictLimit = limit
        }
        _ = try await other.currentLease(on: "web")
        try await other.release(Lease(stack: "else", holder: "x", fence: 1, expiresAt: 0))
        let renewal = Task { try await slow.renew(lease, seconds: 90) }
        try await gate.awaitArrival()
        let writing = Task {
            do throws(StateBackendError) {
                try await other.commit([.put(state.record("a"), run: "r")], under: lease)
                return Result<Void, StateBackendError>.success(())
            } catch {
                return .failure(error)
            }
        }
        try await state.awaitWaitingSession()
        gate.open()
        _ = try await renewal.value
        switch await writing.value {
        case .success: #expect(succeeds)
        case .failure(let error):
            #expect(!succeeds, "\(error.message)")
            #expect(error.code == .busy)
            #expect(error.message.contains("40001"))
        }
        await slow.close()
        await other.close()
    }

    @Test(.timeLimit(.minutes(15))) func whoeverWaitsTooLongForAnotherIsTold() async throws {
        let gate = CommitGate()
        let slow = try state.backend { $0.reached = { (step) throws(ServerFailure) in gate.pass(step) } }
        let lease = try await slow.lease()
        gate.close()
        defer { gate.open() }
        let other = try state.backend { $0.lockSeconds = 0.2 }
        let renewal = Task { try await slow.renew(lease, seconds: 90) }
        try await gate.awaitArrival()
        let failure = try await state.failure { () throws(StateBackendError) in
            try await other.commit([.put(state.record("a"), run: "r")], under: lease)
        }
        #expect(failure.code == .busy)
        #expect(failure.isRetryable)
        gate.open()
        _ = try await renewal.value
        await slow.close()
        await other.close()
    }

    @Test func commitsThatWaitTogetherShareATransaction() async throws {
        let backend = try state.backend()
        let lease = try await backend.lease()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<500 {
                group.addTask { try await backend.commit([.put(state.record("r\(number)"), run: "r")], under: lease) }
            }
            try await group.waitForAll()
        }
        await backend.close()
        let transactions = Int(try await state.sql("SELECT count(*) FROM commits")) ?? 0
        #expect(transactions >= 2)
        #expect(transactions < 100, "500 commits took \(transactions) transactions")
    }
}
