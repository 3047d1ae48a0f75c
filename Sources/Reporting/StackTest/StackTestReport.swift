public import PlumbModel

/// Tests as a person watches them: a line for each run, with what is wrong below it, and last a line that counts.
public struct StackTestReport: Sendable {
    private let style: TerminalStyle
    private let isVerbose: Bool

    /// - Parameter isVerbose: shows the plan of each run.
    public init(_ style: TerminalStyle, isVerbose: Bool = false) {
        self.style = style
        self.isVerbose = isVerbose
    }

    /// What is to be shown of an event; mostly lines, sometimes nothing.
    public func render(_ event: StackTestEvent) -> String {
        var canvas = Canvas(style)
        switch event {
        case .fileStarted(let path):
            canvas.write(path, .bold)
            canvas.newline()
        case .runFinished(_, let run): write(run, &canvas)
        case .tearingDown: break
        case .fileFinished(let result): writeEnd(of: result, &canvas)
        }
        return canvas.text
    }

    /// `Passed: 3 runs in 0.2s.` or `Failed: 1 passed, 2 failed in 0.4s.`
    public func summary(_ results: [StackTestResult]) -> String {
        var canvas = Canvas(style)
        let tally = StackTestTally(results)
        canvas.write(tally.line, tally.succeeded ? .boldGreen : .boldRed)
        canvas.newline()
        return canvas.text
    }

    // MARK: - Runs

    private func write(_ run: StackTestResult.Run, _ canvas: inout Canvas) {
        if isVerbose, let plan = run.plan {
            canvas.newline()
            canvas.write("  \(run.command.rawValue) ", .dim)
            canvas.write(run.name, .bold)
            canvas.newline()
            canvas.newline()
            append(PlanReport(plan).render(style), &canvas)
            canvas.newline()
        }
        let (word, paint) = StackTestReport.word(run.status)
        canvas.spaces(2)
        canvas.write(word, paint)
        canvas.spaces(7 - word.utf8.count)
        canvas.write(run.name)
        if run.status != .skipped { canvas.write("  \(Wording.duration(run.duration))", .dim) }
        canvas.newline()
        write(run.diagnostics, &canvas)
    }

    private func write(_ diagnostics: Diagnostics, _ canvas: inout Canvas) {
        guard !diagnostics.isEmpty else { return }
        canvas.newline()
        append(DiagnosticReport(diagnostics).render(style), &canvas)
        canvas.newline()
    }

    private func append(_ laidOut: String, _ canvas: inout Canvas) {
        for line in TextLines.block(laidOut) {
            canvas.append(raw: line)
            canvas.newline()
        }
    }

    static func word(_ status: StackTestResult.Status) -> (text: String, Paint) {
        switch status {
        case .passed: ("pass", .green)
        case .failed: ("fail", .boldRed)
        case .error: ("error", .boldRed)
        case .skipped: ("skip", .dim)
        }
    }

    // MARK: - The end of a file

    private func writeEnd(of result: StackTestResult, _ canvas: inout Canvas) {
        write(result.warnings, &canvas)
        if let leftovers = result.leftovers {
            canvas.newline()
            canvas.write("error", .boldRed)
            canvas.write(": Not everything was destroyed", .bold)
            canvas.newline()
            canvas.paragraph(StackTestReport.sentence(leftovers, result.path), indent: 2)
            for address in leftovers.resources {
                canvas.spaces(4)
                canvas.write(address.description, .bold)
                canvas.newline()
            }
            write(leftovers.diagnostics, &canvas)
        } else if result.runs.last?.diagnostics.isEmpty ?? true {
            canvas.newline()
        }
    }

    static func sentence(_ leftovers: StackTestResult.Leftovers, _ path: String) -> String {
        let what =
            leftovers.resources.isEmpty
            ? "It is not known whether the runs of \(path) left something behind."
            : "The runs of \(path) left \(Wording.count(leftovers.resources.count, "resource")) behind, which no other state "
                + "knows of. Look at the errors, and remove what is listed by hand."
        return "\(what) The state that knows it is kept: \(leftovers.state)"
    }
}

/// Counts what became of the runs of all files.
struct StackTestTally {
    let passed: Int
    let failed: Int
    let errors: Int
    let skipped: Int
    let leftovers: Int
    let wasStopped: Bool
    let duration: Double

    init(_ results: [StackTestResult]) {
        func count(_ status: StackTestResult.Status) -> Int { results.reduce(0) { $0 + $1.count(status) } }
        passed = count(.passed)
        failed = count(.failed)
        errors = count(.error)
        skipped = count(.skipped)
        leftovers = results.count { $0.leftovers != nil }
        wasStopped = results.contains(where: \.wasStopped)
        duration = results.reduce(0) { $0 + $1.duration }
    }

    var succeeded: Bool { failed == 0 && errors == 0 && leftovers == 0 && !wasStopped }

    var line: String {
        let counts = [
            (passed, "passed"), (failed, "failed"), (errors, errors == 1 ? "error" : "errors"), (skipped, "skipped"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        let left = (wasStopped ? "; stopped" : "") + (leftovers > 0 ? "; not everything was destroyed" : "")
        return "\(succeeded ? "Passed" : "Failed"): \(counts.joined(separator: ", ")) in "
            + "\(Wording.duration(duration))\(left)."
    }
}
