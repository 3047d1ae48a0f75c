internal import HTTPTransport
public import PlumbModel

/// A repository at Gitea or Forgejo.
public struct GiteaForge: Forge {
    let client: ForgeClient
    /// `/repos/owner/name`
    let place: String
    public let repository: String
    public let kind = ForgeKind.gitea
    public let limits: ForgeLimits

    public init(_ settings: ForgeSettings) throws(ForgeError) {
        let parts = try settings.parts(.gitea) { $0 == 2 }
        guard let api = settings.api else {
            throw ForgeError(
                .invalidSettings,
                "Gitea and Forgejo have no one address: say which is meant, as https://git.example.net/api/v1.")
        }
        repository = settings.repository
        place = "/repos/" + parts.map { URLText.escaped(String($0)) }.joined(separator: "/")
        // It has no limit of its own; this much every database and proxy takes as it is installed.
        limits = ForgeLimits(comment: settings.longestComment ?? 250_000, statusSummary: 255)
        let token = try settings.token(.gitea)
        client = try ForgeClient(
            kind: .gitea, base: api, http: HTTPClient(settings.http),
            authenticator: HeaderAuthenticator(name: "Authorization", value: "token \(token)", secret: token))
    }

    public func ourselves() async throws(ForgeError) -> ForgeUser {
        try await client.get(GitHubUser.self, "/user").user
    }

    // MARK: - Pull requests

    public func pullRequest(_ number: Int) async throws(ForgeError) -> PullRequest {
        try await client.get(GiteaPullRequest.self, "\(place)/pulls/\(number)").pullRequest
    }

    public func openPullRequests() async throws(ForgeError) -> [PullRequest] {
        try await client.list(GiteaPullRequest.self, "\(place)/pulls", [("state", "open")]).map(\.pullRequest)
    }

    public func changedFiles(of pullRequest: PullRequest) async throws(ForgeError) -> ChangedFiles {
        let files = try await client.list(GiteaFile.self, "\(place)/pulls/\(pullRequest.number)/files")
        return ChangedFiles(files: files.map(\.file), isComplete: true)
    }

    public func approvals(of pullRequest: PullRequest) async throws(ForgeError) -> [Approval] {
        let reviews = try await client.list(GiteaReview.self, "\(place)/pulls/\(pullRequest.number)/reviews")
        var last: [Int: GiteaReview] = [:]
        // A mere comment takes nothing back, and what is still being written is nobody's word yet.
        for review in reviews.sorted(by: { $0.id < $1.id })
        where ["APPROVED", "REQUEST_CHANGES"].contains(review.state) {
            if let user = review.user { last[user.id] = review }
        }
        return last.values.compactMap { review in
            guard review.state == "APPROVED", review.dismissed != true, let user = review.user else { return nil }
            let isOld = review.stale == true || review.commitId != pullRequest.head.commit
            return Approval(
                user: user.user, commit: review.commitId, isStale: isOld,
                givenAt: review.submittedAt.map { ForgeTime.seconds($0) })
        }.sorted { $0.user.name < $1.user.name }
    }

    public func commitsBehind(_ pullRequest: PullRequest) async throws(ForgeError) -> Int {
        struct Comparison: Decodable { let totalCommits: Int }
        let sides = "\(URLText.escaped(pullRequest.head.commit))...\(URLText.escaped(pullRequest.base.branch))"
        return try await client.get(Comparison.self, "\(place)/compare/\(sides)").totalCommits
    }

    public func standing(ofAuthorOf pullRequest: PullRequest) async throws(ForgeError) -> AuthorStanding {
        do {
            if try await permission(of: pullRequest.author) >= .write { return .member }
        } catch  where error.code == .forbidden {
            // Only an administrator's token may ask that; what was merged anybody may see.
        }
        let query = [("type", "pulls"), ("state", "closed"), ("created_by", pullRequest.author.name)]
        let closed = try await client.list(GiteaIssue.self, "\(place)/issues", query)
        return closed.contains { $0.pullRequest?.merged == true } ? .contributor : .firstTime
    }

    public func permission(of user: ForgeUser) async throws(ForgeError) -> Permission {
        struct Answer: Decodable { let permission: String }
        do {
            let path = "\(place)/collaborators/\(URLText.escaped(user.name))/permission"
            return Permission(word: try await client.get(Answer.self, path).permission)
        } catch  where error.code == .missing {
            return .none
        }
    }

    public func isMember(_ user: ForgeUser, of team: String) async throws(ForgeError) -> Bool {
        struct Team: Decodable {
            let id: Int
            let name: String
        }
        let parts = try client.parts(ofTeam: team)
        let teams = try await client.list(Team.self, "/orgs/\(parts.organisation)/teams")
        guard let found = teams.first(where: { URLText.escaped($0.name.lowercased()) == parts.team.lowercased() })
        else {
            throw ForgeError(
                .missing,
                "Gitea has no team \(team.debugDescription), or the token may not see it: look how it is called")
        }
        do {
            _ = try await client.get(GitHubUser.self, "/teams/\(found.id)/members/\(URLText.escaped(user.name))")
            return true
        } catch  where error.code == .missing {
            return false
        }
    }

    // MARK: - Comments

    public func comments(on number: Int, since: Double?) async throws(ForgeError) -> [PullRequestComment] {
        let query = since.map { [("since", InstantText.iso($0))] } ?? []
        // It has no pages, and knows no parameters for them.
        let path = "\(place)/issues/\(number)/comments"
        return try await client.get([GitHubComment].self, path, query).map(\.comment)
            .sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }

    public func createComment(_ body: String, on number: Int) async throws(ForgeError) -> PullRequestComment {
        try await client.send(
            GitHubComment.self, "POST", "\(place)/issues/\(number)/comments", .object(["body": .string(body)]),
            isIdempotent: false
        ).comment
    }

    public func editComment(_ id: Int, to body: String, on number: Int) async throws(ForgeError) {
        try await client.send(
            "PATCH", "\(place)/issues/comments/\(id)", .object(["body": .string(body)]), isIdempotent: true)
    }

    public func deleteComment(_ id: Int, on number: Int) async throws(ForgeError) {
        try await client.send("DELETE", "\(place)/issues/comments/\(id)", isIdempotent: true)
    }

    public func react(_ reaction: CommentReaction, to comment: Int, on number: Int) async throws(ForgeError) {
        try await client.send(
            "POST", "\(place)/issues/comments/\(comment)/reactions",
            .object(["content": .string(reaction.githubWord)]), isIdempotent: true)
    }

    // MARK: - Statuses and labels

    public func statuses(of commit: String) async throws(ForgeError) -> [CommitStatus] {
        let statuses = try await client.list(
            GiteaStatus.self, "\(place)/commits/\(URLText.escaped(commit))/statuses", [("sort", "highestindex")])
        var found: [String: GiteaStatus] = [:]
        for status in statuses where (found[status.context]?.id ?? 0) < status.id { found[status.context] = status }
        return found.values.map(\.reported).sorted { $0.name < $1.name }
    }

    public func setStatus(_ status: CommitStatus, of commit: String) async throws(ForgeError) {
        var fields: [(String, Value)] = [
            ("state", .string(status.state.rawValue)), ("context", .string(status.name)),
            ("description", .string(status.summary)),
        ]
        if let url = status.url { fields.append(("target_url", .string(url))) }
        try await client.send(
            "POST", "\(place)/statuses/\(URLText.escaped(commit))", .object(ValueMap(fields)), isIdempotent: true)
    }

    private func repositoryLabels() async throws(ForgeError) -> [GiteaLabel] {
        try await client.list(GiteaLabel.self, "\(place)/labels")
    }

    public func addLabels(_ labels: [String], to number: Int) async throws(ForgeError) {
        guard !labels.isEmpty else { return }
        let known = try await repositoryLabels()
        var numbers: [Value] = []
        for label in labels {
            if let found = known.first(where: { $0.name == label }) {
                numbers.append(.number(found.id))
                continue
            }
            let made = try await client.send(
                GiteaLabel.self, "POST", "\(place)/labels",
                .object(["name": .string(label), "color": .string("#5a67d8")]), isIdempotent: false)
            numbers.append(.number(made.id))
        }
        try await client.send(
            "POST", "\(place)/issues/\(number)/labels", .object(["labels": .tuple(numbers)]), isIdempotent: true)
    }

    public func removeLabel(_ label: String, from number: Int) async throws(ForgeError) {
        let there = try await client.get([GiteaLabel].self, "\(place)/issues/\(number)/labels")
        guard let found = there.first(where: { $0.name == label }) else { return }
        do {
            try await client.send("DELETE", "\(place)/issues/\(number)/labels/\(found.id)", isIdempotent: true)
        } catch  where error.code == .missing {
            return
        }
    }

    // MARK: - Issues

    public func ourOpenIssues() async throws(ForgeError) -> [ForgeIssue] {
        let us = try await ourselves()
        let query = [("type", "issues"), ("state", "open"), ("created_by", us.name)]
        return try await client.list(GiteaIssue.self, "\(place)/issues", query).map(\.issue)
            .filter { $0.author.id == us.id }.sorted { $0.number < $1.number }
    }

    public func openIssue(title: String, body: String) async throws(ForgeError) -> ForgeIssue {
        try await client.send(
            GiteaIssue.self, "POST", "\(place)/issues", .object(["title": .string(title), "body": .string(body)]),
            isIdempotent: false
        ).issue
    }

    public func editIssue(_ number: Int, title: String, body: String) async throws(ForgeError) {
        try await client.send(
            "PATCH", "\(place)/issues/\(number)", .object(["title": .string(title), "body": .string(body)]),
            isIdempotent: true)
    }

    public func closeIssue(_ number: Int) async throws(ForgeError) {
        try await client.send(
            "PATCH", "\(place)/issues/\(number)", .object(["state": .string("closed")]), isIdempotent: true)
    }

    public func commentOnIssue(_ number: Int, _ body: String) async throws(ForgeError) {
        _ = try await createComment(body, on: number)
    }
}
