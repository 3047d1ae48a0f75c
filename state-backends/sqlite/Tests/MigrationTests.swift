import GRDB
import PlumbModel
import StateBackendAPI
import Testing

@testable import SQLiteBackend

@Suite struct MigrationTests {
    private let state: StateFixture

    init() throws { state = try StateFixture() }

    /// FNV-1a of each migration's text. Files out there have run these: add a migration, and its line here.
    @Test func migrationsAreNeverEdited() {
        let prints = Schema.migrations.map { migration in
            migration.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        }
        #expect(
            prints.map { String($0, radix: 16) } == [
                "9bf648d19ebaaa14", "3e382f31a6c1d282", "de12ca75ffaaaaef", "637ad11e6de3a128", "cc8049050c34a012",
            ])
    }

    @Test func theLayoutHasItsTables() async throws {
        try await state.fill(rows: 1)
        let queue = try DatabaseQueue(path: state.path)
        let tables = try await queue.read {
            try String.fetchAll($0, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        }
        #expect(
            tables == [
                "controller_changes", "controller_log", "controller_members", "controller_records", "drift", "holds",
                "intents", "leases", "outputs", "resource_history", "resources", "runs", "sqlite_sequence", "stacks",
            ])
    }

    @Test(arguments: [true, false])
    func anOlderFileIsBroughtUpToDateAtItsFirstUse(_ readsFirst: Bool) async throws {
        try await state.fill(rows: 3)
        var settings = StateFile.Settings()
        settings.migrations += ["ALTER TABLE resources ADD COLUMN note TEXT; CREATE TABLE further (a INTEGER) STRICT;"]
        let newer = state.backend(settings)
        if !readsFirst { _ = try await newer.acquireLease(on: "web", holder: "x", seconds: 1) }
        #expect(try await newer.snapshot(of: "web").resources.count == 3)
        await newer.close()
        let older = state.backend()
        let code = try await state.failure { () throws(StateBackendError) in _ = try await older.snapshot(of: "web") }
        #expect(code == .tooNew)
        await older.close()
    }

    @Test func aMigrationThatFailsLeavesTheFileAsItWas() async throws {
        try await state.fill(rows: 3)
        var settings = StateFile.Settings()
        settings.migrations += ["CREATE TABLE further (a INTEGER) STRICT; INSERT INTO nowhere VALUES (1);"]
        let newer = state.backend(settings)
        let code = try await state.failure { () throws(StateBackendError) in _ = try await newer.snapshot(of: "web") }
        #expect(code == .failed)
        await newer.close()
        let older = state.backend()
        #expect(try await older.snapshot(of: "web").resources.count == 3)
        let version = try await older.file.writer().writeWithoutTransaction { database in
            try String.fetchAll(database, sql: "SELECT name FROM sqlite_schema WHERE name = 'further'")
        }
        #expect(version.isEmpty)
        await older.close()
    }
}
