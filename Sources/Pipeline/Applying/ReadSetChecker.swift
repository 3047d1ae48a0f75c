public import PlumbModel

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Holds a plan's read set against the state: what it was decided from must not have moved.
public struct ReadSetChecker {
    let plan: Plan
    let snapshot: StateSnapshot

    public init(plan: Plan, snapshot: StateSnapshot) {
        self.plan = plan
        self.snapshot = snapshot
    }

    /// - Throws: all that has moved.
    public func check() throws(Diagnostics) {
        if let lineage = plan.readSet.lineage, snapshot.lineage != lineage {
            throw Diagnostics(
                .error(
                    "Plan of another state",
                    "The plan was made against the state \(lineage), but the state here is "
                        + "\(snapshot.lineage ?? "empty"). Make a new plan."))
        }
        var diagnostics = Diagnostics()
        for row in movedRows() {
            diagnostics.append(
                .error(
                    "Plan is stale",
                    "\(row.address) has changed in the state since the plan was made (\(change(of: row))), and the plan "
                        + "was decided from it. Make a new plan.", address: row.address))
        }
        checkIntents(&diagnostics)
        checkHolds(&diagnostics)
        try diagnostics.throwIfErrors()
    }

    private struct RowKey: Hashable {
        let address: ResourceAddress
        let deposedKey: String?
    }

    private func movedRows() -> [ReadSet.Row] {
        guard !plan.readSet.rows.isEmpty else { return [] }
        let generations = Dictionary(
            snapshot.resources.map { (RowKey(address: $0.address, deposedKey: $0.deposedKey), $0.generation) },
            uniquingKeysWith: { first, _ in first })
        return plan.readSet.rows.filter {
            generations[RowKey(address: $0.address, deposedKey: $0.deposedKey)] != $0.generation
        }
    }

    private func change(of row: ReadSet.Row) -> String {
        let now = snapshot.resources.first { $0.address == row.address && $0.deposedKey == row.deposedKey }
        return switch (row.generation, now?.generation) {
        case (nil, _): "it did not exist then"
        case (_, nil): "it no longer exists"
        case (let then?, let now?): "generation \(then) then, \(now) now"
        }
    }

    /// Somebody may have put on hold what an older plan changes.
    private func checkHolds(_ diagnostics: inout Diagnostics) {
        let holds = snapshot.holds.filter { $0.isActive(at: Self.now) }
        guard !holds.isEmpty, plan.mode != .refreshOnly else { return }
        for change in plan.changes where change.address.mode == .managed {
            guard let hold = holds.first(where: { $0.covers(change.address) }) else { continue }
            diagnostics.append(
                .error(
                    "Plan touches what is held",
                    "\(change.address) is held by \(hold.placedBy) since the plan was made: \(hold.reason). Make a new plan, "
                        + "which leaves it alone, or end the hold with `plumb unhold`.", address: change.address))
        }
    }

    /// Seconds since 1970.
    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// An interrupted change that the plan has not seen may have touched anything that the plan touches; one that it has
    /// seen must still be open.
    private func checkIntents(_ diagnostics: inout Diagnostics) {
        let known = Set(plan.recoveries.map(\.intent))
        let open = Set(snapshot.openIntents.map(\.id))
        let touched = Set(
            plan.changes.map(\.address) + plan.rewrites.map(\.address) + plan.moves.flatMap { [$0.from, $0.to] }
                + plan.imports.map(\.address))
        for intent in snapshot.openIntents where !known.contains(intent.id) && touched.contains(intent.address) {
            diagnostics.append(
                .error(
                    "Plan is stale",
                    "Since the plan was made, a run was interrupted in the middle of changing \(intent.address). Make a new "
                        + "plan: it finds out what became of it.", address: intent.address))
        }
        for recovery in plan.recoveries where !open.contains(recovery.intent) {
            diagnostics.append(
                .error(
                    "Plan is stale",
                    "The interrupted change of \(recovery.address) that the plan was to settle has been settled meanwhile. "
                        + "Make a new plan.", address: recovery.address))
        }
    }
}
