internal import HTTPTransport
public import PlumbModel

/// A project at GitLab: its pull requests are merge requests.
public struct GitLabForge: Forge {
    let client: ForgeClient
    /// `/projects/group%2Fname`
    let place: String
    /// `https://gitlab.com/group/name`, for people.
    private let page: String
    public let repository: String
    public let kind = ForgeKind.gitlab
    public let limits: ForgeLimits

    public init(_ settings: ForgeSettings) throws(ForgeError) {
        _ = try settings.parts(.gitlab) { $0 >= 2 }
        repository = settings.repository
        place = "/projects/" + URLText.escaped(repository)
        limits = ForgeLimits(comment: settings.longestComment ?? 1_000_000, statusSummary: 255)
        let token = try settings.token(.gitlab)
        client = try ForgeClient(
            kind: .gitlab, base: settings.api ?? "https://gitlab.com/api/v4", http: HTTPClient(settings.http),
            authenticator: HeaderAuthenticator(name: "PRIVATE-TOKEN", value: token))
        let site = client.base.hasSuffix("/api/v4") ? String(client.base.dropLast("/api/v4".count)) : client.base
        page = "\(site)/\(repository)"
    }

    public func ourselves() async throws(ForgeError) -> ForgeUser {
        try await client.get(GitLabUser.self, "/user").user
    }

    private func path(_ number: Int) -> String { "\(place)/merge_requests/\(number)" }

    // MARK: - Pull requests

    public func pullRequest(_ number: Int) async throws(ForgeError) -> PullRequest {
        try await client.get(GitLabMergeRequest.self, path(number)).pullRequest(of: repository)
    }

    public func openPullRequests() async throws(ForgeError) -> [PullRequest] {
        let query = [("state", "opened"), ("scope", "all")]
        return try await client.list(GitLabMergeRequest.self, "\(place)/merge_requests", query)
            .map { $0.pullRequest(of: repository) }
    }

    public func changedFiles(of pullRequest: PullRequest) async throws(ForgeError) -> ChangedFiles {
        let files = try await client.list(GitLabDiff.self, "\(path(pullRequest.number))/diffs").map(\.file)
        // "1000+" where there are more than it compares, else the number: fewer diffs mean that some were left out.
        let count = try await client.get(GitLabMergeRequest.self, path(pullRequest.number)).changesCount
        return ChangedFiles(files: files, isComplete: count.map { Int($0) == files.count } ?? files.isEmpty)
    }

    public func approvals(of pullRequest: PullRequest) async throws(ForgeError) -> [Approval] {
        struct Answer: Decodable {
            struct Entry: Decodable {
                let user: GitLabUser
                let approvedAt: String?
            }

            let approvedBy: [Entry]
        }
        let path = path(pullRequest.number)
        let approvals = try await client.get(Answer.self, "\(path)/approvals").approvedBy
        guard !approvals.isEmpty else { return [] }
        // An approval names no commit. What it was said of is the version that was the newest then.
        let versions = try await client.list(GitLabVersion.self, "\(path)/versions")
            .sorted { ForgeTime.seconds($0.createdAt) > ForgeTime.seconds($1.createdAt) }
        return approvals.map { approval in
            // Times are in whole seconds here: a version of the same second may be the later one.
            let version = approval.approvedAt.flatMap { time in
                versions.first { ForgeTime.seconds($0.createdAt) < ForgeTime.seconds(time) }
            }
            let commit = version?.headCommitSha
            return Approval(
                user: approval.user.user, commit: commit, isStale: commit != pullRequest.head.commit,
                givenAt: approval.approvedAt.map { ForgeTime.seconds($0) })
        }.sorted { $0.user.name < $1.user.name }
    }

    public func commitsBehind(_ pullRequest: PullRequest) async throws(ForgeError) -> Int {
        struct Answer: Decodable { let divergedCommitsCount: Int }
        let query = [("include_diverged_commits_count", "true")]
        return try await client.get(Answer.self, path(pullRequest.number), query).divergedCommitsCount
    }

    public func standing(ofAuthorOf pullRequest: PullRequest) async throws(ForgeError) -> AuthorStanding {
        if try await permission(of: pullRequest.author) >= .write { return .member }
        let first = try await client.get(GitLabMergeRequest.self, path(pullRequest.number)).firstContribution
        return first.map { $0 ? .firstTime : .contributor } ?? .unknown
    }

    private struct Member: Decodable {
        let accessLevel: Int
        let state: String
    }

    /// The number of an account; nil where there is none of that name.
    private func number(of user: ForgeUser) async throws(ForgeError) -> Int? {
        guard user.id == 0 else { return user.id }
        let found = try await client.get([GitLabUser].self, "/users", [("username", user.name)])
        return found.first { $0.username.lowercased() == user.name.lowercased() }?.id
    }

    public func isMember(_ user: ForgeUser, of team: String) async throws(ForgeError) -> Bool {
        struct Group: Decodable { let fullPath: String }
        guard let number = try await number(of: user) else { return false }
        let path = "/groups/\(URLText.escaped(team.hasSuffix("/") ? String(team.dropLast()) : team))"
        do {
            // Direct ones alone, as for GitLab's own rules of who has to approve: whoever may look at all groups is in none.
            return try await client.get(Member.self, "\(path)/members/\(number)").state == "active"
        } catch  where error.code == .missing {
            // It says the same of a group that is not there.
            _ = try await client.get(Group.self, path, [("with_projects", "false")])
            return false
        }
    }

    public func permission(of user: ForgeUser) async throws(ForgeError) -> Permission {
        guard let number = try await number(of: user) else { return .none }
        do {
            let member = try await client.get(Member.self, "\(place)/members/all/\(number)")
            guard member.state == "active" else { return .none }
            // 40 is a maintainer, 30 a developer, who may push; 10 a guest.
            return member.accessLevel >= 40
                ? .admin : member.accessLevel >= 30 ? .write : member.accessLevel >= 10 ? .read : .none
        } catch  where error.code == .missing {
            return .none
        }
    }

    // MARK: - Comments

    public func comments(on number: Int, since: Double?) async throws(ForgeError) -> [PullRequestComment] {
        let query = [("order_by", since == nil ? "created_at" : "updated_at"), ("sort", since == nil ? "asc" : "desc")]
        let path = "\(path(number))/notes"
        let notes = try await client.list(GitLabNote.self, path, query) { notes in
            guard let since, let last = notes.last else { return true }
            return ForgeTime.seconds(last.updatedAt) >= since
        }
        let comments = notes.filter { !$0.system }.map { comment($0, on: number) }
        return comments.filter { $0.updatedAt >= since ?? 0 }.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }

    private func comment(_ note: GitLabNote, on number: Int) -> PullRequestComment {
        PullRequestComment(
            id: note.id, author: note.author.user, body: note.body, createdAt: ForgeTime.seconds(note.createdAt),
            updatedAt: ForgeTime.seconds(note.updatedAt), url: "\(page)/-/merge_requests/\(number)#note_\(note.id)")
    }

    public func createComment(_ body: String, on number: Int) async throws(ForgeError) -> PullRequestComment {
        let note = try await client.send(
            GitLabNote.self, "POST", "\(path(number))/notes", .object(["body": .string(body)]), isIdempotent: false)
        return comment(note, on: number)
    }

    public func editComment(_ id: Int, to body: String, on number: Int) async throws(ForgeError) {
        try await client.send(
            "PUT", "\(path(number))/notes/\(id)", .object(["body": .string(body)]), isIdempotent: true)
    }

    public func deleteComment(_ id: Int, on number: Int) async throws(ForgeError) {
        try await client.send("DELETE", "\(path(number))/notes/\(id)", isIdempotent: true)
    }

    public func react(_ reaction: CommentReaction, to comment: Int, on number: Int) async throws(ForgeError) {
        struct Award: Decodable {
            let name: String
            let user: GitLabUser
        }
        let path = "\(path(number))/notes/\(comment)/award_emoji"
        do {
            try await client.send("POST", path, .object(["name": .string(reaction.githubWord)]), isIdempotent: false)
        } catch  where error.code == .missing || error.code == .invalid || error.isOutcomeUnknown {
            // GitLab answers 404 to one that is there already, as to a comment that is not.
            let us = try await ourselves()
            let awards = try await client.list(Award.self, path)
            guard awards.contains(where: { $0.name == reaction.githubWord && $0.user.id == us.id }) else { throw error }
        }
    }

    // MARK: - Statuses and labels

    public func statuses(of commit: String) async throws(ForgeError) -> [CommitStatus] {
        let path = "\(place)/repository/commits/\(URLText.escaped(commit))/statuses"
        let statuses = try await client.list(GitLabStatus.self, path)
        var found: [String: GitLabStatus] = [:]
        for status in statuses where (found[status.name]?.id ?? 0) < status.id { found[status.name] = status }
        return found.values.map(\.reported).sorted { $0.name < $1.name }
    }

    public func setStatus(_ status: CommitStatus, of commit: String) async throws(ForgeError) {
        var fields: [(String, Value)] = [
            ("state", .string(status.state.gitlabWord)), ("name", .string(status.name)),
            ("description", .string(status.summary)),
        ]
        if let url = status.url { fields.append(("target_url", .string(url))) }
        do {
            try await client.send(
                "POST", "\(place)/statuses/\(URLText.escaped(commit))", .object(ValueMap(fields)), isIdempotent: true)
        } catch  where error.code == .invalid {
            // It goes from one state to another alone: the same one again, with other words, it refuses.
            let known = try await statuses(of: commit).first { $0.name == status.name }
            guard known?.state.gitlabWord == status.state.gitlabWord else { throw error }
        }
    }

    public func addLabels(_ labels: [String], to number: Int) async throws(ForgeError) {
        guard !labels.isEmpty else { return }
        try await client.send(
            "PUT", path(number), .object(["add_labels": .string(labels.joined(separator: ","))]), isIdempotent: true)
    }

    public func removeLabel(_ label: String, from number: Int) async throws(ForgeError) {
        try await client.send("PUT", path(number), .object(["remove_labels": .string(label)]), isIdempotent: true)
    }

    // MARK: - Issues

    public func ourOpenIssues() async throws(ForgeError) -> [ForgeIssue] {
        let us = try await ourselves()
        let query = [
            ("state", "opened"), ("scope", "all"), ("author_id", String(us.id)), ("order_by", "created_at"),
            ("sort", "asc"),
        ]
        return try await client.list(GitLabIssue.self, "\(place)/issues", query).map(\.issue)
    }

    public func openIssue(title: String, body: String) async throws(ForgeError) -> ForgeIssue {
        try await client.send(
            GitLabIssue.self, "POST", "\(place)/issues",
            .object(["title": .string(title), "description": .string(body)]), isIdempotent: false
        ).issue
    }

    public func editIssue(_ number: Int, title: String, body: String) async throws(ForgeError) {
        try await client.send(
            "PUT", "\(place)/issues/\(number)", .object(["title": .string(title), "description": .string(body)]),
            isIdempotent: true)
    }

    public func closeIssue(_ number: Int) async throws(ForgeError) {
        try await client.send(
            "PUT", "\(place)/issues/\(number)", .object(["state_event": .string("close")]), isIdempotent: true)
    }

    public func commentOnIssue(_ number: Int, _ body: String) async throws(ForgeError) {
        try await client.send(
            "POST", "\(place)/issues/\(number)/notes", .object(["body": .string(body)]), isIdempotent: false)
    }
}
