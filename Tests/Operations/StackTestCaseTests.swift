import Applying
import Foundation
import Operations
import PlumbModel
import Reporting
import StackFixtures
import Synchronization
import Testing

/// Every test file of `Cases/stack-tests` is run on the stack beside it, and reports exactly the text beside it.
struct StackTestCaseTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases/stack-tests").path

    static var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".test.yaml") }.sorted()
        }
    }

    @Test func manyCases() throws {
        #expect(try Self.names.count >= 13)
    }

    @Test(arguments: try StackTestCaseTests.names)
    func reported(_ name: String) async throws {
        let run = try await report(name)
        let expected = Self.folder + "/" + name.dropLast(".test.yaml".count) + ".txt"
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try Data(run.text.utf8).write(to: URL(filePath: expected))
            Issue.record("recorded \(name); run again without RECORD")
            return
        }
        #expect(run.text == String(decoding: try Data(contentsOf: URL(filePath: expected)), as: UTF8.self))
        #expect(!run.text.contains("hush-hush"))
    }

    /// What is mocked has the same values each time.
    @Test func mocksAreTheSameEachTime() async throws {
        var results: [[Value?]] = []
        for _ in 0..<2 {
            let plans = try await report("mocked.test.yaml").results.flatMap(\.runs).compactMap(\.plan)
            let second = try #require(plans.last)
            results.append(second.outputs.map(\.before))
        }
        #expect(results[0] == results[1] && !results[0].isEmpty)
    }

    /// The state and its key are gone with the test; what stands beside the stack is untouched.
    @Test func nothingIsLeft() async throws {
        let parent = FileManager.default.temporaryDirectory.appending(path: "plumb-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        let before = try FileManager.default.contentsOfDirectory(atPath: Self.folder).sorted()
        let run = try await report("passing.test.yaml", environment: ["TMPDIR": parent.path])
        let succeeded = run.results.allSatisfy(\.succeeded)
        #expect(succeeded)
        #expect(try FileManager.default.contentsOfDirectory(atPath: parent.path).isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: Self.folder).sorted() == before)
        try FileManager.default.removeItem(at: parent)
    }

    @Test func filtersChooseRuns() async throws {
        let one = try await report("passing.test.yaml", filters: ["p?ans", "no such"])
        #expect(one.results.flatMap(\.runs).map(\.name) == ["plans"])
        let none = try await report("passing.test.yaml", filters: ["no such"])
        #expect(none.results.isEmpty && none.text.hasPrefix("error: No test matches"))
    }

    private func report(
        _ name: String, filters: [String] = [], environment: [String: String] = [:]
    ) async throws -> (text: String, results: [StackTestResult]) {
        let report = StackTestReport(.plain)
        let text = Mutex("")
        let operation = StackTestOperation(
            StackLocation(directory: Self.folder), capabilities: StackFixture.capabilities, environment: environment,
            variables: [], holder: StackFixture.holder,
            policies: PolicyJudge(environment: environment) { PlanJSON($0, in: $1, showsSensitive: false).text() },
            filters: filters, parallelism: 4
        ) { event in
            text.withLock { $0 += report.render(event.timeless) }
        }
        var results: [StackTestResult] = []
        let found = try await problems {
            results = try await operation.run([name], control: RunControl())
            let summary = report.summary(results.map(\.timeless))
            text.withLock { $0 += summary }
        }
        return (text.withLock { $0 } + DiagnosticReport(found).render(.plain), results)
    }
}

extension StackTestEvent {
    /// How long things took differs each time.
    fileprivate var timeless: StackTestEvent {
        switch self {
        case .runFinished(let path, var run):
            run.duration = 0
            return .runFinished(path: path, run)
        default: return self
        }
    }
}

extension StackTestResult {
    fileprivate var timeless: StackTestResult {
        var result = self
        result.duration = 0
        return result
    }
}
