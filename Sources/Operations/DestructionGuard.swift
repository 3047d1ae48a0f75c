public import Planning
public import PlumbModel

/// Keeps a run that nobody is asked about from destroying more than `sync.guard` in `stack.yaml` allows: a directory that
/// went missing, or a glob that matches nothing, looks like everything being taken out of the specs.
public struct DestructionGuard: Sendable {
    private let limits: [DestructionLimit]

    public init(_ session: StackSession) { limits = session.specification.stack.sync.limits }

    /// - Throws: that the plan destroys too much.
    public func check(_ result: PlanResult) throws(Diagnostics) {
        let destroyed = result.plan.changes.count { change in
            switch change.action {
            case .delete: true
            case .replace: !change.retainsOld
            default: false
            }
        }
        let all = result.prior.count
        let exceeded = limits.first { limit in
            switch limit.unit {
            case .resources: destroyed > limit.most
            // In whole numbers: 1 of 3 is more than 33 percent.
            case .percent: destroyed > 0 && destroyed * 100 > all * limit.most
            }
        }
        guard let exceeded else { return }
        let unit = exceeded.unit == .percent ? " percent" : ""
        throw Diagnostics(
            .error(
                "Plan would destroy too much",
                "This plan would destroy \(destroyed) of the \(all) resources that are there, and `sync.guard.\(exceeded.unit.rawValue)` "
                    + "allows \(exceeded.most)\(unit) when nobody is asked. Nothing was done. Look whether the specs are all "
                    + "there: a directory, a file, what a glob matches. If they are, approve the plan yourself: apply without "
                    + "`--auto-approve`, with `--allow-destroys`, or apply a saved plan.", at: exceeded.range))
    }
}
