public import PlumbModel

/// What a forge takes.
public struct ForgeLimits: Sendable, Hashable {
    /// The longest comment or text of an issue, in Unicode scalars.
    public let comment: Int
    /// The longest summary of a commit status, in Unicode scalars.
    public let statusSummary: Int

    public init(comment: Int, statusSummary: Int) {
        self.comment = comment
        self.statusSummary = statusSummary
    }
}

/// One repository at a forge: what pull requests need of it, each a request or a few.
///
/// What takes more than that (one comment however many write it, statuses only where they are news) is done with this by `MarkedCommentWriter`, `StatusWriter`, `LabelWriter` and `MarkedIssueWriter`.
public protocol Forge: Sendable {
    var kind: ForgeKind { get }
    var limits: ForgeLimits { get }
    /// `owner/name`, of GitLab with all groups.
    var repository: String { get }

    /// Who we are at the forge, so that our own words can be told from those of others.
    func ourselves() async throws(ForgeError) -> ForgeUser

    // MARK: - Pull requests

    func pullRequest(_ number: Int) async throws(ForgeError) -> PullRequest
    /// All that are open. Mergeability may be unknown where asking for each would cost a request.
    func openPullRequests() async throws(ForgeError) -> [PullRequest]
    func changedFiles(of pullRequest: PullRequest) async throws(ForgeError) -> ChangedFiles
    /// One for each user whose last word was yes. Whether they may say so, `permission` tells.
    func approvals(of pullRequest: PullRequest) async throws(ForgeError) -> [Approval]
    /// Commits of the base branch that the head does not have: 0 is up to date.
    func commitsBehind(_ pullRequest: PullRequest) async throws(ForgeError) -> Int
    /// What the author is to the repository, asked for where the pull request does not say.
    func standing(ofAuthorOf pullRequest: PullRequest) async throws(ForgeError) -> AuthorStanding
    /// `none` for a user that is not there.
    func permission(of user: ForgeUser) async throws(ForgeError) -> Permission
    /// Whether somebody is in a team of an organisation (`acme/platform`), or at GitLab a direct member of a group.
    ///
    /// - Throws: `missing` for a team that is not there, or that we may not see.
    func isMember(_ user: ForgeUser, of team: String) async throws(ForgeError) -> Bool

    // MARK: - Comments

    /// Those of people and programs, oldest first, without the forge's own notes.
    ///
    /// - Parameter since: only those written or edited from then on, in seconds since 1970.
    func comments(on number: Int, since: Double?) async throws(ForgeError) -> [PullRequestComment]
    func createComment(_ body: String, on number: Int) async throws(ForgeError) -> PullRequestComment
    /// - Throws: `missing` where somebody has deleted it.
    func editComment(_ id: Int, to body: String, on number: Int) async throws(ForgeError)
    /// - Throws: `missing` where somebody was faster.
    func deleteComment(_ id: Int, on number: Int) async throws(ForgeError)
    /// Does nothing where it is there already.
    func react(_ reaction: CommentReaction, to comment: Int, on number: Int) async throws(ForgeError)

    // MARK: - Statuses and labels

    /// The newest of each name.
    func statuses(of commit: String) async throws(ForgeError) -> [CommitStatus]
    func setStatus(_ status: CommitStatus, of commit: String) async throws(ForgeError)
    /// Makes labels that the repository does not have yet.
    func addLabels(_ labels: [String], to number: Int) async throws(ForgeError)
    /// Does nothing where it is gone already.
    func removeLabel(_ label: String, from number: Int) async throws(ForgeError)

    // MARK: - Issues

    /// The open ones that we have opened, oldest first.
    func ourOpenIssues() async throws(ForgeError) -> [ForgeIssue]
    func openIssue(title: String, body: String) async throws(ForgeError) -> ForgeIssue
    func editIssue(_ number: Int, title: String, body: String) async throws(ForgeError)
    func closeIssue(_ number: Int) async throws(ForgeError)
    func commentOnIssue(_ number: Int, _ body: String) async throws(ForgeError)
}

extension Forge {
    /// The pull request once the forge has found out whether it can be merged, or after some tries as it is.
    ///
    /// GitHub looks at it only when it is asked for, and answers the first time before it has.
    public func settledPullRequest(
        _ number: Int, tries: Int = 5, pause: Duration = .seconds(1)
    ) async throws(ForgeError) -> PullRequest {
        var pullRequest = try await pullRequest(number)
        for _ in 1..<max(2, tries) {
            // Gitea has one word for a conflict and for "not looked at yet".
            let isOpen =
                pullRequest.mergeability == .unknown || kind == .gitea && pullRequest.mergeability == .conflicting
            guard pullRequest.state == .open, isOpen else { break }
            do {
                try await Task.sleep(for: pause)
            } catch {
                throw ForgeError(.cancelled, "Asking \(kind.title) for pull request \(number) was cancelled.")
            }
            pullRequest = try await self.pullRequest(number)
        }
        return pullRequest
    }
}
