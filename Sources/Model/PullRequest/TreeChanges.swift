/// What differs between two commits of a repository, as paths from its root. A rename is a file that has gone and one that
/// has come.
public struct TreeChanges: Sendable, Hashable {
    /// Content, or what kind of a file it is.
    public var modified: Set<String>
    public var added: Set<String>
    public var removed: Set<String>
    /// Folders that only one of the commits has.
    public var folders: Set<String>

    public init(
        modified: Set<String> = [], added: Set<String> = [], removed: Set<String> = [], folders: Set<String> = []
    ) {
        self.modified = modified
        self.added = added
        self.removed = removed
        self.folders = folders
    }

    public var isEmpty: Bool { modified.isEmpty && added.isEmpty && removed.isEmpty }
}
