import PlumbModel
import Reporting
import Testing

/// Results of tests, for people, programs and CI servers.
@Suite struct StackTestReportTests {
    private static func run(
        _ name: String, _ status: StackTestResult.Status, _ diagnostics: Diagnostics = Diagnostics(),
        plan: Plan? = nil
    ) -> StackTestResult.Run {
        StackTestResult.Run(
            name: name, command: .apply, place: SourceLocation(path: "tests/web.test.yaml", line: 4, column: 11),
            status: status, diagnostics: diagnostics, plan: plan, duration: 1.2345)
    }

    private static let results: [StackTestResult] = {
        let file = SourceFile(
            path: "tests/web.test.yaml", text: "runs:\n  - {condition: \"${a < b && c > \\\"d\\\"}\"}\n")
        let failure = Diagnostic.error(
            "Assertion failed", "It must be <greater> & \"equal\"\u{1B}.",
            at: SourceRange(file: file, start: 21, end: 45),
            notes: [
                .init("a is", value: ["key": Value.string("HIDDEN").sensitive(), "open": .unknown(.string)]),
                .init("c is", value: .string(String(repeating: "long ", count: 80))),
            ])
        var first = StackTestResult(path: "tests/web.test.yaml")
        first.duration = 3.5
        first.runs = [
            run("creates <two>", .passed, plan: PlanSituation.all.first { $0.name == "create" }?.plan),
            run("names & \"more\"", .failed, Diagnostics(failure)),
            run("breaks", .error, Diagnostics(.error("Cannot read state", "The disk is full."))),
            run("after it", .skipped),
        ]
        var second = StackTestResult(path: "b.test.yaml")
        second.runs = [run("makes it", .passed, Diagnostics(.warning("Odd number", "It has a leading zero.")))]
        second.leftovers = .init(
            resources: [ResourceAddress("command", "x"), ResourceAddress("data_value", "y", key: .index(0))],
            state: "/tmp/plumb-test-aaaaaa/.plumb/state.db",
            diagnostics: Diagnostics(.error("Cannot delete resource", "false ended with 1.")))
        return [first, second]
    }()

    private static func text(_ report: StackTestReport, _ results: [StackTestResult]) -> String {
        var text = ""
        for result in results {
            text += report.render(.fileStarted(path: result.path))
            for run in result.runs { text += report.render(.runFinished(path: result.path, run)) }
            text += report.render(.fileFinished(result))
        }
        return text + report.summary(results)
    }

    @Test func peopleRead() throws {
        let text = Self.text(StackTestReport(.narrow), Self.results)
        #expect(!text.contains("HIDDEN"))
        try GoldenFile.expect(text, equals: "stack-test/terminal")
        try GoldenFile.expect(
            Self.text(StackTestReport(.coloured, isVerbose: true), Self.results), equals: "stack-test/verbose-colour")
    }

    @Test func allPassed() throws {
        var result = StackTestResult(path: "a.test.yaml")
        result.runs = [Self.run("one", .passed), Self.run("two", .passed)]
        #expect(StackTestReport(.plain).summary([result]) == "Passed: 2 passed in 0.0s.\n")
        #expect(result.succeeded)
        #expect(!Self.results[0].succeeded && !Self.results[1].succeeded)
        result.runs[1].status = .skipped
        result.wasStopped = true
        #expect(!result.succeeded)
        #expect(StackTestReport(.plain).summary([result]) == "Failed: 1 passed, 1 skipped in 0.0s; stopped.\n")
    }

    @Test func programsRead() throws {
        var lines = ""
        for result in Self.results {
            lines += StackTestDocument.line(.fileStarted(path: result.path))
            for run in result.runs { lines += StackTestDocument.line(.runFinished(path: result.path, run)) }
            lines += StackTestDocument.line(.fileFinished(result))
        }
        lines += StackTestDocument.summary(Self.results)
        #expect(!lines.contains("HIDDEN"))
        for line in lines.split(separator: "\n") { _ = try Value(json: String(line)) }
        try GoldenFile.expect(lines, equals: "stack-test/json")
    }

    @Test func serversRead() throws {
        let xml = JUnitReport(Self.results).xml()
        #expect(!xml.contains("HIDDEN") && !xml.contains("\u{1B}"))
        try GoldenFile.expect(xml, equals: "stack-test/junit")
    }
}
