import CLibGit2
import Crypto
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
    let use: CacheUse
    /// What to identify with, where somebody has said.
    let credentials: RepositoryDeclaration.Credentials

    /// - Parameters:
    ///   - url: as Git takes it.
    ///   - directory: what a relative path in place of a URL is relative to.
    ///   - path: of the bare repository; its parents are made when it is.
    public init(url: String, directory: String, path: String, environment: [String: String]) {
        self.init(url: url, directory: directory, path: path, environment: environment, use: .modules)
    }

    init(
        url: String, directory: String, path: String, environment: [String: String], use: CacheUse,
        credentials: RepositoryDeclaration.Credentials = .init()
    ) {
        self.url = url
        self.path = path
        self.environment = environment
        self.use = use
        self.credentials = credentials
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
        try source(commit: commit, name: name, branch: nil, folder: folder, damage: nil)
    }

    /// - Parameter damage: is told when what should be there is not.
    func source(
        commit: String, name: String, branch: String?, folder: String, damage: DamageNote?
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
                branch: branch, damage: damage)
        }
    }

    func isPinned(_ commit: String, _ repository: OpaquePointer) -> Bool {
        var id = git_oid()
        return git_reference_name_to_id(&id, repository, Self.pin(commit)) == 0 && isWhole(commit, repository)
    }

    static func pin(_ commit: String) -> String { "refs/pins/" + commit }

    /// Notes that a commit is here whole; for whoever holds the lock.
    func pin(_ commit: String, _ repository: OpaquePointer) throws(Diagnostics) {
        var id = git_oid()
        var pointer: OpaquePointer?
        git_oid_fromstr(&id, commit)
        let code = git_reference_create(&pointer, repository, Self.pin(commit), &id, 1, nil)
        guard code == 0, let pointer else {
            throw Diagnostics(
                use.unwritable(
                    "In \(path), that \(commit) has been fetched could not be noted", because: GitFailure(code).message)
            )
        }
        git_reference_free(pointer)
    }

    /// Whether it can be opened at all; for whoever holds the lock.
    var isReadable: Bool {
        guard let handle = try? opened() else { return false }
        let code = try? handle.use { repository throws(Diagnostics) in
            var settings: OpaquePointer?
            let code = git_repository_config(&settings, repository)
            git_config_free(settings)
            return code
        }
        return code == 0
    }

    func opened() throws(Diagnostics) -> RepositoryHandle {
        try GitRepository.start()
        var pointer: OpaquePointer?
        let code = git_repository_open_bare(&pointer, path)
        guard code == 0, let pointer else {
            throw Diagnostics(use.unreadable(path, of: url, GitFailure(code)))
        }
        return RepositoryHandle(owning: pointer)
    }

    /// The last part of a URL, and digits that tell it from others that end so.
    public static func folderName(of url: String) -> String {
        let trimmed = url.hasSuffix("/") ? url.dropLast() : url[...]
        let last = trimmed.split { $0 == "/" || $0 == ":" }.last.map(String.init) ?? "module"
        let stem = last.hasSuffix(".git") ? String(last.dropLast(4)) : last
        let usable = stem.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") ? $0 : "-" }
        return (usable.isEmpty ? "module" : String(usable)) + "-" + digits(of: url).prefix(8)
    }

    /// The SHA-256 of a text, in hexadecimal.
    static func digits(of text: String) -> String { SHA256.hash(data: Array(text.utf8)).digits }

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

    /// Talks to the server on a thread of its own, for whoever holds the lock.
    func connected<Success: Sendable>(
        _ patience: FetchPatience, _ body: @escaping @Sendable (borrowing Fetching) throws(Diagnostics) -> Success
    ) throws(Diagnostics) -> Success {
        let offer = try CredentialOffer(RemoteAddress(url), environment: environment, credentials)
        let watch = try FetchWatch(RemoteAddress(url), offer, knownHosts: credentials.knownHostsFile)
        return try FetchWatch.run(url, patience, watch) { () throws(Diagnostics) in
            try opened().use { repository throws(Diagnostics) in
                try body(try Fetching(self, repository, watch))
            }
        }
    }

    /// Makes the repository where there is none, and removes what a killed process has left in it.
    func prepare(_ patience: FetchPatience) throws(Diagnostics) -> FolderLock {
        try GitRepository.start()
        // What is followed may be nobody else's business; modules lie in the stack's directory, whose owner has decided.
        let mode: mode_t = use == .following ? 0o700 : 0o755
        try makeFolder(path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ".", mode)
        let lock = try FolderLock(path + ".lock", use) { () throws(Diagnostics) in try patience.checkWaiting(path) }
        if access(path + "/HEAD", F_OK) == 0 {
            sweep("objects/pack") { $0.hasPrefix("pack_git2_") || $0.hasSuffix(".lock") }
            sweep("refs/pins") { $0.hasSuffix(".lock") }
            sweep(".") { $0.hasSuffix(".lock") }
        } else if access(path + ".old/HEAD", F_OK) != 0 || rename(path + ".old", path) != 0 {
            // Its HEAD is the last that libgit2 would need, but not the last that it writes: made aside, then moved.
            let draft = path + ".new"
            try make(draft)
            // One without a HEAD has been damaged.
            if access(path + "/objects", F_OK) == 0 {
                try replace(by: draft)
            } else {
                guard rename(draft, path) == 0 else { throw Diagnostics(use.unwritable(path)) }
            }
        }
        return lock
    }

    /// Makes an empty repository in the place of whatever is there.
    func make(_ folder: String) throws(Diagnostics) {
        Self.removeFolder(folder)
        var pointer: OpaquePointer?
        let code = git_repository_init(&pointer, folder, 1)
        guard code == 0, let pointer else {
            throw Diagnostics(use.unwritable("\"\(folder)\" cannot be made", because: GitFailure(code).message))
        }
        git_repository_free(pointer)
    }

    /// Puts a repository that was made beside this one into its place, for whoever holds the lock. Killed in between, the old
    /// one is taken back by the next fetch.
    func replace(by folder: String) throws(Diagnostics) {
        let old = path + ".old"
        Self.removeFolder(old)
        if access(path, F_OK) == 0, rename(path, old) != 0 { throw Diagnostics(use.unwritable(path)) }
        guard rename(folder, path) == 0 else { throw Diagnostics(use.unwritable(path)) }
        Self.removeFolder(old)
    }

    private func makeFolder(_ folder: String, _ mode: mode_t) throws(Diagnostics) {
        var made = folder.hasPrefix("/") ? "" : "."
        for part in folder.split(separator: "/") {
            made += "/" + part
            guard mkdir(made, mode) == 0 || errno == EEXIST else { throw Diagnostics(use.unwritable(made)) }
        }
    }

    /// Fetches into a repository beside this one, and puts it into the place of this one once it is whole; for whoever holds
    /// the lock.
    ///
    /// - Parameter commits: that were here, and are taken over as far as the server still gives them.
    func renew<Success: Sendable>(
        _ patience: FetchPatience, keeping commits: [String],
        _ body: @escaping @Sendable (borrowing Fetching) throws(Diagnostics) -> Success
    ) throws(Diagnostics) -> Success {
        let draft = path + ".new"
        try make(draft)
        let fresh = RepositoryCache(
            url: remote, directory: "/", path: draft, environment: environment, use: use, credentials: credentials)
        let result = try fresh.connected(patience) { fetching throws(Diagnostics) in
            let result = try body(fetching)
            fetching.takeBack(commits)
            return result
        }
        try replace(by: draft)
        return result
    }

    /// Removes the files of a folder that nobody can still be writing, since the lock is ours.
    private func sweep(_ folder: String, where isLeftOver: (String) -> Bool) {
        for name in Self.names(in: path + "/" + folder) where isLeftOver(name) {
            unlink(path + "/" + folder + "/" + name)
        }
    }

    static func removeFolder(_ folder: String) {
        for name in names(in: folder) where unlink(folder + "/" + name) != 0 { removeFolder(folder + "/" + name) }
        rmdir(folder)
    }

    static func names(in folder: String) -> [String] {
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
