internal import HTTPTransport
public import PlumbModel

/// A repository at GitHub, or at a GitHub Enterprise Server.
///
/// Where an App asks, statuses are check runs, which take longer texts and belong to the App; else they are commit statuses.
public struct GitHubForge: Forge {
    let client: ForgeClient
    /// `/repos/owner/name`
    let place: String
    public let repository: String
    public let kind = ForgeKind.github
    public let limits: ForgeLimits
    /// Signs in the App's own name; nil for tokens.
    let app: ForgeClient?
    private let ownName: String?

    public init(_ settings: ForgeSettings) throws(ForgeError) {
        let parts = try settings.parts(.github) { $0 == 2 }
        let base = settings.api ?? "https://api.github.com"
        repository = settings.repository
        place = "/repos/" + parts.map { URLText.escaped(String($0)) }.joined(separator: "/")
        ownName = settings.ownName
        limits = ForgeLimits(comment: settings.longestComment ?? 65_536, statusSummary: 140)
        let http = HTTPClient(settings.http)
        let headers: HTTPHeaders = [
            "Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28",
        ]
        let authenticator: any RequestAuthenticator
        switch settings.credentials {
        case .token:
            authenticator = HeaderAuthenticator.bearer(try settings.token(.github))
            app = nil
        case .app(let id, let pem, let installation):
            let key = try AppKey(id: id, pem: pem)
            let signer = TokenAuthenticator { () async throws(HTTPError) in try key.token(now: HTTPDate.now) }
            let ownClient = try ForgeClient(
                kind: .github, base: base, http: http, authenticator: signer, headers: headers)
            app = ownClient
            authenticator =
                InstallationTokens(
                    base: ownClient.base, repository: String(place.dropFirst("/repos/".count)),
                    installation: installation, http: http, headers: headers, signer: signer
                ).authenticator
        }
        client = try ForgeClient(
            kind: .github, base: base, http: http, authenticator: authenticator, headers: headers,
            unsaidPause: settings.unsaidPause)
    }

    public func ourselves() async throws(ForgeError) -> ForgeUser {
        if let ownName { return ForgeUser(id: 0, name: ownName) }
        if let app {
            struct App: Decodable { let slug: String }
            return ForgeUser(id: 0, name: try await app.get(App.self, "/app").slug + "[bot]")
        }
        do {
            return try await client.get(GitHubUser.self, "/user").user
        } catch  where error.code == .forbidden {
            // The token of a job may not ask who it is, and is always this one.
            return ForgeUser(id: 0, name: "github-actions[bot]")
        }
    }

    // MARK: - Pull requests

    public func pullRequest(_ number: Int) async throws(ForgeError) -> PullRequest {
        try await client.get(GitHubPullRequest.self, "\(place)/pulls/\(number)").pullRequest
    }

    public func openPullRequests() async throws(ForgeError) -> [PullRequest] {
        try await client.list(GitHubPullRequest.self, "\(place)/pulls", [("state", "open")]).map(\.pullRequest)
    }

    /// GitHub tells of no more than 3,000 files.
    private static let mostFiles = 3000

    public func changedFiles(of pullRequest: PullRequest) async throws(ForgeError) -> ChangedFiles {
        let files = try await client.list(GitHubFile.self, "\(place)/pulls/\(pullRequest.number)/files")
        return ChangedFiles(files: files.map(\.file), isComplete: files.count < GitHubForge.mostFiles)
    }

    public func approvals(of pullRequest: PullRequest) async throws(ForgeError) -> [Approval] {
        let reviews = try await client.list(GitHubReview.self, "\(place)/pulls/\(pullRequest.number)/reviews")
        var last: [Int: GitHubReview] = [:]
        // Oldest first. A mere comment takes nothing back.
        for review in reviews where ["APPROVED", "CHANGES_REQUESTED", "DISMISSED"].contains(review.state) {
            if let user = review.user { last[user.id] = review }
        }
        return last.values.compactMap { review in
            guard review.state == "APPROVED", let user = review.user?.user else { return nil }
            return Approval(
                user: user, commit: review.commitId, isStale: review.commitId != pullRequest.head.commit,
                givenAt: review.submittedAt.map { ForgeTime.seconds($0) })
        }.sorted { $0.user.name < $1.user.name }
    }

    public func commitsBehind(_ pullRequest: PullRequest) async throws(ForgeError) -> Int {
        struct Comparison: Decodable { let behindBy: Int }
        // Commits, because a fork's branch may have any name, and the forge has them all in one place. Of the base the tip of
        // now: the pull request's own may be that of when it was opened.
        let base = URLText.escaped(pullRequest.base.branch)
        let path = "\(place)/compare/\(base)...\(URLText.escaped(pullRequest.head.commit))"
        return try await client.get(Comparison.self, path, [("per_page", "1")]).behindBy
    }

    public func standing(ofAuthorOf pullRequest: PullRequest) async throws(ForgeError) -> AuthorStanding {
        pullRequest.standing
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
        struct Membership: Decodable { let state: String }
        struct Team: Decodable { let slug: String }
        let parts = try client.parts(ofTeam: team)
        let path = "/orgs/\(parts.organisation)/teams/\(parts.team)"
        do {
            let membership = "\(path)/memberships/\(URLText.escaped(user.name))"
            // Who was invited and has not accepted is in none.
            return try await client.get(Membership.self, membership).state == "active"
        } catch  where error.code == .missing {
            // It says the same of a team that is not there.
            _ = try await client.get(Team.self, path)
            return false
        }
    }

    // MARK: - Comments

    public func comments(on number: Int, since: Double?) async throws(ForgeError) -> [PullRequestComment] {
        let query = since.map { [("since", InstantText.iso($0))] } ?? []
        return try await client.list(GitHubComment.self, "\(place)/issues/\(number)/comments", query).map(\.comment)
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
        // 200 instead of 201 where it is there already.
        try await client.send(
            "POST", "\(place)/issues/comments/\(comment)/reactions",
            .object(["content": .string(reaction.githubWord)]), isIdempotent: true)
    }

    // MARK: - Labels and issues

    public func addLabels(_ labels: [String], to number: Int) async throws(ForgeError) {
        guard !labels.isEmpty else { return }
        try await client.send(
            "POST", "\(place)/issues/\(number)/labels",
            .object(["labels": .tuple(labels.map { .string($0) })]), isIdempotent: true)
    }

    public func removeLabel(_ label: String, from number: Int) async throws(ForgeError) {
        do {
            let path = "\(place)/issues/\(number)/labels/\(URLText.escaped(label))"
            try await client.send("DELETE", path, isIdempotent: true)
        } catch  where error.code == .missing {
            return
        }
    }

    public func ourOpenIssues() async throws(ForgeError) -> [ForgeIssue] {
        let us = try await ourselves()
        let issues = try await client.list(
            GitHubIssue.self, "\(place)/issues", [("state", "open"), ("sort", "created"), ("direction", "asc")])
        return issues.compactMap { issue in
            // To GitHub a pull request is an issue too.
            guard issue.pullRequest == nil, let found = issue.issue, found.author.isSame(us) else { return nil }
            return found
        }
    }

    public func openIssue(title: String, body: String) async throws(ForgeError) -> ForgeIssue {
        let issue = try await client.send(
            GitHubIssue.self, "POST", "\(place)/issues",
            .object(["title": .string(title), "body": .string(body)]), isIdempotent: false)
        guard let opened = issue.issue else { throw client.unreadable("POST \(place)/issues", "\"user\" is null") }
        return opened
    }

    public func editIssue(_ number: Int, title: String, body: String) async throws(ForgeError) {
        try await client.send(
            "PATCH", "\(place)/issues/\(number)", .object(["title": .string(title), "body": .string(body)]),
            isIdempotent: true)
    }

    public func closeIssue(_ number: Int) async throws(ForgeError) {
        try await client.send(
            "PATCH", "\(place)/issues/\(number)",
            .object(["state": .string("closed"), "state_reason": .string("completed")]), isIdempotent: true)
    }

    public func commentOnIssue(_ number: Int, _ body: String) async throws(ForgeError) {
        _ = try await createComment(body, on: number)
    }
}

extension Permission {
    /// By GitHub's and Gitea's words; one that is not known gives nothing.
    init(word: String) {
        switch word {
        case "owner", "admin": self = .admin
        case "write", "maintain": self = .write
        case "read", "triage": self = .read
        default: self = .none
        }
    }
}

extension CommentReaction {
    var githubWord: String {
        switch self {
        case .seen: "eyes"
        case .done: "rocket"
        case .refused: "confused"
        }
    }
}
