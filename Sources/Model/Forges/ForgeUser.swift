/// Somebody who has an account at a forge; a program may be one too.
public struct ForgeUser: Sendable, Hashable {
    /// The forge's number for the account; it stays when the name changes.
    public let id: Int
    /// Without `@`.
    public let name: String

    public init(id: Int, name: String) {
        self.id = id
        self.name = name
    }

    /// By name alone, as what a token is called is told without a number at times; forges do not tell cases apart.
    public func isSame(_ other: ForgeUser) -> Bool { name.lowercased() == other.name.lowercased() }
}

/// What the author of a pull request is to its repository.
public enum AuthorStanding: String, Sendable, Hashable {
    /// Owner, member or collaborator.
    case member
    /// Something of theirs was merged before.
    case contributor
    /// Nothing of theirs was merged yet.
    case firstTime
    /// The forge does not say: to be taken for a stranger.
    case unknown
}

/// What a user may do in a repository.
public enum Permission: Int, Sendable, Hashable, Comparable, CaseIterable {
    case none, read, write, admin

    public static func < (left: Permission, right: Permission) -> Bool { left.rawValue < right.rawValue }
}

/// Somebody's word that a pull request is good.
public struct Approval: Sendable, Hashable {
    public let user: ForgeUser
    /// What it was said of; nil where the forge cannot tell.
    public let commit: String?
    /// It was said of something else than what the pull request is now, or of nobody knows what: it does not count.
    public let isStale: Bool
    /// In seconds since 1970; nil where the forge does not tell.
    public let givenAt: Double?

    public init(user: ForgeUser, commit: String?, isStale: Bool, givenAt: Double? = nil) {
        self.user = user
        self.commit = commit
        self.isStale = isStale
        self.givenAt = givenAt
    }
}
