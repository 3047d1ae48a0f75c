internal import PlumbModel
internal import PullRequests

/// What controllers remember of a pull request between two looks. What it is and says at the moment, the forge knows.
struct PullRequestMemory: Sendable, Equatable, Codable {
    enum Standing: String, Sendable, Codable {
        case open
        /// Its plans were handed over to its stacks, whose controllers apply them.
        case merged
    }

    /// A command that is being carried out.
    struct Order: Sendable, Equatable, Codable {
        let comment: Int
        let action: PullRequestCommand.Action
        let actor: String
        /// Which controller does it.
        let member: String
        /// Tells this attempt from every other one.
        let claim: String
    }

    /// The text of a comment.
    struct Words: Sendable, Equatable, Codable {
        let comment: Int
        let text: String
    }

    var standing = Standing.open
    /// Where people look at it.
    var url = ""
    /// What was planned last.
    var planned: PullRequestRecord?
    /// The newest commit for which nothing could be planned at all.
    var failedHead: String?
    /// The commit for which somebody who may has said `plumb plan`.
    var vouched: String?
    /// The newest comment that there was when the plans of now were shown: whoever wrote it had not seen them.
    var shownAfter: Int?
    /// The newest comment that was read.
    var lastComment: Int?
    /// When that was written, in seconds since 1970.
    var lastCommentAt: Double?
    /// The comment that is being read, as its author has written it: GitLab counts our own sign below it as an edit.
    var unedited: Words?
    var approvals: [BoundApproval] = []
    var order: Order?
    /// Whether somebody was told that it waits for a maintainer's word.
    var hasAsked = false
    /// After the merge: the stacks whose apply is not told yet.
    var awaited: [String] = []
    /// What the merge became on the base branch.
    var mergeCommit: String?
    /// The newest commit of the base branch when that was seen.
    var mergedAtTip: String?
    /// Seconds since 1970.
    var mergedAt: Double?
    /// What was told last of the stacks after the merge.
    var told: String?

    /// The plans of a commit; nil where it was not planned.
    func planned(at head: String) -> PullRequestRecord? { planned?.head == head ? planned : nil }
}

extension PullRequestRecord {
    /// What approvals are bound to.
    var digests: [String: String] {
        Dictionary(stacks.compactMap { stack in stack.digest.map { (stack.name, $0) } }) { first, _ in first }
    }

    var facts: [PullRequestFacts.Stack] {
        stacks.map { stack in
            PullRequestFacts.Stack(
                name: stack.name, digest: stack.verdict == .failed ? nil : stack.digest,
                isRefused: stack.verdict == .denied, hasChanges: stack.verdict != .unchanged)
        }
    }
}
