internal import Operations
internal import PlumbModel

/// One stack of the newest commit, as it was found.
struct StackLook: Sendable {
    let stack: AffectedStacks.Stack
    /// Nil where it was not planned, since nothing that it reads has changed.
    var planned: PlannedStack?
}

/// What planning one stack has come to.
struct PlannedStack: Sendable {
    /// Nil where none could be made.
    var plan: Plan?
    /// What stood around the plan.
    var setting = PlanSetting()
    var problems = Diagnostics()
    var digest: String?
    var movement = PullRequestPlans.Stack.Movement.none
    var formerDigest: String?
    /// All that it was made from; nil where not all of it is known.
    var reading: SourceReading?

    /// Whether others that take its outputs have to be looked at.
    var changesOutputs: Bool { plan?.outputs.contains { $0.action != .noOp } ?? false }
}
