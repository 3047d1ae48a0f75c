public import PlumbModel
internal import Synchronization

/// A dry run: reads from the forge, and tells what would be written there instead of writing it.
///
/// What would have been written is read back, so that whoever writes goes the same way as if it had been.
public final class RecordingForge: Forge {
    /// Something that would have been written.
    public struct Note: Sendable, Hashable {
        /// One line: `comment on #7`, `status plumbline/dns of 1a2b3c4: success`.
        public let title: String
        /// The text that would stand there, if any.
        public let body: String?
    }

    private struct State {
        var comments: [Int: [PullRequestComment]] = [:]
        var removed: Set<Int> = []
        var edited: [Int: String] = [:]
        var statuses: [String: [String: CommitStatus]] = [:]
        var issues: [ForgeIssue] = []
        var closedIssues: Set<Int> = []
        var last = RecordingForge.firstNumber
    }

    /// Higher than any number of a forge, so that what is new is the newest.
    private static let firstNumber = 1 << 52
    private let forge: any Forge
    private let tell: @Sendable (Note) -> Void
    private let state = Mutex(State())

    /// - Parameter tell: gets each note as soon as it is made; called by whoever writes.
    public init(_ forge: any Forge, tell: @escaping @Sendable (Note) -> Void) {
        self.forge = forge
        self.tell = tell
    }

    public var kind: ForgeKind { forge.kind }
    public var limits: ForgeLimits { forge.limits }
    public var repository: String { forge.repository }

    private func note(_ title: String, _ body: String? = nil) { tell(Note(title: title, body: body)) }

    private func name(_ number: Int) -> String { kind == .gitlab ? "!\(number)" : "#\(number)" }

    private func next() -> Int {
        state.withLock { state in
            state.last += 1
            return state.last
        }
    }

    // MARK: - Reading

    public func ourselves() async throws(ForgeError) -> ForgeUser { try await forge.ourselves() }
    public func pullRequest(_ number: Int) async throws(ForgeError) -> PullRequest {
        try await forge.pullRequest(number)
    }
    public func openPullRequests() async throws(ForgeError) -> [PullRequest] { try await forge.openPullRequests() }
    public func changedFiles(of pullRequest: PullRequest) async throws(ForgeError) -> ChangedFiles {
        try await forge.changedFiles(of: pullRequest)
    }
    public func approvals(of pullRequest: PullRequest) async throws(ForgeError) -> [Approval] {
        try await forge.approvals(of: pullRequest)
    }
    public func commitsBehind(_ pullRequest: PullRequest) async throws(ForgeError) -> Int {
        try await forge.commitsBehind(pullRequest)
    }
    public func standing(ofAuthorOf pullRequest: PullRequest) async throws(ForgeError) -> AuthorStanding {
        try await forge.standing(ofAuthorOf: pullRequest)
    }
    public func permission(of user: ForgeUser) async throws(ForgeError) -> Permission {
        try await forge.permission(of: user)
    }
    public func isMember(_ user: ForgeUser, of team: String) async throws(ForgeError) -> Bool {
        try await forge.isMember(user, of: team)
    }

    // MARK: - Comments

    public func comments(on number: Int, since: Double?) async throws(ForgeError) -> [PullRequestComment] {
        let real = try await forge.comments(on: number, since: since)
        return state.withLock { state in
            let there = real.filter { !state.removed.contains($0.id) } + (state.comments[number] ?? [])
            return there.filter { !state.removed.contains($0.id) }.map { comment in
                PullRequestComment(
                    id: comment.id, author: comment.author, body: state.edited[comment.id] ?? comment.body,
                    createdAt: comment.createdAt, updatedAt: comment.updatedAt, url: comment.url)
            }
        }
    }

    public func createComment(_ body: String, on number: Int) async throws(ForgeError) -> PullRequestComment {
        note("comment on \(name(number))", body)
        let now = ForgeTime.now
        let comment = PullRequestComment(
            id: next(), author: try await ourselves(), body: body, createdAt: now, updatedAt: now, url: "")
        state.withLock { $0.comments[number, default: []].append(comment) }
        return comment
    }

    public func editComment(_ id: Int, to body: String, on number: Int) async throws(ForgeError) {
        note("comment \(id) on \(name(number)) edited", body)
        state.withLock { $0.edited[id] = body }
    }

    public func deleteComment(_ id: Int, on number: Int) async throws(ForgeError) {
        note("comment \(id) on \(name(number)) deleted")
        _ = state.withLock { $0.removed.insert(id) }
    }

    public func react(_ reaction: CommentReaction, to comment: Int, on number: Int) async throws(ForgeError) {
        note("reaction \(reaction.githubWord) to comment \(comment) on \(name(number))")
    }

    // MARK: - Statuses and labels

    public func statuses(of commit: String) async throws(ForgeError) -> [CommitStatus] {
        let real = try await forge.statuses(of: commit)
        let set = state.withLock { $0.statuses[commit] ?? [:] }
        return (real.filter { set[$0.name] == nil } + set.values).sorted { $0.name < $1.name }
    }

    public func setStatus(_ status: CommitStatus, of commit: String) async throws(ForgeError) {
        note("status \(status.name) of \(commit.prefix(12)): \(status.state.rawValue), \(status.summary)")
        state.withLock { $0.statuses[commit, default: [:]][status.name] = status }
    }

    public func addLabels(_ labels: [String], to number: Int) async throws(ForgeError) {
        if !labels.isEmpty { note("labels added to \(name(number)): \(labels.joined(separator: ", "))") }
    }

    public func removeLabel(_ label: String, from number: Int) async throws(ForgeError) {
        note("label removed from \(name(number)): \(label)")
    }

    // MARK: - Issues

    public func ourOpenIssues() async throws(ForgeError) -> [ForgeIssue] {
        let real = try await forge.ourOpenIssues()
        return state.withLock { state in
            let replaced = Set(state.issues.map(\.number))
            return (real.filter { !replaced.contains($0.number) } + state.issues)
                .filter { !state.closedIssues.contains($0.number) }.sorted { $0.number < $1.number }
        }
    }

    public func openIssue(title: String, body: String) async throws(ForgeError) -> ForgeIssue {
        note("issue opened: \(title)", body)
        let issue = ForgeIssue(number: next(), title: title, body: body, author: try await ourselves(), url: "")
        state.withLock { $0.issues.append(issue) }
        return issue
    }

    public func editIssue(_ number: Int, title: String, body: String) async throws(ForgeError) {
        note("issue \(number) edited: \(title)", body)
        let issue = ForgeIssue(number: number, title: title, body: body, author: try await ourselves(), url: "")
        state.withLock { state in
            state.issues.removeAll { $0.number == number }
            state.issues.append(issue)
        }
    }

    public func closeIssue(_ number: Int) async throws(ForgeError) {
        note("issue \(number) closed")
        _ = state.withLock { $0.closedIssues.insert(number) }
    }

    public func commentOnIssue(_ number: Int, _ body: String) async throws(ForgeError) {
        note("comment on issue \(number)", body)
    }
}
