import PlumbModel

/// Lays out what somebody changed outside, as far as it matters to the plan; the rest is a number.
struct DriftWriter {
    private let plan: Plan
    private let showsEverything: Bool

    init(_ plan: Plan, showsEverything: Bool) {
        self.plan = plan
        self.showsEverything = showsEverything
    }

    func write(to canvas: inout Canvas) {
        // A plan that only records shows all that it will record.
        let shown = plan.mode == .refreshOnly ? plan.drift : plan.drift.filter(\.isRelevant)
        if !shown.isEmpty {
            PlanReport.writeHeading("Changed outside of Plumbline since the last apply:", to: &canvas)
            for drifted in shown { write(drifted, to: &canvas) }
        }
        let others = plan.drift.count - shown.count
        guard others > 0 else { return }
        let more = shown.isEmpty ? "" : "more "
        canvas.paragraph(
            others == 1
                ? "1 \(more)resource was changed outside in a way that does not touch this plan; plumb plan --refresh-only shows it."
                : "\(others) \(more)resources were changed outside in ways that do not touch this plan; "
                    + "plumb plan --refresh-only lists them.",
            indent: 0, .dim)
        canvas.newline()
    }

    private func write(_ drifted: DriftedResource, to canvas: inout Canvas) {
        guard let live = drifted.live else {
            ChangeWriter.writeHeader(
                sign: "  !", .yellow, drifted.address, "is gone", drifted.declaredAt, to: &canvas)
            canvas.newline()
            return
        }
        ChangeWriter.writeHeader(sign: "  !", .yellow, drifted.address, "", drifted.declaredAt, to: &canvas)
        var differences = Differences(from: drifted.recorded, to: live)
        differences.forgetUnchanged()
        DifferenceWriter(showsEverything: showsEverything)
            .write(differences, to: &canvas, indent: ChangeWriter.indent)
        canvas.newline()
    }
}
