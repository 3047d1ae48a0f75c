public import PlumbModel

/// What the stacks of a pull request would become, with what is to be remembered of it.
public struct PlannedPullRequest: Sendable {
    public var plans: PullRequestPlans
    public var record: PullRequestRecord

    public init(plans: PullRequestPlans, record: PullRequestRecord) {
        self.plans = plans
        self.record = record
    }
}
