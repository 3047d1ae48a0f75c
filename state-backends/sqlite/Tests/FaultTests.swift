import Foundation
import GRDB
import PlumbModel
import StateBackendAPI
import Testing

@testable import SQLiteBackend

@Suite struct FaultTests {
    private let state: StateFixture

    init() throws { state = try StateFixture() }

    /// The codes of a read and of a write on the file as it stands.
    private func codes(_ settings: StateFile.Settings = .init()) async throws -> [StateBackendError.Code] {
        let backend = state.backend(settings)
        let read = try await state.failure { () throws(StateBackendError) in _ = try await backend.snapshot(of: "web") }
        let write = try await state.failure { () throws(StateBackendError) in
            _ = try await backend.acquireLease(on: "web", holder: "x", seconds: 1)
        }
        await backend.close()
        return [read, write]
    }

    @Test func aFileThatIsNoDatabase() async throws {
        let text = String(repeating: "resources:\n", count: 200)
        try state.makeFile(text)
        #expect(try await codes() == [.unavailable, .unavailable])
        #expect(try String(contentsOfFile: state.path, encoding: .utf8) == text)
    }

    @Test func aFolderInTheFilesPlace() async throws {
        try FileManager.default.createDirectory(atPath: state.path, withIntermediateDirectories: true)
        #expect(try await codes() == [.unavailable, .unavailable])
    }

    @Test func aFileInTheFoldersPlace() async throws {
        try Data().write(to: URL(fileURLWithPath: state.path).deletingLastPathComponent())
        #expect(try await codes() == [.unavailable, .unavailable])
    }

    @Test(arguments: ["PRAGMA application_id = 77", "PRAGMA user_version = 3", ""])
    func aDatabaseOfAnotherApplication(_ mark: String) async throws {
        try state.makeFile("")
        try state.tamper("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1); \(mark)")
        #expect(try await codes() == [.unavailable, .unavailable])
        let queue = try DatabaseQueue(path: state.path)
        #expect(try await queue.read { try String.fetchAll($0, sql: "SELECT name FROM sqlite_schema") } == ["theirs"])
        #expect(try await queue.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "delete")
    }

    @Test func anEmptyFileIsAnEmptyState() async throws {
        try state.makeFile("")
        let backend = state.backend()
        #expect(try await backend.snapshot(of: "web").lineage == nil)
        let lease = try await backend.acquireLease(on: "web", holder: "x", seconds: 1)
        try await backend.commit([.put(state.record("a"), run: "r")], under: lease)
        #expect(try await backend.snapshot(of: "web").resources.count == 1)
        await backend.close()
    }

    @Test func aFileOfANewerVersion() async throws {
        try await state.fill(rows: 1)
        try state.tamper("PRAGMA user_version = 99")
        #expect(try await codes() == [.tooNew, .tooNew])
    }

    @Test func aDamagedPage() async throws {
        try await state.fill(rows: 2000, valueSize: 300)
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: state.path))
        let pages = Int(try handle.seekToEnd()) / 4096
        for page in stride(from: 20, to: pages, by: 3) {
            try handle.seek(toOffset: UInt64(page * 4096))
            try handle.write(contentsOf: Data(repeating: 0xA5, count: 4096))
        }
        try handle.close()
        let backend = state.backend()
        let code = try await state.failure { () throws(StateBackendError) in _ = try await backend.snapshot(of: "web") }
        #expect(code == .corrupt)
        await backend.close()
    }

    @Test func aFileCutShort() async throws {
        try await state.fill(rows: 2000, valueSize: 300)
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: state.path))
        try handle.truncate(atOffset: try handle.seekToEnd() / 2)
        try handle.close()
        let backend = state.backend()
        let code = try await state.failure { () throws(StateBackendError) in _ = try await backend.snapshot(of: "web") }
        #expect(code == .corrupt)
        await backend.close()
    }

    @Test(arguments: [
        "UPDATE resources SET recorded = '{'", "UPDATE resources SET address = 'nonsense'",
        "UPDATE resources SET status = 'glad'", "UPDATE resources SET dependencies = 'a'",
    ])
    func aRowThatCannotBeUnderstood(_ sql: String) async throws {
        try await state.fill(rows: 1)
        try state.tamper(sql)
        let backend = state.backend()
        let code = try await state.failure { () throws(StateBackendError) in _ = try await backend.snapshot(of: "web") }
        #expect(code == .corrupt)
        await backend.close()
    }

    @Test func aFullDisk() async throws {
        try await state.fill(rows: 100)
        var settings = StateFile.Settings()
        settings.pageLimit = 60
        let backend = state.backend(settings)
        let lease = try await backend.acquireLease(on: "web", holder: "x", seconds: 1)
        let large = Value.string(String(repeating: "y", count: 500_000))
        let codes = await withTaskGroup(of: StateBackendError.Code?.self) { group in
            for number in 0..<20 {
                group.addTask {
                    let values: Value = number.isMultiple(of: 2) ? ["v": large] : ["v": 1]
                    do throws(StateBackendError) {
                        try await backend.commit([.put(state.record("n\(number)", values), run: "r")], under: lease)
                        return nil
                    } catch {
                        return error.code
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        // Those that fit are kept, also where they shared a transaction with one that did not.
        #expect(codes.count { $0 == .notWritable } == 10 && codes.count { $0 == nil } == 10)
        #expect(try await backend.snapshot(of: "web").resources.count == 110)
        await backend.close()
    }

    @Test func aLockedFileIsReadButNotWritten() async throws {
        try await state.fill(rows: 5)
        var settings = StateFile.Settings()
        settings.busySeconds = 0.2
        let backend = state.backend(settings)
        var unsafe = Configuration()
        unsafe.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: state.path, configuration: unsafe)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE; DELETE FROM resources") }
        #expect(try await backend.snapshot(of: "web").resources.count == 5)
        let code = try await state.failure { () throws(StateBackendError) in
            _ = try await backend.acquireLease(on: "web", holder: "x", seconds: 1)
        }
        #expect(code == .busy)
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        _ = try await backend.acquireLease(on: "web", holder: "x", seconds: 1)
        await backend.close()
    }

    /// The superuser may write what is read-only.
    @Test(.enabled(if: geteuid() != 0, "runs as an ordinary user only"), arguments: [true, false])
    func aReadOnlyFileOrFolder(_ isFolder: Bool) async throws {
        try await state.fill(rows: 1)
        let folder = URL(fileURLWithPath: state.path).deletingLastPathComponent().path
        try FileManager.default.setAttributes(
            [.posixPermissions: isFolder ? 0o500 : 0o400], ofItemAtPath: isFolder ? folder : state.path)
        let backend = state.backend()
        let code = try await state.failure { () throws(StateBackendError) in
            _ = try await backend.acquireLease(on: "web", holder: "x", seconds: 1)
        }
        #expect(code == .notWritable)
        await backend.close()
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder)
    }

    /// A power cut leaves any beginning of the log; a torn copy stands for it.
    @Test func aLogCutAnywhereLeavesWholeCommits() async throws {
        let backend = state.backend()
        let lease = try await backend.acquireLease(on: "web", holder: "x", seconds: 1)
        for number in 1...40 {
            let values: Value = ["n": .number(number), "pad": .string(String(repeating: "z", count: number * 60))]
            try await backend.commit(["a", "b", "c"].map { .put(state.record($0, values), run: "r") }, under: lease)
        }
        // By a child: closing a descriptor of our own would end SQLite's locks on the file.
        let copy = state.folder.path("copy")
        let process = try Process.run(
            URL(fileURLWithPath: "/bin/cp"),
            arguments: ["-R", URL(fileURLWithPath: state.path).deletingLastPathComponent().path, copy])
        process.waitUntilExit()
        await backend.close()
        let log = try Data(contentsOf: URL(fileURLWithPath: copy + "/state.db-wal"))
        var seen: Set<Int> = []
        for cut in Array(stride(from: 0, to: log.count, by: max(1, log.count / 61))) + [log.count] {
            try log.prefix(cut).write(to: URL(fileURLWithPath: copy + "/state.db-wal"))
            if FileManager.default.fileExists(atPath: copy + "/state.db-shm") {
                try FileManager.default.removeItem(atPath: copy + "/state.db-shm")
            }
            let torn = StateReading(path: copy + "/state.db")
            let rows = try torn.rows()
            #expect(Set(rows).count <= 1 && (rows.isEmpty || rows.count == 3), "cut at \(cut): \(rows)")
            seen.insert(rows.first ?? 0)
        }
        #expect(seen.count > 20 && seen.contains(40))
    }
}

/// Reads the rows of a copy without changing its log.
private struct StateReading {
    let path: String

    func rows() throws -> [Int] {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { #expect(throws: Never.self) { try queue.close() } }
        return try queue.read { database in
            guard try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema WHERE name = 'resources'") == 1
            else { return [] }
            #expect(try String.fetchOne(database, sql: "PRAGMA integrity_check") == "ok")
            return try Int.fetchAll(database, sql: "SELECT json_extract(recorded, '$.n') FROM resources")
        }
    }
}
