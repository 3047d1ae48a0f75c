public import PlumbModel

/// A plan as a person reads it: first what is destroyed or replaced, then what is changed and created, and last a line
/// that can be read alone.
public struct PlanReport: Sendable {
    /// How much of the values is shown.
    public enum Detail: Sendable {
        /// What changes; long texts cut, many creations told briefly.
        case changes
        /// Everything that changes, whole.
        case full
    }

    /// More creations than this are told briefly, each in a paragraph.
    static let briefFrom = 25
    /// Bytes that are laid out before they are handed on.
    static let chunk = 1 << 16

    private let plan: Plan
    private let detail: Detail

    public init(_ plan: Plan, detail: Detail = .changes) {
        self.plan = plan
        self.detail = detail
    }

    /// `Plan: 2 to create, 1 to change, 1 to replace, 0 to destroy.`
    public var summaryLine: String { PlanSummary(plan).line }

    /// Hands on the text in pieces of about 64 KiB, so that a large plan is never held as one text.
    public func render(_ style: TerminalStyle, to write: (String) -> Void) {
        var canvas = Canvas(style)
        writeWarnings(&canvas)
        writeRecoveries(&canvas)
        DriftWriter(plan, showsEverything: detail == .full).write(to: &canvas)
        HeldText(plan).write(to: &canvas)
        AddressWriter(plan, showsEverything: detail == .full).write(to: &canvas)
        writeChanges(&canvas, write)
        writeOutputs(&canvas)
        CheckWriter(plan.checks).write(to: &canvas)
        PolicyWriter(plan.policies).write(to: &canvas)
        let summary = PlanSummary(plan)
        // Not folded: it is also read by scripts, and the terminal folds it well enough.
        canvas.write(summary.line, summary.isQuiet ? .green : .bold)
        canvas.newline()
        write(canvas.take())
    }

    /// The whole text at once, for small plans and tests.
    public func render(_ style: TerminalStyle) -> String {
        var text = ""
        render(style) { text += $0 }
        return text
    }

    func writeWarnings(_ canvas: inout Canvas) {
        let options =
            plan.origin.targets.map { "--target \($0)" } + plan.origin.excludes.map { "--exclude \($0)" }
        guard !options.isEmpty else { return }
        canvas.write("warning", .boldYellow)
        canvas.write(": Partial plan", .bold)
        canvas.newline()
        canvas.paragraph(
            "Only a part of the stack was looked at (\(options.joined(separator: " "))). Other changes may be waiting, "
                + "and what is planned here may depend on them. Afterwards, plan the whole stack.",
            indent: 2)
        canvas.newline()
    }

    func writeRecoveries(_ canvas: inout Canvas) {
        guard !plan.recoveries.isEmpty else { return }
        PlanReport.writeHeading("An earlier run was interrupted:", to: &canvas)
        for recovery in plan.recoveries {
            let text = RecoveryText(recovery)
            ChangeWriter.writeHeader(
                sign: text.sign, text.paint, recovery.address, text.sentence, nil, to: &canvas)
        }
        canvas.newline()
    }

    private func writeChanges(_ canvas: inout Canvas, _ write: (String) -> Void) {
        var groups: [ChangeGroup: [Int]] = [:]
        for (index, change) in plan.changes.enumerated() {
            groups[ChangeGroup(change.action), default: []].append(index)
        }
        let writer = ChangeWriter(showsEverything: detail == .full)
        for group in ChangeGroup.allCases {
            guard let indexes = groups[group] else { continue }
            PlanReport.writeHeading("\(indexes.count) to \(group.verb):", to: &canvas)
            let isBrief = detail == .changes && indexes.count >= PlanReport.briefFrom
            for index in indexes {
                writer.write(plan.changes[index], to: &canvas, isBrief: isBrief)
                if !isBrief { canvas.newline() }
                if canvas.bytes.count >= PlanReport.chunk { write(canvas.take()) }
            }
            if isBrief { canvas.newline() }
        }
    }

    func writeOutputs(_ canvas: inout Canvas) {
        let changed = plan.outputs.filter { $0.action != .noOp }
        guard !changed.isEmpty else { return }
        PlanReport.writeHeading("Outputs that change:", to: &canvas)
        let before = ValueMap(changed.compactMap { output in output.before.map { (output.name, $0) } })
        let after = ValueMap(changed.compactMap { output in output.after.map { (output.name, $0) } })
        DifferenceWriter(showsEverything: detail == .full)
            .write(Differences(from: .object(before), to: .object(after)), to: &canvas, indent: 2)
        canvas.newline()
    }

    static func writeHeading(_ text: String, to canvas: inout Canvas) {
        canvas.write(text, .bold)
        canvas.newline()
        canvas.newline()
    }
}
