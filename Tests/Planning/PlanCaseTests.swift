import FoundationEssentials
import Planning
import PlumbModel
import Reporting
import StackFixtures
import Testing

/// Every folder of `Cases`: the plan of `after.yaml`, where `before.yaml` has been applied, tells exactly what
/// `expected.txt` says: its problems and warnings, and what it would do.
struct PlanCaseTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases").path()

    static var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted()
        }
    }

    @Test func manyCases() throws {
        #expect(try Self.names.count >= 15)
    }

    @Test(arguments: try PlanCaseTests.names)
    func tells(_ name: String) async throws {
        let directory = Self.folder + "/" + name
        let fixture = try StackFixture()
        if let before = FileManager.default.contents(atPath: directory + "/before.yaml") {
            try fixture.spec(String(decoding: before, as: UTF8.self))
            #expect(try await fixture.apply().succeeded)
        }
        try fixture.spec(
            String(decoding: try Data(contentsOf: URL(filePath: directory + "/after.yaml")), as: UTF8.self))
        let rendered = try await Self.render(fixture)
        let expected = directory + "/expected.txt"
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try Data(rendered.utf8).write(to: URL(filePath: expected))
            Issue.record("recorded \(name); run again without RECORD")
            return
        }
        #expect(rendered == String(decoding: try Data(contentsOf: URL(filePath: expected)), as: UTF8.self))
    }

    private static func render(_ fixture: StackFixture) async throws -> String {
        do {
            let result = try await fixture.planned()
            let lines = result.plan.moves.map { "move \($0.from) -> \($0.to)" } + result.plan.summary
            return DiagnosticReport(result.warnings).render(.plain) + lines.map { $0 + "\n" }.joined()
        } catch let problems as Diagnostics {
            return DiagnosticReport(problems).render(.plain)
        }
    }
}
