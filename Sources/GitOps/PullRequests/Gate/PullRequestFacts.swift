public import PlumbModel

/// What the forge and the plans say of a pull request at one moment: all that is decided about it follows from this.
public struct PullRequestFacts: Sendable {
    /// A stack as it was planned at the newest commit.
    public struct Stack: Sendable, Hashable {
        public let name: String
        /// Nil where no plan could be made.
        public let digest: String?
        /// A policy says no, and nobody has waived that.
        public let isRefused: Bool
        /// Whether its plan changes anything.
        public let hasChanges: Bool

        public init(name: String, digest: String?, isRefused: Bool, hasChanges: Bool) {
            self.name = name
            self.digest = digest
            self.isRefused = isRefused
            self.hasChanges = hasChanges
        }
    }

    /// Somebody, and what they may do.
    public struct Person: Sendable, Hashable {
        public let name: String
        public let permission: Permission
        public let teams: Teams

        public init(name: String, permission: Permission, teams: Teams = Teams()) {
            self.name = name
            self.permission = permission
            self.teams = teams
        }
    }

    /// In which of the teams that the settings name somebody is.
    public struct Teams: Sendable, Hashable {
        /// In lower case.
        public var names: Set<String>
        /// Why it is not known of others, a sentence each.
        public var unknown: [String]

        public init(_ names: Set<String> = [], unknown: [String] = []) {
            self.names = names
            self.unknown = unknown
        }
    }

    public var pullRequest: PullRequest
    /// Nobody vouches for whoever has written it: from a fork, or of somebody nothing of whose was merged yet.
    public var isStranger: Bool
    /// Of the newest commit; nil where it is not planned.
    public var planned: [Stack]?
    public var approvals: [BoundApproval]
    /// What those who have approved may do, by lower-case name.
    public var permissions: [String: Permission]
    /// Commits of the base branch that the head does not have; nil where nobody has asked.
    public var commitsBehind: Int?
    /// Of the newest commit, at the forge.
    public var statuses: [CommitStatus]
    /// What our own statuses begin with.
    public var ownStatuses: String

    public init(
        _ pullRequest: PullRequest, isStranger: Bool, planned: [Stack]?, approvals: [BoundApproval] = [],
        permissions: [String: Permission] = [:], commitsBehind: Int? = nil, statuses: [CommitStatus] = [],
        ownStatuses: String = "plumbline"
    ) {
        self.pullRequest = pullRequest
        self.isStranger = isStranger
        self.planned = planned
        self.approvals = approvals
        self.permissions = permissions
        self.commitsBehind = commitsBehind
        self.statuses = statuses
        self.ownStatuses = ownStatuses
    }
}
