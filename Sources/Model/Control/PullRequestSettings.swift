/// What a controller does with the pull requests of a repository.
public struct PullRequestSettings: Sendable, Hashable {
    /// When what a pull request proposes is applied.
    public enum Applying: String, Sendable, Hashable, CaseIterable {
        /// Once it is merged, if its plan is still the one that was looked at.
        case onMerge = "on_merge"
        /// Also before, when somebody who may comments `plumb apply`.
        case onComment = "on_comment"
        /// Its plan is shown; what is merged is treated as any other commit.
        case off
    }

    /// What must be so before something is applied by a comment.
    public enum Requirement: String, Sendable, Hashable, CaseIterable {
        /// Enough people with write permission have approved the newest commit, and with it this very plan.
        case approved
        /// The forge would merge it.
        case mergeable
        /// Its branch has all commits of the base branch.
        case undiverged
    }

    /// What happens with pull requests from forks, and of people nothing of whose was merged yet.
    public enum Strangers: String, Sendable, Hashable, CaseIterable {
        /// They are planned once somebody who may has commented `plumb plan`.
        case ask
        case never
    }

    /// Whether they are planned without being asked.
    public var plans = true
    public var applying = Applying.onMerge
    public var requirements: Set<Requirement> = [.approved, .mergeable, .undiverged]
    /// How many approvals `approved` means.
    public var approvals = 1
    /// Those alone who may give commands, by name; empty: all with write permission.
    public var allowed: [String] = []
    public var strangers = Strangers.ask
    /// Whether pull requests get labels by what their plans do.
    public var labels = false

    public init() {}
}
