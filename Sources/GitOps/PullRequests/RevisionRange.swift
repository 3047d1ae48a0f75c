/// What a pull request proposes: the commits between where it begins and its newest one.
public struct RevisionRange: Sendable, Hashable {
    /// The commit that it begins at: the newest one that head and base branch have in common.
    public let base: String
    /// Its newest commit.
    public let head: String
    /// The tip of the branch that it is to be merged into; nil where that is not known.
    public let target: String?

    public init(base: String, head: String, target: String? = nil) {
        self.base = base
        self.head = head
        self.target = target
    }
}
