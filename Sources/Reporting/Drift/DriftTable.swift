public import PlumbModel

/// Checks of many stacks: what has drifted in each, and a line for every stack.
public struct DriftTable: Sendable {
    private let checks: [DriftCheck]

    public init(_ checks: [DriftCheck]) { self.checks = checks }

    public func render(_ style: TerminalStyle) -> String {
        var canvas = Canvas(style)
        var text = ""
        for check in checks where !check.findings.isEmpty || !check.notices.isEmpty || !check.unreadable.isEmpty {
            canvas.paragraph("Stack \(check.stack) (\(check.directory))", indent: 0, .bold)
            canvas.newline()
            text += canvas.take() + DriftReport(check).render(style) + "\n"
        }
        let width = checks.reduce(5) { max($0, VisibleText.columns(of: $1.stack)) }
        for check in checks {
            canvas.write(VisibleText.escape(check.stack))
            canvas.pad(to: width + 2)
            switch check.exitCode {
            case 0: canvas.write("in sync", .green)
            case 2: canvas.write("drift", .yellow)
            default: canvas.write("failed", .red)
            }
            canvas.pad(to: width + 11)
            let summary =
                check.problems.hasErrors
                ? check.problems.all.first { $0.severity == .error }?.summary ?? "" : DriftSummary(check).line
            canvas.words(summary, indent: width + 11)
            canvas.newline()
        }
        let (drifted, failed) = (checks.count { $0.exitCode == 2 }, checks.count { $0.exitCode == 1 })
        canvas.paragraph(
            "Drift: \(Wording.count(checks.count, "stack")), \(checks.count - drifted - failed) in sync, \(drifted) drifted, "
                + "\(failed) failed.", indent: 0, .bold)
        return text + canvas.take()
    }
}

/// What a check says on standard error, also where its report goes elsewhere: what went wrong, and drift that is to be
/// warned of.
public struct DriftWarnings: Sendable {
    private let check: DriftCheck

    public init(_ check: DriftCheck) { self.check = check }

    public var problems: Diagnostics {
        var problems = check.allProblems
        for finding in check.findings where finding.mode == .warn && finding.counts {
            let record = finding.record
            let what = record.path.steps.isEmpty ? "is gone" : "was changed at \(record.path)"
            problems.append(
                .warning(
                    "Drift",
                    "\(record.address) of the stack \(check.stack) \(what), since \(InstantText.utc(record.firstSeen)).",
                    address: record.address))
        }
        return problems
    }
}
