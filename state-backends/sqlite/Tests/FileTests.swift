import Foundation
import GRDB
import PlumbModel
import StateBackendAPI
import StateKeeping
import Testing

@testable import SQLiteBackend

@Suite struct FileTests {
    private let state: StateFixture

    init() throws { state = try StateFixture() }

    @Test func readingAndEndingLeasesCreatesNothing() async throws {
        let backend = state.backend()
        _ = try await backend.snapshot(of: "web")
        _ = try await backend.runs(of: "web", limit: 1)
        #expect(try await backend.currentLease(on: "web") == nil)
        try await backend.breakLease(on: "web")
        try await backend.release(Lease(stack: "web", holder: "x", fence: 1, expiresAt: 0))
        await backend.close()
        #expect(
            !FileManager.default.fileExists(atPath: URL(fileURLWithPath: state.path).deletingLastPathComponent().path))
    }

    @Test func onlyTheOwnerMayReadTheFileAndItsFolder() async throws {
        let backend = state.backend()
        _ = try await backend.acquireLease(on: "web", holder: "x", seconds: 1)
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(URL(fileURLWithPath: state.path).deletingLastPathComponent().path) == 0o700)
        for name in [state.path, state.path + "-wal", state.path + "-shm"] { #expect(try mode(name) == 0o600) }
        await backend.close()
    }

    @Test func eachCommitWaitsForTheDisk() async throws {
        let backend = state.backend()
        _ = try await backend.acquireLease(on: "web", holder: "x", seconds: 1)
        let pragmas = try await backend.file.writer().writeWithoutTransaction { database in
            try ["synchronous", "journal_mode", "foreign_keys", "application_id", "user_version"].map {
                try String.fetchOne(database, sql: "PRAGMA \($0)")
            }
        }
        #expect(pragmas == ["2", "wal", "1", "1347177794", "\(Schema.migrations.count)"])
        await backend.close()
    }

    @Test func closingMovesTheLogIntoTheFile() async throws {
        try await state.fill(rows: 10)
        #expect(!FileManager.default.fileExists(atPath: state.path + "-wal"))
        let backend = state.backend()
        #expect(try await backend.snapshot(of: "web").resources.count == 10)
        await backend.close()
        let code = try await state.failure { () throws(StateBackendError) in _ = try await backend.snapshot(of: "web") }
        #expect(code == .unavailable)
    }

    @Test func manyMayCreateTheFileAtOnce() async throws {
        let backends = (0..<8).map { _ in state.backend() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, backend) in backends.enumerated() {
                group.addTask {
                    let lease = try await backend.acquireLease(on: "s\(number)", holder: "x", seconds: 1)
                    try await backend.commit([.put(state.record("a"), run: "r")], under: lease)
                }
            }
            try await group.waitForAll()
        }
        for number in 0..<8 { #expect(try await backends[0].snapshot(of: "s\(number)").resources.count == 1) }
        for backend in backends { await backend.close() }
    }

    @Test func aFileDeletedInUseIsNotWrittenOn() async throws {
        let backend = state.backend()
        let lease = try await backend.acquireLease(on: "web", holder: "x", seconds: 1)
        try FileManager.default.removeItem(atPath: state.path)
        try state.makeFile("")
        let code = try await state.failure { () throws(StateBackendError) in
            try await backend.commit([.put(state.record("a"), run: "r")], under: lease)
        }
        #expect(code == .unavailable)
        await backend.close()
    }

    @Test func concurrentCommitsShareTransactions() async throws {
        let backend = state.backend()
        let lease = try await backend.acquireLease(on: "web", holder: "x", seconds: 1)
        let before = backend.commits.transactionCount
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<1000 {
                group.addTask { try await backend.commit([.put(state.record("r\(number)"), run: "r")], under: lease) }
            }
            try await group.waitForAll()
        }
        let transactions = backend.commits.transactionCount - before
        #expect(transactions < 250, "1000 commits took \(transactions) transactions")
        #expect(try await backend.snapshot(of: "web").resources.count == 1000)
        await backend.close()
    }

    @Test func thePastIsKeptUpToItsLimits() async throws {
        let backend = state.backend(
            keeping: Retention(changesPerAddress: 3, runsPerStack: 4, runsWithIntents: 2))
        let lease = try await backend.acquireLease(on: "web", holder: "x", seconds: 1)
        for number in 0..<10 {
            let run = RunRecord(
                id: "run-\(number)", kind: "apply", trigger: "cli", revision: nil, actor: "x", startedAt: 1)
            let intent = Intent(
                id: "i\(number)", run: run.id, address: ResourceAddress("sample_thing", "a"), provider: "sample",
                action: .update, planned: 1, prior: 0)
            try await backend.commit(
                [.beginRun(run), .openIntent(intent), .put(state.record("a", ["n": .number(number)]), run: run.id)],
                under: lease)
            // What the second run left open is never forgotten.
            if number != 1 { try await backend.commit([.conclude(intent: intent.id, .done)], under: lease) }
        }
        let history = try await backend.history(of: "web", address: nil, limit: 99)
        #expect(history.map(\.after) == [["n": 9], ["n": 8], ["n": 7]])
        #expect(
            try await backend.runs(of: "web", limit: 99).map(\.id) == ["run-9", "run-8", "run-7", "run-6", "run-1"])
        #expect(try await backend.snapshot(of: "web").openIntents.map(\.id) == ["i1"])
        let kept = try await backend.file.writer().writeWithoutTransaction {
            try String.fetchAll($0, sql: "SELECT id FROM intents ORDER BY number")
        }
        #expect(kept == ["i1", "i8", "i9"])
        await backend.close()
    }

    @Test(arguments: [
        (0.0, "1970-01-01 00:00:00 UTC"), (951_782_400, "2000-02-29 00:00:00 UTC"),
        (1_795_232_831.9, "2026-11-21 03:47:11 UTC"), (4_102_444_799, "2099-12-31 23:59:59 UTC"),
    ])
    func momentsAreWrittenForPeople(_ seconds: Double, _ text: String) {
        #expect(Timestamp(seconds).description == text)
    }

    @Test func aHeldLeaseSaysByWhomAndUntilWhen() async throws {
        let backend = state.backend()
        _ = try await backend.acquireLease(on: "web", holder: "ada@host pid 7", seconds: 90)
        do throws(StateBackendError) {
            _ = try await backend.acquireLease(on: "web", holder: "bob", seconds: 1)
            Issue.record("the lease was given twice")
        } catch {
            #expect(
                error.message == "The stack \"web\" is held by ada@host pid 7 since 2027-01-15 08:00:00 UTC; its lease "
                    + "lasts until 2027-01-15 08:01:30 UTC (90 s from now) and longer if it is renewed.")
        }
        await backend.close()
    }
}
