/// How a stack stands, as its controller sees it.
public struct StackStatus: Sendable, Hashable, Codable {
    /// What the newest reconciliation came to.
    public enum Phase: String, Sendable, Hashable, Codable, CaseIterable {
        /// Not looked at yet.
        case pending
        /// A plan or an apply goes on.
        case progressing
        /// The newest revision is applied, and nothing has drifted that is to be healed.
        case converged
        /// Something else has to happen first: a window, an approval, a dependency, a system that cannot be reached.
        case waiting
        /// It is tried again, with growing pauses.
        case failed
        /// A person has to decide: a guard, a broken commit, a hold, a suspension.
        case halted
    }

    /// Who keeps a stack from being worked on, and why.
    public struct Suspension: Sendable, Hashable, Codable {
        public let actor: String
        public let reason: String
        /// Seconds since 1970.
        public let since: Double
        /// Seconds since 1970; nil: until it is lifted.
        public let until: Double?

        public init(actor: String, reason: String, since: Double, until: Double?) {
            self.actor = actor
            self.reason = reason
            self.since = since
            self.until = until
        }

        public func isActive(at time: Double) -> Bool { until.map { time < $0 } ?? true }
    }

    /// A revision that is not applied again after a rollback, until a newer one comes.
    public struct Pin: Sendable, Hashable, Codable {
        /// The revision that was rolled back.
        public let refused: String
        public let actor: String
        public let reason: String
        /// Seconds since 1970.
        public let since: Double

        public init(refused: String, actor: String, reason: String, since: Double) {
            self.refused = refused
            self.actor = actor
            self.reason = reason
            self.since = since
        }
    }

    /// Held by a pull request that has applied its own version of the stack before it is merged.
    public struct Lock: Sendable, Hashable, Codable {
        /// The name of the repository in the controller's configuration.
        public let repository: String
        /// The pull request's.
        public let number: Int
        /// Where people look at it.
        public let url: String
        /// Who has ordered the apply.
        public let actor: String
        /// Seconds since 1970.
        public let since: Double

        public init(repository: String, number: Int, url: String, actor: String, since: Double) {
            self.repository = repository
            self.number = number
            self.url = url
            self.actor = actor
            self.since = since
        }
    }

    public var stack: String
    /// The name of its repository in the controller's configuration.
    public var repository: String
    /// Its folder there; "" for the root.
    public var folder: String
    public var phase = Phase.pending
    /// One sentence for people: why it is in this phase.
    public var reason = ""
    /// When it came into this phase, in seconds since 1970.
    public var since: Double = 0
    /// The newest revision that was looked at.
    public var revision: String?
    /// The revision that was last applied whole.
    public var appliedRevision: String?
    /// When drift was last looked for, in seconds since 1970.
    public var driftCheckedAt: Double?
    /// Places that have drifted and count.
    public var driftCount = 0
    public var suspension: Suspension?
    public var pin: Pin?
    public var lock: Lock?
    /// The digest of a plan that waits for somebody's word.
    public var pendingPlan: String?
    /// Failed attempts in a row.
    public var failures = 0
    /// When it is tried again, in seconds since 1970.
    public var nextAttemptAt: Double?
    /// Which controller works on it: `ControllerMember.name`.
    public var worker: String?
    /// The commit beside which a forge does not show yet that the stack has got there; nil where none is, or no forge is told.
    public var shownCommit: String?

    public init(stack: String, repository: String, folder: String) {
        self.stack = stack
        self.repository = repository
        self.folder = folder
    }
}
