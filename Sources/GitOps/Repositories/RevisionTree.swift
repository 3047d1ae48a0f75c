public import PlumbModel

/// A repository as pull requests see it: its commits, and what lies between two of them. Nothing is checked out.
///
/// All calls block: they belong on a thread of their own.
public protocol RevisionTree: Sendable {
    /// The files of a folder at a commit; "" is the root.
    func source(at commit: String, folder: String) throws(Diagnostics) -> RevisionSource
    /// The folders of a commit that hold a `stack.yaml`, sorted; "" is the root.
    ///
    /// - Parameter globs: which folders count, such as `stacks/*` and `**`.
    func stackFolders(at commit: String, under globs: [String]) throws(Diagnostics) -> [String]
    func changes(from old: String, to new: String) throws(Diagnostics) -> TreeChanges
    /// The newest commit that both come from.
    func mergeBase(of one: String, and other: String) throws(Diagnostics) -> String
}

/// The revisions of a clone on this machine, such as the one that a CI job works in.
public struct LocalRevisions: RevisionTree {
    private let repository: GitRepository
    private let branch: String?
    private let trees = KnownTrees()

    /// - Parameter branch: what the specs are told to be of (`stack.branch`); that of a pull request's base, so that they plan
    ///   what they will after the merge.
    public init(_ repository: GitRepository, branch: String?) {
        self.repository = repository
        self.branch = branch
    }

    /// The id of the commit that a revision names (branch, tag, short id).
    public func commit(_ revision: String) throws(Diagnostics) -> String {
        try reading { repository throws(Diagnostics) in
            do throws(Diagnostics) {
                return try RevisionFinder(repository: repository, path: self.repository.path).find(revision).commit
            } catch {
                let bases = MergeBaseFinder(repository, path: self.repository.path)
                throw bases.isShallow ? Diagnostics(bases.shallow(revision)) : error
            }
        }
    }

    public func source(at commit: String, folder: String) throws(Diagnostics) -> RevisionSource {
        let folder = try FileName.parts(of: folder).joined(separator: "/")
        let name = String(commit.prefix(12))
        let tree = try reading { repository throws(Diagnostics) in
            try RevisionFinder(repository: repository, path: self.repository.path).tree(
                of: commit, revision: name, folder: folder)
        }
        return RevisionSource(
            handle: repository.handle, repositoryPath: repository.path, tree: tree, folder: folder, wanted: name,
            revision: commit, branch: branch)
    }

    public func stackFolders(at commit: String, under globs: [String]) throws(Diagnostics) -> [String] {
        let search = try StackFolderSearch(globs)
        return try reading { repository throws(Diagnostics) in
            try search.folders(at: commit, in: repository, self.trees, path: self.repository.path)
        }
    }

    public func changes(from old: String, to new: String) throws(Diagnostics) -> TreeChanges {
        try reading { repository throws(Diagnostics) in
            try TreeComparison(repository, self.trees, path: self.repository.path).changes(from: old, to: new)
        }
    }

    public func mergeBase(of one: String, and other: String) throws(Diagnostics) -> String {
        try reading { repository throws(Diagnostics) in
            try MergeBaseFinder(repository, path: self.repository.path).find(one, other)
        }
    }

    private func reading<Success>(
        _ body: (OpaquePointer) throws(Diagnostics) -> Success
    ) throws(Diagnostics) -> Success {
        try repository.handle.use(body)
    }
}

extension FollowedRepository: RevisionTree {
    public func changes(from old: String, to new: String) throws(Diagnostics) -> TreeChanges {
        try reading(old) { repository throws(Diagnostics) in
            guard cache.isPinned(new, repository) else { throw Diagnostics(unheld(new)) }
            return try TreeComparison(repository, trees, path: declaration.url).changes(from: old, to: new)
        }
    }

    /// The newest commit that both come from. It is kept from then on like one that was fetched, until `tidy` is not told that
    /// it is in use.
    public func mergeBase(of one: String, and other: String) throws(Diagnostics) -> String {
        let found = try reading(one) { repository throws(Diagnostics) in
            guard cache.isPinned(other, repository) else { throw Diagnostics(unheld(other)) }
            let found = try MergeBaseFinder(repository, path: declaration.url).find(one, other)
            return (commit: found, isKept: cache.isPinned(found, repository))
        }
        if found.isKept { return found.commit }
        let lock = try cache.prepare(FetchPatience())
        defer { withExtendedLifetime(lock) {} }
        try reading { repository throws(Diagnostics) in try cache.pin(found.commit, repository) }
        return found.commit
    }
}
