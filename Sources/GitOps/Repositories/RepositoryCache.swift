import CLibGit2
public import PlumbModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What has been fetched of one repository: a bare repository on this machine, with `refs/pins/<commit>` for each commit
/// that is there whole.
///
/// A pin is written last: a process that is killed while it fetches leaves no pin, and what it leaves the next one removes.
/// One process at a time fetches; reading needs no lock.
///
/// All calls block: they belong on a thread of their own.
public struct RepositoryCache: Sendable {
    /// What a fetch is wanted for.
    public enum Wanted: Sendable {
        /// What the reference stands for now: a branch, a tag, an id of a commit whole or short; nil: the default branch.
        case reference(String?)
        /// A commit that the reference once stood for.
        case commit(String, reference: String?)
    }

    /// For people and for lock files.
    public let url: String
    /// Where libgit2 connects to: `url`, a relative path made absolute.
    let remote: String
    /// The bare repository.
    public let path: String
    let environment: [String: String]

    /// - Parameters:
    ///   - url: as Git takes it.
    ///   - directory: what a relative path in place of a URL is relative to.
    ///   - path: of the bare repository; its parents are made when it is.
    public init(url: String, directory: String, path: String, environment: [String: String]) {
        self.url = url
        self.path = path
        self.environment = environment
        let isRelative = RemoteAddress(url).scheme == nil && !url.hasPrefix("/")
        let base = ExistingPath(of: directory)
        remote = isRelative ? ([base.existing] + base.missing + [url]).joined(separator: "/") : url
    }

    // MARK: Reading

    /// Whether a commit has been fetched whole.
    public func holds(_ commit: String) -> Bool {
        guard let repository = try? opened() else { return false }
        return (try? repository.use { repository throws(Diagnostics) in isPinned(commit, repository) }) ?? false
    }

    /// The files of a folder at a commit that has been fetched; nil where it has not.
    ///
    /// - Parameter name: of the revision, for people.
    public func source(
        commit: String, name: String, folder: String
    ) throws(Diagnostics) -> RevisionSource? {
        guard access(path + "/HEAD", F_OK) == 0 else { return nil }
        let handle = try opened()
        let folder = try FileName.parts(of: folder).joined(separator: "/")
        return try handle.use { repository throws(Diagnostics) in
            guard isPinned(commit, repository) else { return nil }
            let tree = try RevisionFinder(repository: repository, path: url).tree(
                of: commit, revision: name, folder: folder)
            return RevisionSource(
                handle: handle, repositoryPath: url, tree: tree, folder: folder, wanted: name, revision: commit,
                branch: nil)
        }
    }

    private func isPinned(_ commit: String, _ repository: OpaquePointer) -> Bool {
        var id = git_oid()
        return git_reference_name_to_id(&id, repository, Self.pin(commit)) == 0 && isWhole(commit, repository)
    }

    static func pin(_ commit: String) -> String { "refs/pins/" + commit }

    func opened() throws(Diagnostics) -> RepositoryHandle {
        try GitRepository.start()
        var pointer: OpaquePointer?
        let code = git_repository_open_bare(&pointer, path)
        guard code == 0, let pointer else {
            throw Diagnostics(
                .error(
                    "Module cache cannot be read",
                    "The copy of \(url) in \(path) cannot be opened: \(GitFailure(code).message). Remove that folder, then "
                        + "run `plumb init`."))
        }
        return RepositoryHandle(owning: pointer)
    }

    // MARK: Fetching

    /// Asks the server for its branches and tags, and fetches nothing.
    public func references(_ patience: FetchPatience) throws(Diagnostics) -> RemoteReferences {
        let lock = try prepare(patience)
        defer { withExtendedLifetime(lock) {} }
        return try connected(patience) { fetching throws(Diagnostics) in try fetching.references() }
    }

    /// Brings a commit here, unless it is here already.
    ///
    /// - Returns: the commit, whole, and what the server has.
    public func fetch(
        _ wanted: Wanted, _ patience: FetchPatience
    ) throws(Diagnostics) -> (commit: String, references: RemoteReferences) {
        let lock = try prepare(patience)
        defer { withExtendedLifetime(lock) {} }
        return try connected(patience) { fetching throws(Diagnostics) in
            let references = try fetching.references()
            return (try fetching.fetch(wanted, references), references)
        }
    }

    private func connected<Success: Sendable>(
        _ patience: FetchPatience, _ body: @escaping @Sendable (borrowing Fetching) throws(Diagnostics) -> Success
    ) throws(Diagnostics) -> Success {
        let watch = FetchWatch(RemoteAddress(url), environment: environment)
        return try FetchWatch.run(url, patience, watch) { () throws(Diagnostics) in
            try opened().use { repository throws(Diagnostics) in
                try body(try Fetching(self, repository, watch))
            }
        }
    }

    /// Makes the repository where there is none, and removes what a killed process has left in it.
    private func prepare(_ patience: FetchPatience) throws(Diagnostics) -> FolderLock {
        try GitRepository.start()
        try makeFolder(path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ".")
        let lock = try FolderLock(path + ".lock") { () throws(Diagnostics) in try patience.checkWaiting(path) }
        if access(path + "/HEAD", F_OK) == 0 {
            sweep("objects/pack") { $0.hasPrefix("pack_git2_") || $0.hasSuffix(".lock") }
            sweep("refs/pins") { $0.hasSuffix(".lock") }
            sweep(".") { $0.hasSuffix(".lock") }
        } else {
            // Its HEAD is the last that libgit2 would need, but not the last that it writes: made aside, then moved.
            let draft = path + ".new"
            removeFolder(draft)
            var pointer: OpaquePointer?
            let code = git_repository_init(&pointer, draft, 1)
            guard code == 0, let pointer else {
                throw Diagnostics(
                    .error(
                        "Module cache cannot be written",
                        "\(draft) cannot be made: \(GitFailure(code).message). Modules from Git are kept there; the "
                            + "environment variable PLUMB_MODULE_CACHE names another folder."))
            }
            git_repository_free(pointer)
            guard rename(draft, path) == 0 else { throw Diagnostics(FolderLock.unwritable(path)) }
        }
        return lock
    }

    private func makeFolder(_ folder: String) throws(Diagnostics) {
        var made = folder.hasPrefix("/") ? "" : "."
        for part in folder.split(separator: "/") {
            made += "/" + part
            guard mkdir(made, 0o755) == 0 || errno == EEXIST else { throw Diagnostics(FolderLock.unwritable(made)) }
        }
    }

    /// Removes the files of a folder that nobody can still be writing, since the lock is ours.
    private func sweep(_ folder: String, where isLeftOver: (String) -> Bool) {
        for name in Self.names(in: path + "/" + folder) where isLeftOver(name) {
            unlink(path + "/" + folder + "/" + name)
        }
    }

    private func removeFolder(_ folder: String) {
        for name in Self.names(in: folder) where unlink(folder + "/" + name) != 0 { removeFolder(folder + "/" + name) }
        rmdir(folder)
    }

    private static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            let name = String(decoding: bytes, as: UTF8.self)
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

/// Whether a commit and its folders' root are in a repository.
func isWhole(_ commit: String, _ repository: OpaquePointer) -> Bool {
    var id = git_oid()
    var pointer: OpaquePointer?
    guard git_oid_fromstr(&id, commit) == 0, git_commit_lookup(&pointer, repository, &id) == 0, let pointer else {
        return false
    }
    let object = GitObject(pointer) { git_commit_free($0) }
    var tree: OpaquePointer?
    guard git_commit_tree(&tree, object.pointer) == 0, let tree else { return false }
    git_tree_free(tree)
    return true
}
