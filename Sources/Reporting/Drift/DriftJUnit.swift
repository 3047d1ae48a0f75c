public import PlumbModel

/// Checks for drift in JUnit's XML: a suite a stack, a case a resource that has drifted or could not be read, or one that
/// passes.
public struct DriftJUnit: Sendable {
    private let checks: [DriftCheck]

    public init(_ checks: [DriftCheck]) { self.checks = checks }

    public func xml() -> String {
        let suites = checks.map(Self.suite)
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        text += "<testsuites name=\"plumb drift\" tests=\"\(suites.reduce(0) { $0 + $1.tests })\" "
        text +=
            "failures=\"\(suites.reduce(0) { $0 + $1.failures })\" errors=\"\(suites.reduce(0) { $0 + $1.errors })\">\n"
        return text + suites.map(\.text).joined() + "</testsuites>\n"
    }

    private static func suite(_ check: DriftCheck) -> (text: String, tests: Int, failures: Int, errors: Int) {
        var cases = ""
        var (tests, failures, errors) = (0, 0, 0)
        let unread = Set(check.unreadable.map(\.address))
        // Of what could not be read, that is told, and not what was known before.
        for group in DriftReport.grouped(check.findings.filter { !unread.contains($0.record.address) }) {
            tests += 1
            let name = group[0].record.address.description
            cases += "    <testcase classname=\(XMLText.quote(check.stack)) name=\(XMLText.quote(name))"
            let counting = group.filter(\.counts)
            guard !counting.isEmpty else {
                cases +=
                    ">\n      <skipped message=\(XMLText.quote(DriftSummary.standing(group[0])))/>\n    </testcase>\n"
                continue
            }
            failures += 1
            let lines = counting.map { finding in
                let record = finding.record
                let what =
                    record.path.steps.isEmpty
                    ? "gone"
                    : "\(record.path): \(ValueText.brief(record.expected, limit: 80)) -> "
                        + ValueText.brief(record.live, limit: 80)
                return "\(what) (\(DriftSummary.standing(finding)))"
            }
            cases += ">\n      <failure message=\"Changed outside of Plumbline\">"
            cases += XMLText.escape(lines.joined(separator: "\n")) + "</failure>\n    </testcase>\n"
        }
        for resource in check.unreadable {
            tests += 1
            errors += 1
            cases += "    <testcase classname=\(XMLText.quote(check.stack)) "
            cases += "name=\(XMLText.quote(resource.address.description))>\n"
            cases += "      <error message=\"Cannot read resource\">"
            cases += XMLText.escape(resource.reason) + "</error>\n    </testcase>\n"
        }
        let wrong = check.problems.all.filter { $0.severity == .error }
        if !wrong.isEmpty {
            tests += 1
            errors += 1
            cases += "    <testcase classname=\(XMLText.quote(check.stack)) name=\"(checking)\">\n"
            cases += "      <error message=\(XMLText.quote(wrong[0].summary))>"
            cases += XMLText.escape(wrong.map(\.detail).joined(separator: "\n")) + "</error>\n    </testcase>\n"
        } else if tests == 0 {
            tests += 1
            cases += "    <testcase classname=\(XMLText.quote(check.stack)) name=\"(in sync)\"/>\n"
        }
        var text = "  <testsuite name=\(XMLText.quote(check.stack)) tests=\"\(tests)\" failures=\"\(failures)\" "
        text += "errors=\"\(errors)\">\n\(cases)  </testsuite>\n"
        return (text, tests, failures, errors)
    }
}
