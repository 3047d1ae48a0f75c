/// What the file of `plumb controller` says.
public struct ControllerConfiguration: Sendable {
    /// A repository, and which of its folders are stacks.
    public struct Following: Sendable {
        public let repository: RepositoryDeclaration
        /// Globs of folders: `stacks/*`, `**`.
        public let folders: [String]
        /// Seconds between two looks; webhooks come in between.
        public let interval: Double
        /// Where it stands for people; nil: nobody is told there.
        public var forge: ForgeDeclaration?
        /// Where it is declared.
        public let range: SourceRange
        /// Nil: its pull requests are left alone.
        public var pullRequests: PullRequestSettings?

        public init(
            _ repository: RepositoryDeclaration, folders: [String], interval: Double, forge: ForgeDeclaration? = nil,
            at range: SourceRange
        ) {
            self.repository = repository
            self.folders = folders
            self.interval = interval
            self.forge = forge
            self.range = range
        }
    }

    /// Of the file, for people.
    public var path: String
    /// Where caches and what belongs to single stacks are kept; absolute.
    public var directory: String
    public var repositories: [Following] = []
    /// Where the controller's own records are, and the states of stacks that name no other place; nil: SQLite in the
    /// directory.
    public var state: SpecificationNode?
    /// For what `sync` of a stack does not say.
    public var defaults = SyncPolicy()
    /// Stacks that are worked on at once.
    public var concurrency = 8
    /// Seconds that runs under way are given when the controller is told to end.
    public var grace = 300.0
    public var notifications: [NotificationTarget] = []
    /// Nil: nothing is served.
    public var server: ServerSettings?
    /// Where the secrets of webhooks are read; they are put into `server` where they are.
    public var webhookSecrets: [WebhookSecret.Forge: SecretReference] = [:]
    /// What is only suspicious.
    public var warnings = Diagnostics()

    public init(path: String, directory: String) {
        self.path = path
        self.directory = directory
    }

    /// Seconds between two checks for drift where nobody says otherwise.
    public static let driftInterval = 300.0
}
