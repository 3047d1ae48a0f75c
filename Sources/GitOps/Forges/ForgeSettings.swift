public import HTTPTransport
public import PlumbModel

/// Where a forge is, which repository of it is meant, and who asks.
public struct ForgeSettings: Sendable {
    /// The API's address: nil is that of the public service. `https://github.example.net/api/v3` for GitHub Enterprise,
    /// `https://gitlab.example.net/api/v4`, `https://git.example.net/api/v1` for Gitea and Forgejo, which have no public one.
    public var api: String?
    /// `owner/name`, of GitLab with all groups.
    public var repository: String
    public var credentials: ForgeCredentials
    /// Our own name at the forge, where it does not tell a token like this one: `github-actions[bot]` unless given.
    public var ownName: String?
    /// The longest comment, where it is not what forges of this kind take: Gitea's is a matter of its database and proxy.
    public var longestComment: Int?
    /// How long GitHub wants to be left alone where it does not say how long.
    public var unsaidPause: Duration
    /// With as many requests at a time as GitHub asks for: few.
    public var http: HTTPClient.Settings

    public init(
        api: String? = nil, repository: String, credentials: ForgeCredentials, ownName: String? = nil,
        longestComment: Int? = nil, unsaidPause: Duration = .seconds(60),
        http: HTTPClient.Settings = HTTPClient.Settings(connectionsPerHost: 4)
    ) {
        self.api = api
        self.repository = repository
        self.credentials = credentials
        self.ownName = ownName
        self.longestComment = longestComment
        self.unsaidPause = unsaidPause
        self.http = http
    }

    /// The repository's path, held to have as many parts as the forge wants, none of which leads elsewhere.
    func parts(_ kind: ForgeKind, _ isRight: (Int) -> Bool) throws(ForgeError) -> [Substring] {
        let parts = repository.split(separator: "/", omittingEmptySubsequences: false)
        guard isRight(parts.count), parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
            let shape = kind == .gitlab ? "group/name, with all subgroups" : "owner/name"
            throw ForgeError(
                .invalidSettings, "\(repository.debugDescription) is no repository of \(kind.title): write \(shape).")
        }
        return parts
    }

    func token(_ kind: ForgeKind) throws(ForgeError) -> String {
        guard case .token(let token) = credentials else {
            throw ForgeError(.invalidSettings, "\(kind.title) has no Apps: give a token.")
        }
        // A line's end from a file or a secret store is no part of any token.
        var plain = token[...]
        while plain.first?.isWhitespace == true { plain = plain.dropFirst() }
        while plain.last?.isWhitespace == true { plain = plain.dropLast() }
        guard !plain.isEmpty else { throw ForgeError(.invalidSettings, "The token for \(kind.title) is empty.") }
        return String(plain)
    }
}

extension ForgeKind {
    /// The repository of the settings, at a forge of this kind. Nothing is asked yet.
    public func open(_ settings: ForgeSettings) throws(ForgeError) -> any Forge {
        switch self {
        case .github: try GitHubForge(settings)
        case .gitlab: try GitLabForge(settings)
        case .gitea: try GiteaForge(settings)
        }
    }
}
