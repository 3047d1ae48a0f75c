/// What a followed repository has at its newest.
public struct FollowedRevision: Sendable, Hashable {
    /// What has happened since the revision that was noted before.
    public enum Change: Sendable, Hashable {
        /// None was noted before.
        case first
        case unchanged
        /// What was there before is part of its history, or it is a newer version.
        case forward
        /// What was there before is no part of its history: a branch was forced elsewhere, or a newest version withdrawn.
        case rewritten(from: String)
    }

    /// Whole.
    public let commit: String
    /// What leads to it: a branch, a tag, or the commit itself.
    public let name: String
    /// Nil where no branch is followed, or where a server does not say what its default branch is called.
    public let branch: String?
    /// When it was committed, in seconds since 1970.
    public let committedAt: Double
    /// `Alice <alice@example.org>`
    public let author: String
    /// The first line of its message.
    public let subject: String
    /// Whose signature it bears; nil where none is asked for.
    public let signer: String?
    public let change: Change
}
