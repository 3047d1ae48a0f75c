import FoundationEssentials
import Operations
import PlumbModel
import Reporting
import StackFixtures
import Testing

/// Every folder of `Cases/invalid` is a stack that loads, and must be refused with exactly the diagnostics of
/// `expected.txt`, as a person sees them.
struct InvalidCaseTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases/invalid").path()

    static var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted()
        }
    }

    @Test func manyCases() throws {
        #expect(try Self.names.count >= 60)
    }

    @Test(arguments: try InvalidCaseTests.names)
    func refused(_ name: String) async throws {
        let directory = Self.folder + "/" + name
        let found = try await problems {
            let session = try await StackSession.open(
                StackLocation(directory: directory), capabilities: StackFixture.capabilities, environment: [:])
            await session.close()
        }
        #expect(found.hasErrors)
        // The directory's own path differs from machine to machine.
        let rendered = DiagnosticReport(found).render(.plain).replacing(directory, with: "STACK")
        let expected = directory + "/expected.txt"
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try Data(rendered.utf8).write(to: URL(filePath: expected))
            Issue.record("recorded \(name); run again without RECORD")
            return
        }
        #expect(rendered == String(decoding: try Data(contentsOf: URL(filePath: expected)), as: UTF8.self))
    }
}
