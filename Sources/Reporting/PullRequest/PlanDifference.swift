import PlumbModel

/// Lays a plan out as lines that a forge paints as a difference, as far as a budget allows.
struct PlanDifference {
    /// How much of a plan is told, from all of it to less.
    enum Detail: Int, Comparable {
        /// Values whole.
        case whole
        /// Long values cut, of what stays the same only how much it is.
        case brief
        /// Updates without their values.
        case updatesListed
        /// Creations without theirs, too.
        case creationsListed
        /// Creations as a number.
        case creationsCounted

        static func < (left: Detail, right: Detail) -> Bool { left.rawValue < right.rawValue }
    }

    private static let lineLimit = 400
    /// Columns to which lines are cut where changes are but listed.
    private static let listLineLimit = 160

    private let plan: Plan
    private let detail: Detail
    /// Bytes after which it is given up.
    private let limit: Int

    init(_ plan: Plan, _ detail: Detail, limit: Int) {
        self.plan = plan
        self.detail = detail
        self.limit = limit
    }

    /// Everything but the values of what is destroyed or replaced, which is told elsewhere. Nil where it takes more
    /// than the limit; empty where there is nothing to say.
    func text() -> String? {
        var block = DiffBlock(lineLimit: detail == .whole ? nil : lineLimit)
        var canvas = Canvas(DiffBlock.style)
        let report = PlanReport(plan, detail: detail == .whole ? .full : .changes)
        report.writeWarnings(&canvas)
        report.writeRecoveries(&canvas)
        DriftWriter(plan, showsEverything: detail == .whole).write(to: &canvas)
        AddressWriter(plan, showsEverything: detail == .whole).write(to: &canvas)
        block.append(&canvas)
        guard write(ChangeGroup.allCases, to: &block, skipsLost: true) else { return nil }
        if detail < .creationsCounted { report.writeOutputs(&canvas) }
        CheckWriter(plan.checks).write(to: &canvas)
        block.append(&canvas)
        return block.text.utf8.count > limit ? nil : DiffBlock.trimmed(block.text)
    }

    /// What is destroyed or replaced, alone.
    ///
    /// - Parameter count: at most so many changes; the rest is a number.
    func lost(atMost count: Int = .max) -> String? {
        var block = DiffBlock(lineLimit: detail == .whole ? nil : lineLimit)
        guard write([.destroy, .replace], to: &block, skipsLost: false, atMost: count) else { return nil }
        return block.text.utf8.count > limit ? nil : DiffBlock.trimmed(block.text)
    }

    private var lineLimit: Int { detail >= .updatesListed ? PlanDifference.listLineLimit : PlanDifference.lineLimit }

    private func write(
        _ groups: [ChangeGroup], to block: inout DiffBlock, skipsLost: Bool, atMost most: Int = .max
    ) -> Bool {
        var canvas = Canvas(DiffBlock.style)
        let writer = ChangeWriter(showsEverything: detail == .whole)
        for group in groups {
            let changes = plan.changes.filter { ChangeGroup($0.action) == group }
            guard !changes.isEmpty else { continue }
            let isListed = lists(group, skipsLost)
            if group == .create, detail == .creationsCounted, skipsLost { continue }
            canvas.write("\(changes.count) to \(group.verb)", .bold)
            canvas.newline()
            block.append(&canvas)
            let isBrief = detail != .whole && changes.count >= PlanReport.briefFrom
            for change in changes.prefix(most) {
                write(change, with: writer, isListed: isListed, isBrief: isBrief, to: &canvas, &block)
                guard block.text.utf8.count <= limit else { return false }
            }
            if changes.count > most {
                canvas.write("    … and \(changes.count - most) more", .dim)
                canvas.newline()
                block.append(&canvas)
            }
            canvas.newline()
            block.append(&canvas)
        }
        return true
    }

    private func lists(_ group: ChangeGroup, _ skipsLost: Bool) -> Bool {
        switch group {
        case .destroy, .replace: skipsLost || detail >= .updatesListed
        case .change: detail >= .updatesListed
        case .create, .read, .wait, .forget: detail >= .creationsListed
        }
    }

    private func write(
        _ change: PlannedChange, with writer: ChangeWriter, isListed: Bool, isBrief: Bool, to canvas: inout Canvas,
        _ block: inout DiffBlock
    ) {
        guard !isListed else {
            let group = ChangeGroup(change.action)
            canvas.write(ChangeGroup.sign(change.action), group.paint)
            canvas.write(" ")
            canvas.write(change.address.description)
            let reason = ReasonText.phrase(change)
            if !reason.isEmpty { canvas.write("  " + reason) }
            canvas.newline()
            return block.append(&canvas)
        }
        writer.write(change, to: &canvas, isBrief: isBrief)
        switch change.action {
        case .create: block.append(&canvas, sign: "+")
        case .delete: block.append(&canvas, sign: "-")
        case .update, .replace, .read, .forget, .wait: block.append(&canvas)
        }
    }
}
