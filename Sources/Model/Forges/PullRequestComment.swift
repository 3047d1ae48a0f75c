/// What somebody has written below a pull request or an issue.
public struct PullRequestComment: Sendable, Hashable {
    /// The forge's number for it; later ones have higher ones.
    public let id: Int
    public let author: ForgeUser
    /// Markdown, as its author has written it.
    public let body: String
    /// In seconds since 1970.
    public let createdAt: Double
    /// In seconds since 1970.
    public let updatedAt: Double
    /// Where people look at it.
    public let url: String

    public init(id: Int, author: ForgeUser, body: String, createdAt: Double, updatedAt: Double, url: String) {
        self.id = id
        self.author = author
        self.body = body
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.url = url
    }
}

/// An answer to a comment without words.
public enum CommentReaction: String, Sendable, Hashable, CaseIterable {
    /// The command was read and is carried out.
    case seen
    case done
    case refused
}

/// A matter that is open at a forge, beside any pull request.
public struct ForgeIssue: Sendable, Hashable {
    public let number: Int
    public let title: String
    public let body: String
    public let author: ForgeUser
    /// Where people look at it.
    public let url: String

    public init(number: Int, title: String, body: String, author: ForgeUser, url: String) {
        self.number = number
        self.title = title
        self.body = body
        self.author = author
        self.url = url
    }
}
