/// Where a followed repository stands at a forge, who asks there, and what the forge is told.
public struct ForgeDeclaration: Sendable, Hashable {
    /// Where is read how we prove who we are. It is read anew each time, so that a token that is exchanged needs no restart.
    public enum Credentials: Sendable, Hashable {
        case token(SecretReference)
        /// A GitHub App: `id` is its number or its client ID, `key` its private key in PEM; `installation` nil is the one that
        /// the repository has.
        case app(id: String, key: SecretReference, installation: Int?)
    }

    public var kind: ForgeKind
    /// The API's address; nil: that of the public service.
    public var api: String?
    /// `owner/name`, of GitLab with all groups.
    public var repository: String
    public var credentials: Credentials
    /// What the names of commit statuses begin with, before `/` and the stack's; nil: none are sent.
    public var statusName: String? = ForgeDeclaration.usualStatusName
    /// Whether each stack's drift has an issue there as long as it is.
    public var hasDriftIssues = false

    public static let usualStatusName = "plumbline"

    public init(kind: ForgeKind, api: String? = nil, repository: String, credentials: Credentials) {
        self.kind = kind
        self.api = api
        self.repository = repository
        self.credentials = credentials
    }
}
