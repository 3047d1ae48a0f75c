internal import PlumbModel

/// On what terms the stacks of a stranger's pull request are planned.
struct StrangersTerms: Sendable {
    /// The commit that others vouch for: its stacks' names, states and policies count.
    let target: String
    /// Pays for all stacks together.
    let allowance: Allowance

    init(_ range: RevisionRange) {
        // The author chooses where a branch begins, so what is newest on the other one is better.
        target = range.target ?? range.base
        allowance = Allowance(.ofPullRequest)
    }
}
