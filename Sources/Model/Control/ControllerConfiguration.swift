/// What the file of `plumb controller` says.
public struct ControllerConfiguration: Sendable {
    /// A repository, and which of its folders are stacks.
    public struct Following: Sendable {
        public let repository: RepositoryDeclaration
        /// Globs of folders: `stacks/*`, `**`.
        public let folders: [String]
        /// Seconds between two looks; webhooks come in between.
        public let interval: Double
        /// Where it is declared.
        public let range: SourceRange

        public init(_ repository: RepositoryDeclaration, folders: [String], interval: Double, at range: SourceRange) {
            self.repository = repository
            self.folders = folders
            self.interval = interval
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

/// Whom a controller tells what happens.
public struct NotificationTarget: Sendable, Hashable {
    public enum Form: String, Sendable, Hashable, CaseIterable {
        /// The event as JSON, signed.
        case webhook
        /// `{"text": …}`, which Slack, Mattermost and others take.
        case slack
    }

    public let name: String
    public let form: Form
    public let url: SecretReference
    /// What the body is signed with (`X-Plumbline-Signature-256`); nil: it is not signed.
    public let key: SecretReference?
    /// The phases whose begin is told.
    public let phases: Set<StackStatus.Phase>
    /// Globs of the names of the stacks it is about.
    public let stacks: [String]

    public init(
        name: String, form: Form, url: SecretReference, key: SecretReference?, phases: Set<StackStatus.Phase>,
        stacks: [String]
    ) {
        self.name = name
        self.form = form
        self.url = url
        self.key = key
        self.phases = phases
        self.stacks = stacks
    }
}

/// Where a secret is read from when it is wanted; it never stands in a configuration itself.
public enum SecretReference: Sendable, Hashable {
    case environment(String)
    case file(String)
}
