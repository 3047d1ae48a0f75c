import Foundation
import GRDB
import PlumbModel
import StateBackendAPI
import StateKeeping
import Testing

@testable import SQLiteBackend

/// A state file in a folder of its own, and what tests do to it.
struct StateFixture: Sendable {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path("state/state.db")
    }

    func backend(_ settings: StateFile.Settings = .init(), keeping retention: Retention = .init()) -> SQLiteBackend {
        SQLiteBackend(
            file: StateFile(path: path, settings: settings), retention: retention, now: { 1_800_000_000 })
    }

    /// Makes the file, with rows `r0`, `r1`, …, and closes it.
    func fill(rows: Int, valueSize: Int = 10) async throws {
        let backend = backend()
        let lease = try await backend.acquireLease(on: "web", holder: "filler", seconds: 60)
        let value = Value.string(String(repeating: "x", count: valueSize))
        try await backend.commit((0..<rows).map { .put(record("r\($0)", ["v": value]), run: "r") }, under: lease)
        try await backend.release(lease)
        await backend.close()
    }

    func record(_ name: String, _ values: Value = ["size": 1]) -> ResourceRecord {
        ResourceRecord(address: ResourceAddress("sample_thing", name), provider: "sample", values: values)
    }

    /// Changes the file behind the backend's back.
    func tamper(_ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    func makeFile(_ content: String) throws {
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        try Data(content.utf8).write(to: URL(fileURLWithPath: path))
    }

    /// What the body throws, which must name the file and say what to do.
    func failure(_ body: () async throws(StateBackendError) -> Void) async throws -> StateBackendError.Code {
        do throws(StateBackendError) {
            try await body()
        } catch {
            #expect(error.message.contains("state.db") || error.message.contains(path), "\(error.message)")
            return error.code
        }
        throw NothingThrown()
    }
}

struct NothingThrown: Error {}
