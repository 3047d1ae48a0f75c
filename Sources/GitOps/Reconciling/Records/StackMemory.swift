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
}

/// What people have asked of a stack, and what is not done yet. Any controller writes it; the one that works on the stack
/// acts on it.
struct StackOrders: Sendable, Equatable, Codable {
    struct Approval: Sendable, Equatable, Codable {
        let digest: String
        let actor: String
    }

    var suspension: StackStatus.Suspension?
    var pin: StackStatus.Pin?
    /// The revision that the stack is kept at as long as it is pinned.
    var pinnedTo: String?
    var approval: Approval?
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
