/// A change that somebody proposes on a forge: GitHub's and Gitea's pull request, GitLab's merge request.
public struct PullRequest: Sendable, Hashable {
    /// What is proposed.
    public struct Head: Sendable, Hashable {
        /// The branch's name, without `refs/heads/`.
        public let branch: String
        /// The commit at its tip.
        public let commit: String
        /// The repository's path at its forge, `owner/name`; nil where it is gone or the forge does not tell.
        public let repository: String?

        public init(branch: String, commit: String, repository: String?) {
            self.branch = branch
            self.commit = commit
            self.repository = repository
        }
    }

    /// What it is proposed to.
    public struct Base: Sendable, Hashable {
        public let branch: String
        /// The commit that the head is compared with; nil where the forge does not tell, as in GitLab's lists.
        public let commit: String?

        public init(branch: String, commit: String?) {
            self.branch = branch
            self.commit = commit
        }
    }

    public enum State: String, Sendable, Hashable { case open, closed, merged }

    /// Whether the forge would merge it.
    public enum Mergeability: Sendable, Hashable {
        case mergeable
        /// It cannot be merged without somebody's work on the branch.
        case conflicting
        /// Rules of the repository are in the way: the forge's word for them.
        case blocked(String)
        /// The forge has not looked yet.
        case unknown
    }

    /// As people write it: `#7`, `!7`.
    public let number: Int
    public let title: String
    public let author: ForgeUser
    public let state: State
    public let isDraft: Bool
    public let head: Head
    public let base: Base
    /// From another repository than the one it is proposed to: by somebody who need not be allowed to write there.
    public let isFromFork: Bool
    /// What the author is to the repository, as far as the forge says it along with the pull request.
    public let standing: AuthorStanding
    public let labels: [String]
    public let mergeability: Mergeability
    /// What it became on the base branch; nil until it is merged.
    public let mergeCommit: String?
    /// Where people look at it.
    public let url: String

    public init(
        number: Int, title: String, author: ForgeUser, state: State, isDraft: Bool, head: Head, base: Base,
        isFromFork: Bool, standing: AuthorStanding, labels: [String], mergeability: Mergeability,
        mergeCommit: String?, url: String
    ) {
        self.number = number
        self.title = title
        self.author = author
        self.state = state
        self.isDraft = isDraft
        self.head = head
        self.base = base
        self.isFromFork = isFromFork
        self.standing = standing
        self.labels = labels
        self.mergeability = mergeability
        self.mergeCommit = mergeCommit
        self.url = url
    }
}

/// The files that a pull request changes.
public struct ChangedFiles: Sendable, Hashable {
    public struct File: Sendable, Hashable {
        public enum Change: String, Sendable, Hashable { case added, modified, removed, renamed }

        public let path: String
        /// Where it was before it was renamed.
        public let formerPath: String?
        public let change: Change

        public init(path: String, formerPath: String? = nil, change: Change) {
            self.path = path
            self.formerPath = formerPath
            self.change = change
        }
    }

    public let files: [File]
    /// False where the forge tells of no more: then what else is changed must be asked of Git.
    public let isComplete: Bool

    public init(files: [File], isComplete: Bool) {
        self.files = files
        self.isComplete = isComplete
    }

    /// Every path that something has happened to, the former ones too.
    public var paths: Set<String> { Set(files.flatMap { [$0.path] + ($0.formerPath.map { [$0] } ?? []) }) }
}
