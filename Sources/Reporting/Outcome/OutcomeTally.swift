import PlumbModel

/// Counts what became of a plan's steps and changes.
struct OutcomeTally {
    /// A replacement of which only one half was done.
    struct HalfReplacement {
        let address: ResourceAddress
        /// The half that was done.
        let done: PlannedStep.Kind
    }

    private(set) var created = 0
    private(set) var changed = 0
    private(set) var replaced = 0
    private(set) var destroyed = 0
    private(set) var read = 0
    private(set) var forgotten = 0
    private(set) var awaited = 0
    /// Both are recorded before the first step.
    private let imported: Int
    private let moved: Int
    private(set) var halfReplaced: [HalfReplacement] = []
    private(set) var failed: [(PlannedStep, ResourceAddress)] = []
    private(set) var open: [(PlannedStep, ResourceAddress)] = []
    private(set) var skipped: [(PlannedStep, ResourceAddress)] = []

    var remaining: Int { failed.count + open.count + skipped.count }

    init(_ outcome: Outcome, plan: Plan) {
        imported = plan.imports.count
        moved = plan.moves.count
        var results: [PlannedStep: Outcome.Result] = [:]
        for step in outcome.steps { results[step.step] = step.result }
        var doneByChange: [Int: [PlannedStep.Kind]] = [:]
        for step in plan.steps where plan.changes.indices.contains(step.change) {
            let address = plan.changes[step.change].address
            // A step that the outcome does not tell of was never begun.
            switch results[step] ?? .skipped {
            case .done: doneByChange[step.change, default: []].append(step.kind)
            case .failed: failed.append((step, address))
            case .skipped: skipped.append((step, address))
            case .open: open.append((step, address))
            }
        }
        for (index, kinds) in doneByChange.sorted(by: { $0.key < $1.key }) { count(plan.changes[index], kinds) }
    }

    private mutating func count(_ change: PlannedChange, _ kinds: [PlannedStep.Kind]) {
        switch change.action {
        case .create: created += 1
        case .update: changed += 1
        case .delete: destroyed += 1
        case .read: read += 1
        case .forget: forgotten += 1
        case .wait: awaited += 1
        case .replace:
            if kinds.count > 1 {
                replaced += 1
            } else {
                halfReplaced += kinds.map { HalfReplacement(address: change.address, done: $0) }
            }
        }
    }

    /// `2 created, 1 changed`; what there is none of is left out.
    var doneText: String {
        let counts = [
            (created, "created"), (changed, "changed"), (replaced, "replaced"),
            (halfReplaced.count, "replaced half-way"), (destroyed, "destroyed"), (read, "read"),
            (awaited, "ready"), (forgotten, "forgotten"), (imported, "imported"), (moved, "moved"),
        ]
        return counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }

    /// `1 failed, 3 not tried, 1 unknown`
    var undoneText: String {
        let counts = [(failed.count, "failed"), (skipped.count, "not tried"), (open.count, "unknown")]
        return counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }
}
