internal import PlumbModel

/// What a controller has to know of the last apply of a stack to tell whether a new commit means anything to it.
struct StackMemory: Sendable, Equatable, Codable {
    /// What was looked at while it was read; nil before the first apply.
    var reading: SourceReading?
    /// Of what was looked at, at the revision that was applied.
    var appliedHash: String?
    /// The revision that was applied before the last one: what a rollback goes to.
    var previousRevision: String?
    /// Whether its providers tell of changes by themselves; nil where it was never opened.
    var isWatched: Bool?
    /// What is said of resources that are no longer declared and were left alone; nil where there are none.
    var leftovers: String?
}

/// What people have asked of a stack, and what is not done yet. Any controller writes it; the one that works on the stack
/// acts on it.
struct StackOrders: Sendable, Equatable, Codable {
    struct Approval: Sendable, Equatable, Codable {
        let digest: String
        let actor: String
    }

    /// What a merged pull request has promised of the stack: exactly this plan, and no other one.
    struct Expectation: Sendable, Equatable, Codable {
        /// Of the plan that people have looked at.
        let digest: String
        /// The pull request's.
        let number: Int
        let url: String
        /// Whether enough people have approved that plan: then a stack that asks for somebody's word has it.
        let isApproved: Bool
        /// Those whose approval holds for it: they may waive policies.
        let approvers: [String]
        /// The commit of the base branch at which the merge was seen.
        let revision: String
    }

    var suspension: StackStatus.Suspension?
    var pin: StackStatus.Pin?
    /// The revision that the stack is kept at as long as it is pinned.
    var pinnedTo: String?
    /// The newest commit at which the stack is still what was refused; nil where that is the refused one itself.
    var pinnedThrough: String?
    /// What was looked at when the refused revision was read.
    var pinnedReading: SourceReading?
    var approval: Approval?
    var expectation: Expectation?
    /// The pull request that has applied its version of the stack: until it is merged or closed, nothing else is applied.
    var lock: StackStatus.Lock?
    /// When a look was asked for, in seconds since 1970; nil where it was done.
    var syncAskedAt: Double?
    var driftAskedAt: Double?

    var isEmpty: Bool { self == StackOrders() }
}

/// The newest plan of a stack, as its controller shows it.
struct StackPlan: Sendable, Equatable, Codable {
    let digest: String
    /// As `plumb plan --json` writes it; secrets are masked.
    let document: String
}
