public import PlumbModel

/// Tests in the XML that JUnit has made common, as GitLab and Jenkins read it: a suite a file, a case a run.
public struct JUnitReport: Sendable {
    private let results: [StackTestResult]

    public init(_ results: [StackTestResult]) {
        self.results = results
    }

    public func xml() -> String {
        let tally = StackTestTally(results)
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        text += "<testsuites name=\"plumb test\" tests=\"\(results.reduce(0) { $0 + cases($1) })\" "
        text +=
            "failures=\"\(tally.failed)\" errors=\"\(tally.errors + tally.leftovers)\" skipped=\"\(tally.skipped)\" "
        text += "time=\"\(seconds(tally.duration))\">\n"
        for result in results { text += suite(result) }
        return text + "</testsuites>\n"
    }

    /// What could not be destroyed is a case of its own, so that no reader can miss it.
    private func cases(_ result: StackTestResult) -> Int { result.runs.count + (result.leftovers == nil ? 0 : 1) }

    private func suite(_ result: StackTestResult) -> String {
        let errors = result.count(.error) + (result.leftovers == nil ? 0 : 1)
        var text = "  <testsuite name=\(quote(result.path)) tests=\"\(cases(result))\" "
        text += "failures=\"\(result.count(.failed))\" errors=\"\(errors)\" skipped=\"\(result.count(.skipped))\" "
        text += "time=\"\(seconds(result.duration))\">\n"
        for run in result.runs { text += testCase(run, result.path) }
        if let leftovers = result.leftovers {
            let sentence = StackTestReport.sentence(leftovers, result.path)
            let list = leftovers.resources.map { "\($0)\n" }.joined()
            text += "    <testcase classname=\(quote(result.path)) name=\"(destroying what the runs have made)\">\n"
            text += "      <error message=\"Not everything was destroyed\">"
            text += escape(sentence + "\n" + list + DiagnosticReport(leftovers.diagnostics).render(.plain))
            text += "</error>\n    </testcase>\n"
        }
        return text + "  </testsuite>\n"
    }

    private func testCase(_ run: StackTestResult.Run, _ path: String) -> String {
        var text = "    <testcase classname=\(quote(path)) name=\(quote(run.name)) "
        text += "file=\(quote(path)) line=\"\(run.place.line)\" time=\"\(seconds(run.duration))\""
        switch run.status {
        case .passed: return text + "/>\n"
        case .skipped: return text + ">\n      <skipped/>\n    </testcase>\n"
        case .failed, .error:
            let element = run.status == .failed ? "failure" : "error"
            let first = run.diagnostics.all.first { $0.severity == .error }
            let message = first.map { "\($0.summary): \($0.detail)" } ?? ""
            text += ">\n      <\(element) message=\(quote(message))>"
            text += escape(DiagnosticReport(run.diagnostics).render(.plain))
            return text + "</\(element)>\n    </testcase>\n"
        }
    }

    private func seconds(_ duration: Double) -> String { StackTestDocument.seconds(duration).json }

    private func quote(_ text: String) -> String { XMLText.quote(text) }

    private func escape(_ text: String) -> String { XMLText.escape(text) }
}
