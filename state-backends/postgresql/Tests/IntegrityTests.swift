import PlumbModel
import PostgreSQLFixtures
import StateBackendAPI
import Testing

@testable import PostgreSQLBackend

/// What `plumb state verify` asks the database, where something in it was broken on purpose.
@Suite(.enabled(if: PostgreSQLServer.isExpected)) struct IntegrityTests {
    private let state: StateFixture

    init() async throws { state = try await StateFixture() }

    private func problems() async throws -> [String] {
        let backend = try state.backend()
        let problems = try await backend.integrityProblems()
        await backend.close()
        return problems
    }

    @Test func whatIsWholeHasNoProblems() async throws {
        #expect(try await problems() == [])
        try await state.fill(rows: 20)
        #expect(try await problems() == [])
    }

    @Test func rowsWithoutTheirStackAreFound() async throws {
        try await state.fill(rows: 3)
        // As somebody leaves it who deletes with the constraints switched off.
        try await state.server.sql(
            "SET session_replication_role = replica; DELETE FROM stacks", schema: state.schema)
        let problems = try await problems()
        #expect(problems.contains("3 rows of the table resources belong to a stack that is not there."))
        #expect(problems.contains { $0.contains("resource_history") })
    }

    @Test func anIndexThatLacksRowsIsFound() async throws {
        try await state.fill(rows: 1)
        let index = "indexrelid = '\"\(state.schema)\".runs_by_stack'::regclass"
        try await state.server.sql("UPDATE pg_index SET indisready = false WHERE \(index)", schema: state.schema)
        let backend = try state.backend()
        let lease = try await backend.lease()
        let run = RunRecord(
            id: "unseen", kind: "apply", trigger: "cli", revision: nil, actor: "t", startedAt: 1)
        try await backend.commit([.beginRun(run)], under: lease)
        await backend.close()
        try await state.server.sql("UPDATE pg_index SET indisready = true WHERE \(index)", schema: state.schema)
        #expect(
            try await problems() == [
                "The table runs has 1 rows, and its index 0; `REINDEX TABLE runs` makes a new one."
            ])
    }

    @Test func aFenceThatWasNeverGivenOutIsFound() async throws {
        try await state.fill(rows: 1)
        let backend = try state.backend()
        let lease = try await backend.lease()
        let intent = Intent(
            id: "i", run: "r", address: ResourceAddress("sample_thing", "a"), provider: "sample", action: .create,
            planned: ["size": 1], prior: nil)
        try await backend.commit([.openIntent(intent)], under: lease)
        await backend.close()
        _ = try await state.sql("UPDATE leases SET fence = 1")
        #expect(try await problems() == ["1 intents were written under a fence that was never given out."])
    }
}
