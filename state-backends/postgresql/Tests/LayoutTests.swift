import PlumbModel
import PostgreSQLFixtures
import StateBackendAPI
import StateKeeping
import Testing

@testable import PostgreSQLBackend

@Suite(.enabled(if: PostgreSQLServer.isExpected)) struct LayoutTests {
    private let state: StateFixture

    init() async throws { state = try await StateFixture() }

    private func failures(_ backend: PostgreSQLBackend) async throws -> [StateBackendError] {
        let read = try await state.failure { () throws(StateBackendError) in
            _ = try await backend.snapshot(of: "web")
        }
        let write = try await state.failure { () throws(StateBackendError) in
            _ = try await backend.acquireLease(on: "web", holder: "x", seconds: 1)
        }
        await backend.close()
        return [read, write]
    }

    @Test func tablesOfAnotherApplicationAreLeftAlone() async throws {
        try await state.server.sql("CREATE SCHEMA \"\(state.schema)\" AUTHORIZATION plumb")
        try await state.server.sql("CREATE TABLE stacks (theirs int)", schema: state.schema, isAdmin: false)
        let failures = try await failures(try state.backend())
        #expect(failures.map(\.code) == [.unavailable, .unavailable])
        #expect(failures[0].message.contains("another application"))
        #expect(try await state.sql("SELECT count(*) FROM pg_tables WHERE schemaname = '\(state.schema)'") == "1")
    }

    @Test func aLayoutOfANewerVersionIsNotTouched() async throws {
        try await state.fill(rows: 1)
        _ = try await state.sql("INSERT INTO plumbline_layout (version) VALUES (99)")
        #expect(try await failures(try state.backend()).map(\.code) == [.tooNew, .tooNew])
    }

    @Test(arguments: [true, false])
    func anOlderLayoutIsBroughtUpToDate(byReading: Bool) async throws {
        try await state.fill(rows: 3)
        let backend = try state.backend { $0.migrations.append(["ALTER TABLE stacks ADD COLUMN colour text"]) }
        if byReading {
            #expect(try await backend.snapshot(of: "web").resources.count == 3)
        } else {
            _ = try await backend.lease()
        }
        await backend.close()
        #expect(try await state.sql("SELECT max(version) FROM plumbline_layout") == "\(Layout.migrations.count + 1)")
        #expect(try await state.sql("SELECT count(colour) FROM stacks") == "0")
        #expect(try await failures(try state.backend()).map(\.code) == [.tooNew, .tooNew])
    }

    @Test func aMigrationThatFailsLeavesNothing() async throws {
        try await state.fill(rows: 3)
        let backend = try state.backend {
            $0.migrations.append(["CREATE TABLE more (a int)", "CREATE TABLE stacks (a int)"])
        }
        #expect(try await failures(backend).map(\.code) == [.failed, .failed])
        #expect(try await state.sql("SELECT max(version) FROM plumbline_layout") == "\(Layout.migrations.count)")
        #expect(try await state.sql("SELECT to_regclass('more') IS NULL") == "t")
    }

    @Test func manyThatComeFirstMakeTheTablesOnce() async throws {
        let state = state
        let leases = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<8 {
                group.addTask {
                    let backend = try state.backend()
                    defer { Task { await backend.close() } }
                    do throws(StateBackendError) {
                        _ = try await backend.acquireLease(on: "web", holder: "\(number)", seconds: 60)
                        return true
                    } catch {
                        #expect(error.code == .leaseHeld, "\(error.message)")
                        return false
                    }
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(leases == 1)
        #expect(try await state.sql("SELECT count(*) FROM plumbline_layout") == "\(Layout.migrations.count)")
    }

    @Test func aUserWhoMayMakeNoSchemaUsesTheOneThatIsGiven() async throws {
        let role = "guest_\(state.schema.suffix(12))".lowercased()
        try await state.server.sql("CREATE ROLE \(role) LOGIN PASSWORD 'guest-password'")
        let url = "postgresql://\(role):guest-password@127.0.0.1:\(state.server.port)/states"
        let backend = try state.backend(url: url)
        let failure = try await state.failure { () throws(StateBackendError) in
            _ = try await backend.acquireLease(on: "web", holder: "x", seconds: 1)
        }
        #expect(failure.code == .unavailable)
        #expect(failure.message.contains("must own the schema"), "\(failure.message)")
        try await state.server.sql("CREATE SCHEMA \"\(state.schema)\" AUTHORIZATION \(role)")
        let lease = try await backend.lease()
        try await backend.commit([.put(state.record("a"), run: "r")], under: lease)
        #expect(try await backend.snapshot(of: "web").resources.count == 1)
        await backend.close()
    }

    @Test(arguments: [
        "UPDATE resources SET recorded = '{'", "UPDATE resources SET address = 'nonsense'",
        "UPDATE resources SET status = 'glad'", "UPDATE resources SET dependencies = 'a'", "DROP TABLE outputs",
    ])
    func whatCannotBeUnderstoodIsTold(_ sql: String) async throws {
        try await state.fill(rows: 1)
        _ = try await state.sql(sql)
        let backend = try state.backend()
        let failure = try await state.failure { () throws(StateBackendError) in
            _ = try await backend.snapshot(of: "web")
        }
        #expect(failure.code == .corrupt)
        await backend.close()
    }

    @Test func thePastIsKeptUpToTheLimits() async throws {
        let backend = try state.backend(
            keeping: Retention(changesPerAddress: 3, runsPerStack: 4, runsWithIntents: 2))
        let lease = try await backend.lease()
        for number in 0..<10 {
            let intent = Intent(
                id: "i\(number)", run: "run-\(number)", address: ResourceAddress("sample_thing", "a"),
                provider: "sample", action: .create, planned: ["size": 1], prior: nil)
            let run = RunRecord(
                id: "run-\(number)", kind: "apply", trigger: "cli", revision: nil, actor: "t", startedAt: 1)
            try await backend.commit([.beginRun(run), .openIntent(intent)], under: lease)
            var done: [StateWrite] = [.put(state.record("a", ["size": .number(number)]), run: run.id)]
            if number != 1 { done.append(.conclude(intent: intent.id, .done)) }
            try await backend.commit(done, under: lease)
        }
        let sizes = try await backend.history(of: "web", address: nil, limit: 99).map(\.after)
        #expect(sizes == [["size": 9], ["size": 8], ["size": 7]])
        // The second one has an intent that is still open.
        #expect(
            try await backend.runs(of: "web", limit: 99).map(\.id) == ["run-9", "run-8", "run-7", "run-6", "run-1"])
        #expect(try await state.sql("SELECT string_agg(id, ' ' ORDER BY number) FROM intents") == "i1 i8 i9")
        await backend.close()
    }

    @Test func theClockIsTheDatabases() async throws {
        let backend = try state.backend()
        let lease = try await backend.acquireLease(on: "web", holder: "x", seconds: 30)
        let left = Double(try await state.sql("SELECT expires_at - extract(epoch FROM now()) FROM leases")) ?? 0
        #expect(left > 20 && left <= 30, "\(left) s")
        _ = try await state.sql("UPDATE leases SET expires_at = extract(epoch FROM now()) - 1")
        #expect(try await backend.currentLease(on: "web") == nil)
        let next = try await backend.lease(holder: "other")
        #expect(next.fence == lease.fence + 1)
        let failure = try await state.failure { () throws(StateBackendError) in
            try await backend.commit([.put(state.record("a"), run: "r")], under: lease)
        }
        #expect(failure.code == .leaseLost)
        #expect(try await state.sql("SELECT count(*) FROM resources") == "0")
        await backend.close()
    }
}
