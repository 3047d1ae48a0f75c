import Foundation
import GRDB
import PlumbModel
import StateBackendAPI
import StateKeeping
import Testing

@testable import SQLiteBackend

/// A state that is changed for ever does not fill the disk.
@Suite struct GrowthTests {
    private let state: StateFixture

    init() throws { state = try StateFixture() }

    /// As many applies change every row.
    private func change(_ backend: SQLiteBackend, _ lease: Lease, runs: Range<Int>) async throws {
        let text = String(repeating: "x", count: 300)
        for number in runs {
            let run = RunRecord(
                id: "run-\(number)", kind: "apply", trigger: "cli", revision: nil, actor: "t", startedAt: 1)
            try await backend.commit([.beginRun(run)], under: lease)
            for row in 0..<20 {
                let intent = Intent(
                    id: "i\(number)-\(row)", run: run.id, address: ResourceAddress("sample_thing", "r\(row)"),
                    provider: "sample", action: .update, planned: ["v": .string(text)], prior: nil)
                try await backend.commit([.openIntent(intent)], under: lease)
                try await backend.commit(
                    [
                        .put(state.record("r\(row)", ["v": .string("\(number) " + text)]), run: run.id),
                        .conclude(intent: intent.id, .done),
                    ], under: lease)
            }
        }
    }

    private func pages(_ backend: SQLiteBackend) async throws -> Int {
        try await backend.file.writer().writeWithoutTransaction {
            try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0
        }
    }

    @Test func theFileStaysAsLargeAsWhatIsKept() async throws {
        let backend = state.backend(keeping: Retention(changesPerAddress: 5, runsPerStack: 10, runsWithIntents: 3))
        let lease = try await backend.acquireLease(on: "web", holder: "x", seconds: 60)
        try await change(backend, lease, runs: 0..<20)
        let full = try await pages(backend)
        try await change(backend, lease, runs: 20..<100)
        let later = try await pages(backend)
        #expect(later <= full + 4, "it grew from \(full) to \(later) pages")
        #expect(try await backend.runs(of: "web", limit: 99).count == 10)
        #expect(try await backend.history(of: "web", address: nil, limit: 999).count == 100)
        await backend.close()
        let size = try FileManager.default.attributesOfItem(atPath: state.path)[.size] as? Int ?? 0
        #expect(size <= (full + 4) * 4096)
    }
}
