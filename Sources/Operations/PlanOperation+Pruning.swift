public import Planning
public import PlumbModel

extension PlanOperation {
    /// Plans as a controller does it: what nothing declares any more is left alone, unless the stack's policy wants it
    /// destroyed.
    ///
    /// - Returns: the plan, and what it leaves alone although nothing declares it.
    public func run(
        under policy: SyncPolicy, report: @escaping @Sendable (RunEvent) -> Void
    ) async throws(Diagnostics) -> (result: PlanResult, kept: [ResourceAddress]) {
        let first = try await run(PlanOptions(), report: report)
        guard !policy.prunes else { return (first, []) }
        let kept = first.plan.changes.filter { $0.action == .delete && $0.isUndeclared }.map(\.address)
        guard !kept.isEmpty else { return (first, []) }
        let options = PlanOptions(excludes: kept.map { AddressPattern($0.description) })
        return (try await run(options, report: report), kept)
    }
}

extension PlannedChange {
    /// Whether it goes because nothing declares it, and not because somebody has written that it is to go.
    fileprivate var isUndeclared: Bool {
        switch reason {
        case .notDeclared, .keyGone, .wrongRepetition: true
        default: false
        }
    }
}
