public import Planning
public import PlumbModel

/// Keeps a run that nobody is asked about from destroying more than `sync.guard` in `stack.yaml` allows: a directory that
/// went missing, or a glob that matches nothing, looks like everything being taken out of the specs.
public struct DestructionGuard: Sendable {
    private let limits: [DestructionLimit]

    public init(_ session: StackSession) { limits = session.specification.stack.sync.limits }

    /// What a plan destroys beyond a limit.
    public struct Excess: Sendable {
        public let destroyed: Int
        /// How many there are.
        public let all: Int
        public let limit: DestructionLimit

        /// "It would destroy 5 of the 6 resources; `max_destroys` allows 3"
        public var sentence: String {
            let unit = limit.unit == .percent ? " percent" : ""
            return "It would destroy \(destroyed) of the \(all) resources; `\(limit.unit.rawValue)` allows "
                + "\(limit.most)\(unit)"
        }
    }

    /// How somebody approves a plan who has the stack before him.
    public static let advice = "apply without `--auto-approve`, with `--allow-destroys`, or apply a saved plan"
    /// How somebody approves what a heal would do.
    static let healAdvice =
        "run `plumb apply` without `--auto-approve`, or `sync` the stack at its controller and approve that plan"

    /// Nil where the plan may be carried out.
    public func excess(of result: PlanResult) -> Excess? {
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
        return exceeded.map { Excess(destroyed: destroyed, all: all, limit: $0) }
    }

    /// - Parameter advice: how a plan is approved that is meant so: goes on from "approve it yourself:".
    /// - Throws: that the plan destroys too much.
    public func check(_ result: PlanResult, advice: String = Self.advice) throws(Diagnostics) {
        guard let excess = excess(of: result) else { return }
        throw Diagnostics(
            .error(
                "Plan would destroy too much",
                "\(excess.sentence) when nobody is asked (`sync.guard`). Nothing was done. Look whether the specs are all there: a "
                    + "directory, a file, what a glob matches. If they are, approve it yourself: \(advice).",
                at: excess.limit.range))
    }
}
