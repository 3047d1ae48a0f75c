/// Something that a forge tells unasked, by a webhook.
public struct ForgeEvent: Sendable, Hashable {
    public enum PullRequestAction: String, Sendable, Hashable {
        case opened, reopened
        /// Its branch has another tip.
        case synchronised
        /// It is no draft any more.
        case ready
        /// Without being merged.
        case closed
        case merged
        /// Title, labels, reviewers: nothing that a plan depends on, but for the base branch.
        case edited
    }

    public enum Kind: Sendable, Hashable {
        case pullRequest(PullRequestAction, number: Int, headCommit: String)
        /// A new one, below a pull request. Those below issues and edited ones are `other`.
        case comment(PullRequestComment, pullRequest: Int)
        /// Somebody has approved.
        case approval(ForgeUser, pullRequest: Int)
        /// `reference` is whole: `refs/heads/main`. `commit` is nil where it was deleted.
        case push(reference: String, commit: String?)
        /// The forge tries whether anybody listens.
        case ping
        /// What nothing here follows from, by the forge's name.
        case other(String)
    }

    public let kind: Kind
    /// Where it happened, `owner/name`; nil where the forge does not say.
    public let repository: String?
    /// Under which the repository may be fetched: HTTPS, SSH.
    public let cloneURLs: [String]
    /// Who has done it.
    public let sender: ForgeUser?

    public init(_ kind: Kind, repository: String?, cloneURLs: [String], sender: ForgeUser?) {
        self.kind = kind
        self.repository = repository
        self.cloneURLs = cloneURLs
        self.sender = sender
    }
}
