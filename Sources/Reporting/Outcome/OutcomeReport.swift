public import PlumbModel

/// What an apply did, what it did not, and what to do next.
public struct OutcomeReport: Sendable {
    /// Of more steps than this in one section the rest is a number.
    private static let listLimit = 10

    private let outcome: Outcome
    private let plan: Plan
    private let tally: OutcomeTally

    public init(_ outcome: Outcome, plan: Plan) {
        self.outcome = outcome
        self.plan = plan
        tally = OutcomeTally(outcome, plan: plan)
    }

    /// The problems, what is left, the outputs, and last the summary.
    public func render(_ style: TerminalStyle) -> String {
        var canvas = Canvas(style)
        writeLeft(&canvas)
        if !outcome.outputs.isEmpty {
            PlanReport.writeHeading("Outputs:", to: &canvas)
            OutputsReport(outcome.outputs).write(to: &canvas, indent: 2)
            canvas.newline()
        }
        canvas.write(summaryLine, outcome.succeeded ? .boldGreen : .boldRed)
        canvas.newline()
        if let advice { canvas.paragraph(advice, indent: 0) }
        let problems = DiagnosticReport(outcome.diagnostics).render(style)
        return problems.isEmpty ? canvas.text : problems + "\n" + canvas.text
    }

    /// `Applied in 3.2s: 2 created, 1 changed.` or `Apply failed after 3.2s: 2 created; 1 failed, 3 not tried.`
    public var summaryLine: String {
        let time = Wording.duration(outcome.duration)
        let settled =
            plan.recoveries.isEmpty || !outcome.succeeded
            ? "" : " \(Wording.count(plan.recoveries.count, "interrupted step")) settled."
        if outcome.succeeded {
            return "\(doneVerb) in \(time): \(tally.doneText.isEmpty ? nothingText : tally.doneText).\(settled)"
        }
        let parts = [tally.doneText, tally.undoneText].filter { !$0.isEmpty }.joined(separator: "; ")
        let verb = outcome.wasCancelled ? "stopped" : "failed"
        return "\(noun) \(verb) after \(time): \(parts.isEmpty ? "nothing was done" : parts)."
    }

    private var doneVerb: String {
        switch plan.mode {
        case .normal: "Applied"
        case .destroy: "Destroyed"
        case .refreshOnly: "Recorded"
        }
    }

    private var noun: String {
        switch plan.mode {
        case .normal: "Apply"
        case .destroy: "Destroy"
        case .refreshOnly: "Refresh"
        }
    }

    private var command: String {
        switch plan.mode {
        case .normal: "plumb apply"
        case .destroy: "plumb destroy"
        case .refreshOnly: "plumb apply --refresh-only"
        }
    }

    private var nothingText: String {
        if plan.mode == .refreshOnly { return Wording.count(plan.drift.count, "resource") }
        let outputs = plan.outputs.count { $0.action != .noOp }
        return outputs > 0 ? Wording.count(outputs, "output") : "nothing had to be done"
    }

    /// Nil where there is nothing left to do.
    private var advice: String? {
        guard !outcome.succeeded else { return nil }
        let left = tally.remaining
        let steps = Wording.count(left, "step")
        if !tally.open.isEmpty {
            let unknown = tally.open.count == 1 ? "the unknown step" : "the \(tally.open.count) unknown steps"
            return "Run \"\(command)\" again: it first finds out what became of \(unknown), then goes on with what is "
                + "left. What is done stays done."
        }
        if outcome.wasCancelled {
            return left == 0
                ? "Nothing was left to do; run \"\(command)\" again to see that."
                : "Run \"\(command)\" again to go on: \(steps) left. What is done stays done."
        }
        guard left > 0 else { return "Every step was done; mend what the errors say and run \"\(command)\" again." }
        return "Mend what the errors say, then run \"\(command)\" again: \(steps) left. What is done stays done."
    }

    private func writeLeft(_ canvas: inout Canvas) {
        for half in tally.halfReplaced {
            let text =
                half.done == .delete || half.done == .forget
                ? "replaced half-way: the old one is \(StepWords(half.done).done), the new one is not there yet"
                : "replaced half-way: the new one is there, the old one still waits to be destroyed"
            ChangeWriter.writeHeader(sign: "  !", .magenta, half.address, text, nil, to: &canvas)
        }
        if !tally.halfReplaced.isEmpty { canvas.newline() }
        writeSteps("Failed:", tally.failed, sign: "  x", .red, &canvas)
        writeSteps("Not known whether it happened:", tally.open, sign: "  ?", .yellow, &canvas)
        let reason =
            outcome.wasCancelled
            ? "Not tried, because the run was stopped:" : "Not tried, because something they wait for failed:"
        writeSteps(reason, tally.skipped, sign: "  .", .dim, &canvas)
    }

    private func writeSteps(
        _ heading: String, _ steps: [(PlannedStep, ResourceAddress)], sign: String, _ paint: Paint,
        _ canvas: inout Canvas
    ) {
        guard !steps.isEmpty else { return }
        PlanReport.writeHeading(heading, to: &canvas)
        var nouns: [Int: String] = [:]
        for (step, _) in steps {
            // Of a replacement both halves are meant, unless only one is among them.
            nouns[step.change] = nouns[step.change] == nil ? StepWords(step.kind).noun : "replacement"
        }
        var told: Set<Int> = []
        let steps = steps.filter { told.insert($0.0.change).inserted }
        let shown = steps.count > OutcomeReport.listLimit + 2 ? OutcomeReport.listLimit : steps.count
        for (step, address) in steps.prefix(shown) {
            ChangeWriter.writeHeader(
                sign: sign, paint, address, nouns[step.change] ?? "", plan.changes[step.change].declaredAt, to: &canvas)
        }
        if shown < steps.count {
            canvas.write("    … and \(steps.count - shown) more", .dim)
            canvas.newline()
        }
        canvas.newline()
    }
}
