import PlumbModel

/// The last line of a plan, which must be enough for somebody who reads nothing else.
struct PlanSummary {
    let line: String
    /// Nothing will be done.
    let isQuiet: Bool

    init(_ plan: Plan) {
        isQuiet = plan.isEmpty && plan.held.isEmpty
        let isPartial = !plan.origin.targets.isEmpty || !plan.origin.excludes.isEmpty
        var told = plan.isEmpty ? PlanSummary.nothing(plan) : PlanSummary.counts(plan)
        if !plan.held.isEmpty {
            told = plan.isEmpty ? "No changes: \(HeldText(plan).sentence)" : "\(told) \(HeldText(plan).sentence)"
        }
        line = told + (isPartial ? " Partial plan." : "")
    }

    private static func nothing(_ plan: Plan) -> String {
        switch plan.mode {
        case .normal: "No changes. Infrastructure matches the specs."
        case .destroy: "No changes. Nothing is recorded, so there is nothing to destroy."
        case .refreshOnly: "No changes. Infrastructure matches what is recorded."
        }
    }

    private static func counts(_ plan: Plan) -> String {
        var counts = [Int](repeating: 0, count: ChangeGroup.allCases.count)
        var irreversible = counts
        for change in plan.changes {
            counts[ChangeGroup(change.action).rawValue] += 1
            if change.isIrreversible { irreversible[ChangeGroup(change.action).rawValue] += 1 }
        }
        let always: [ChangeGroup] = [.create, .change, .replace, .destroy]
        let groups = always + [ChangeGroup.read, .wait, .forget].filter { counts[$0.rawValue] > 0 }
        var sentences: [String] = []
        if plan.mode == .refreshOnly {
            let moves = plan.moves.isEmpty ? "" : " \(plan.moves.count) to move,"
            sentences.append("Plan: \(plan.drift.count) to record,\(moves) nothing to change outside.")
        } else {
            var numbers = groups.map { group in
                let count = irreversible[group.rawValue]
                return "\(counts[group.rawValue]) to \(group.verb)" + (count > 0 ? " (\(count) irreversible)" : "")
            }
            if !plan.imports.isEmpty { numbers.append("\(plan.imports.count) to import") }
            if !plan.moves.isEmpty { numbers.append("\(plan.moves.count) to move") }
            sentences.append("Plan: \(numbers.joined(separator: ", ")).")
        }
        let outputs = plan.outputs.count { $0.action != .noOp }
        if outputs > 0 {
            sentences.append("\(Wording.count(outputs, "output")) \(outputs == 1 ? "changes" : "change").")
        }
        if plan.dependentCount > 0 {
            let some = plan.dependentCount == 1
            sentences.append(
                "\(Wording.count(plan.dependentCount, "resource")) \(some ? "depends" : "depend") on these.")
        }
        if !plan.recoveries.isEmpty {
            sentences.append("\(Wording.count(plan.recoveries.count, "interrupted step")) to settle.")
        }
        return sentences.joined(separator: " ")
    }
}
