import Foundation
import PlumbModel
import PostgreSQLFixtures
import StateBackendAPI
import Testing

@testable import PostgreSQLBackend

@Suite(.enabled(if: PostgreSQLServer.isExpected)) struct ConnectionTests {
    private let state: StateFixture

    init() async throws { state = try await StateFixture() }

    private func codeOfReading(_ url: String) async throws -> StateBackendError {
        let backend = try state.backend(url: url)
        let failure = try await state.failure { () throws(StateBackendError) in
            _ = try await backend.snapshot(of: "web")
        }
        await backend.close()
        return failure
    }

    @Test func aServerThatIsNotThereIsToldAtOnce() async throws {
        let clock = ContinuousClock()
        let begin = clock.now
        let failure = try await codeOfReading("postgresql://plumb@127.0.0.1:1/states")
        #expect(failure.code == .unavailable)
        #expect(failure.message.contains("127.0.0.1"))
        #expect(failure.message.contains("Connection refused"))
        #expect(clock.now - begin < .seconds(30))
    }

    @Test func theWrongPasswordIsRefusedAndNotRepeated() async throws {
        let url = "postgresql://plumb:not-the-password@127.0.0.1:\(state.server.port)/states"
        let failure = try await codeOfReading(url)
        #expect(failure.code == .unavailable)
        #expect(failure.message.contains("does not let this user in"), "\(failure.message)")
        #expect(failure.message.contains("28P01"))
        #expect(!failure.message.contains("not-the-password"))
    }

    @Test func aDatabaseThatDoesNotExist() async throws {
        let failure = try await codeOfReading(state.server.url.replacing("/states", with: "/nowhere"))
        #expect(failure.code == .unavailable)
        #expect(failure.message.contains("does not exist"))
        #expect(failure.message.contains("3D000"))
    }

    @Test func aURLThatIsNoneIsNotRepeated() throws {
        let url = "postgresql://plumb:secret word@127.0.0.1:1/x?nonsense=1"
        do throws(StateBackendError) {
            _ = try PostgreSQLBackend(url: url, schema: "plumb")
            Issue.record("it was taken")
        } catch {
            #expect(error.code == .unavailable)
            #expect(!error.message.contains("secret"))
        }
    }

    @Test func theNameTellsNoPassword() throws {
        let name = try state.backend().name
        #expect(name == "PostgreSQL 127.0.0.1/states (schema \(state.schema))")
    }

    @Test func thePasswordMayStandInAPasswordFile() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("pgpass-\(UUID().uuidString)")
        try Data("127.0.0.1:*:states:plumb:\(state.server.password)\n".utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        defer { try? FileManager.default.removeItem(at: file) }
        let backend = try state.backend(
            url: "postgresql://plumb@127.0.0.1:\(state.server.port)/states?passfile=\(file.path)")
        #expect(try await backend.snapshot(of: "web").lineage == nil)
        await backend.close()
    }

    @Test func readingMakesNothing() async throws {
        let backend = try state.backend()
        #expect(try await backend.snapshot(of: "web").lineage == nil)
        #expect(try await backend.runs(of: "web", limit: 9).isEmpty)
        #expect(try await backend.currentLease(on: "web") == nil)
        await backend.close()
        #expect(
            try await state.server.sql("SELECT count(*) FROM pg_namespace WHERE nspname = '\(state.schema)'") == "0")
    }

    @Test func whatIsClosedIsRefused() async throws {
        let backend = try state.backend()
        await backend.close()
        let failure = try await state.failure { () throws(StateBackendError) in
            _ = try await backend.snapshot(of: "web")
        }
        #expect(failure.code == .unavailable)
    }

    /// The certificate vouches for `localhost` only.
    @Test(arguments: [
        ("localhost", true, true), ("127.0.0.1", true, false), ("localhost", false, false),
    ])
    func theServerProvesWhoItIs(_ host: String, isTrusted: Bool, succeeds: Bool) async throws {
        let other = FileManager.default.temporaryDirectory.appendingPathComponent("no-authority-\(UUID().uuidString)")
        let authority = isTrusted ? state.server.authority : other.path
        let url = state.server.url.replacing("127.0.0.1", with: host) + "?sslmode=verify-full&sslrootcert=\(authority)"
        let backend = try state.backend(url: url)
        do throws(StateBackendError) {
            let lease = try await backend.acquireLease(on: "web", holder: "x", seconds: 60)
            #expect(succeeds)
            try await backend.commit([.put(state.record("a"), run: "r")], under: lease)
            let encrypted = try? await state.server.sql(
                "SELECT count(*) > 0 FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl AND usename = 'plumb'"
            )
            #expect(encrypted == "t")
        } catch {
            #expect(!succeeds, "\(error.message)")
            #expect(error.code == .unavailable)
        }
        await backend.close()
    }

    @Test(.timeLimit(.minutes(15))) func aReadThatNobodyWaitsForEnds() async throws {
        try await state.fill(rows: 1)
        let (schema, server) = (state.schema, state.server)
        Thread.detachNewThread {
            // Ended below, so that it fails.
            try? server.sqlBlocking(
                "BEGIN; LOCK TABLE stacks IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600)", schema: schema)
        }
        let lockers = """
            FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = '\(schema)' AND c.relname = 'stacks' AND mode = 'AccessExclusiveLock' AND granted
            """
        while try await server.sql("SELECT count(*) \(lockers)") == "0" {
            try await Task.sleep(for: .milliseconds(50))
        }
        let backend = try state.backend {
            $0.lockSeconds = 50; $0.statementSeconds = 50
        }
        let reading = Task { () async -> StateBackendError? in
            do throws(StateBackendError) {
                _ = try await backend.snapshot(of: "web")
                return nil
            } catch {
                return error
            }
        }
        try await Task.sleep(for: .milliseconds(300))
        reading.cancel()
        let failure = await reading.value
        #expect(failure?.code == .busy)
        #expect(failure?.message.contains("cancelled") == true, "\(failure?.message ?? "it was read")")
        await backend.close()
        try await server.sql("SELECT pg_terminate_backend(pid) \(lockers)")
    }
}
