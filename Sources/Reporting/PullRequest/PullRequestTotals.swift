import PlumbModel

/// Counts what one stack's plan, or those of many, would do.
struct PullRequestTotals {
    private(set) var counts = [Int](repeating: 0, count: ChangeGroup.allCases.count)
    private(set) var imports = 0
    private(set) var moves = 0
    private(set) var outputs = 0
    private(set) var irreversible: [ResourceAddress] = []
    private(set) var protected: [ResourceAddress] = []
    private(set) var dependents = 0

    mutating func add(_ plan: Plan) {
        for change in plan.changes {
            let group = ChangeGroup(change.action)
            counts[group.rawValue] += 1
            if change.isIrreversible { irreversible.append(change.address) }
            if change.isProtected, group == .destroy || group == .replace { protected.append(change.address) }
        }
        imports += plan.imports.count
        moves += plan.moves.count
        outputs += plan.outputs.count { $0.action != .noOp }
        dependents += plan.dependentCount
    }

    subscript(_ group: ChangeGroup) -> Int { counts[group.rawValue] }

    /// `2 to destroy, 12 to change`; nil where there is nothing.
    var text: String? {
        var parts = ChangeGroup.allCases.filter { self[$0] > 0 }.map { "\(self[$0]) to \($0.verb)" }
        if imports > 0 { parts.append("\(imports) to import") }
        if moves > 0 { parts.append("\(moves) to move") }
        if outputs > 0 { parts.append("\(Wording.count(outputs, "output")) to change") }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
}
