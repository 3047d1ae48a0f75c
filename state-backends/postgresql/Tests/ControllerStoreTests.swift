import PostgreSQLFixtures
import StateBackendAPI
import StateBackendTesting
import Synchronization
import Testing

@testable import PostgreSQLBackend

@Suite(.enabled(if: PostgreSQLServer.isExpected)) struct ControllerStoreTests {
    @Test(arguments: ControllerStoreConformance.checks)
    func conforms(_ check: ControllerStoreCheck) async throws {
        let server = try await PostgreSQLServer.shared()
        let schema = server.newSchema()
        try await check.run(
            on: ControllerStorePlace { clock in
                try PostgreSQLControllerStore(url: server.url, schema: schema, now: { clock.now })
            })
    }

    private func store(
        _ state: StateFixture, _ change: (inout SessionSettings) -> Void = { _ in }
    ) throws -> PostgreSQLControllerStore {
        var settings = SessionSettings()
        change(&settings)
        return try PostgreSQLControllerStore(url: state.server.url, schema: state.schema, now: nil, settings: settings)
    }

    @Test func membersLiveByTheDatabasesClock() async throws {
        let state = try await StateFixture()
        let store = try store(state)
        let member = ControllerMember(id: "a", name: "host/1", version: "1")
        _ = try await store.announce(member, seconds: 1_000)
        let left = try await state.sql("SELECT expires_at - extract(epoch FROM now()) FROM controller_members")
        #expect((Double(left) ?? 0) > 900 && (Double(left) ?? 0) <= 1_000, "\(left) s")
        await store.close()
    }

    /// The connection is cut just before the commit, and just after it: each time the call is done once.
    @Test(arguments: [true, false])
    func aCommitWhoseAnswerIsLostIsNotDoneTwice(_ isBefore: Bool) async throws {
        let state = try await StateFixture()
        let cuts = Cuts()
        let store = try store(state) { settings in
            settings.reached = { (step) throws(ServerFailure) in
                let isHere = if case .beforeCommit = step { isBefore } else { !isBefore }
                if isHere, cuts.isDue { throw .lost("cut by the test") }
            }
        }
        let entry = ControllerLogEntry(log: "events", subject: "web", time: 1, text: "once")
        try await store.append([entry])
        cuts.arm()
        try await store.append([entry])
        cuts.arm()
        let version = try await store.write("a", of: "status", key: "web", replacing: nil)
        #expect(version != nil)
        #expect(try await store.record(of: "status", key: "web")?.version == version)
        #expect(try await store.entries(of: "events", subject: nil, after: nil, limit: 9).count == 2)
        #expect(cuts.done == 2)
        await store.close()
    }

    @Test func aCallThatTheDatabaseRefusesTakesNoOtherWithIt() async throws {
        let state = try await StateFixture()
        let store = try store(state)
        let failed = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<40 {
                group.addTask {
                    // PostgreSQL keeps no NUL.
                    let text = number.isMultiple(of: 4) ? "nul \0" : "\(number)"
                    do throws(StateBackendError) {
                        try await store.append([
                            ControllerLogEntry(log: "events", subject: "web", time: 1, text: text)
                        ])
                        return false
                    } catch {
                        return true
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(failed == 10)
        #expect(try await store.entries(of: "events", subject: nil, after: nil, limit: 99).count == 30)
        await store.close()
    }

    @Test func aListenerWhoseConnectionIsCutListensAgain() async throws {
        let state = try await StateFixture()
        let (one, other) = (try store(state), try store(state))
        _ = try await one.write("a", of: "status", key: "web", replacing: nil)
        var seen = try await other.awaitChange(since: 0, seconds: 10)
        try await state.server.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid()"
        )
        seen = try await other.awaitChange(since: seen, seconds: 20)
        try await Task.sleep(for: .milliseconds(300))
        try await one.append([ControllerLogEntry(log: "events", subject: "web", time: 1, text: "x")])
        let start = ContinuousClock.now
        #expect(try await other.awaitChange(since: seen, seconds: 30) != seen)
        #expect(ContinuousClock.now - start < .seconds(10))
        await one.close()
        await other.close()
    }

    @Test func aServerThatIsNotThereIsSaid() async throws {
        let store = try PostgreSQLControllerStore(
            url: "postgresql://nobody@127.0.0.1:1/states", schema: "plumb", now: nil)
        await #expect(throws: StateBackendError.self) { _ = try await store.awaitChange(since: 0, seconds: 20) }
        await #expect(throws: StateBackendError.self) { _ = try await store.records(of: "status") }
        await store.close()
        await #expect(throws: StateBackendError.self) { _ = try await store.awaitChange(since: 0, seconds: 20) }
    }
}

/// Says when a connection is to be cut.
private final class Cuts: Sendable {
    private let state = Mutex((isArmed: false, done: 0))

    var done: Int { state.withLock { $0.done } }

    func arm() { state.withLock { $0.isArmed = true } }

    var isDue: Bool {
        state.withLock { state in
            guard state.isArmed else { return false }
            state = (false, state.done + 1)
            return true
        }
    }
}
