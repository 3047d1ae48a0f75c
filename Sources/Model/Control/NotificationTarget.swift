/// Whom a controller tells what happens.
public struct NotificationTarget: Sendable, Hashable {
    public enum Channel: Sendable, Hashable {
        /// The event as JSON, signed with the key (`X-Plumbline-Signature-256`); nil: it is not signed.
        case webhook(url: SecretReference, key: SecretReference?)
        /// `{"text": …}`, which Slack, Mattermost and others take.
        case slack(url: SecretReference)
        case email(MailRoute)
    }

    public let name: String
    public let channel: Channel
    /// The phases whose begin is told.
    public let phases: Set<StackStatus.Phase>
    /// Globs of the names of the stacks it is about.
    public let stacks: [String]

    public init(name: String, channel: Channel, phases: Set<StackStatus.Phase>, stacks: [String]) {
        self.name = name
        self.channel = channel
        self.phases = phases
        self.stacks = stacks
    }
}

/// By which server mail goes, from whom and to whom.
public struct MailRoute: Sendable, Hashable {
    public enum Security: Sendable, Hashable {
        /// From the first byte on: `smtps://`.
        case tls
        /// The server has to offer it: `smtp://`.
        case startTLS
        /// None at all.
        case none
    }

    public var host: String
    public var port: Int
    public var security: Security
    /// Addresses alone: `ops@example.org`.
    public var from: String
    /// One at the least.
    public var to: [String]
    /// Nil: nobody logs in.
    public var login: Login?
    /// The path of a PEM file with the authorities that are trusted; nil: those of the system.
    public var authorities: String?

    public struct Login: Sendable, Hashable {
        public let user: SecretReference
        public let password: SecretReference

        public init(user: SecretReference, password: SecretReference) {
            self.user = user
            self.password = password
        }
    }

    public init(host: String, port: Int, security: Security, from: String, to: [String]) {
        self.host = host
        self.port = port
        self.security = security
        self.from = from
        self.to = to
    }
}

/// Where a secret is read from when it is wanted; it never stands in a configuration itself.
public enum SecretReference: Sendable, Hashable {
    case environment(String)
    case file(String)
}
