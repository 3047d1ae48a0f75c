public import PlumbModel

/// Somebody's word that a pull request is good, bound to the plans that there were of the commit that it was said of.
public struct BoundApproval: Sendable, Hashable, Codable {
    /// By name, without `@`.
    public let user: String
    /// The forge's number for the account.
    public let userID: Int
    public let commit: String
    /// When it was given, in seconds since 1970; nil where the forge does not tell.
    public let givenAt: Double?
    /// By stack; a stack that is missing had no plan then.
    public let digests: [String: String]

    public init(user: String, userID: Int = 0, commit: String, givenAt: Double?, digests: [String: String]) {
        self.user = user
        self.userID = userID
        self.commit = commit
        self.givenAt = givenAt
        self.digests = digests
    }

    /// What the approvals of a pull request are bound to now. Those that were known keep what they were bound to; new ones are
    /// bound to the plans of now, or to none where there is none that their author could have seen; those that were taken back
    /// are gone. Those of other commits stay for the case that such a commit comes back: they are not to be bound to what is
    /// planned then.
    ///
    /// - Parameter planned: the digests of the plans that are shown of the newest commit, by stack; nil where none is.
    public static func binding(
        _ approvals: [Approval], head: String, planned: [String: String]?, known: [BoundApproval]
    ) -> [BoundApproval] {
        let others = known.filter { $0.commit != head }.suffix(100)
        return others
            + approvals.filter { !$0.isStale && $0.commit == head }.map { approval in
                let name = approval.user.name
                let before = known.first {
                    $0.user.lowercased() == name.lowercased() && $0.commit == head && $0.givenAt == approval.givenAt
                }
                return before
                    ?? BoundApproval(
                        user: name, userID: approval.user.id, commit: head, givenAt: approval.givenAt,
                        digests: planned ?? [:])
            }
    }
}
