import CLibGit2
public import PlumbModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A Git repository on this machine, read straight from its object database.
///
/// All calls block while they read from disk: they belong on a thread of their own.
public struct GitRepository: Sendable {
    let handle: RepositoryHandle
    /// The working tree, or the repository itself where it is bare; absolute, links resolved.
    public let path: String
    public let isBare: Bool

    /// libgit2 counts its users; once for the process is enough.
    private static let initialised: Int32 = {
        let count = git_libgit2_init()
        // What libgit2 writes here is a cache, but one that must not be half there after a power failure.
        if count > 0 {
            _ = plumb_git_write_durably()
            InterruptibleSocket.register()
        }
        for name in ["GIT_SSL_CAINFO", "SSL_CERT_FILE"] {
            guard count > 0, let file = getenv(name), plumb_git_trust(file, nil) == 0 else { continue }
            break
        }
        return count
    }()

    /// Starts libgit2 at the first call.
    static func start() throws(Diagnostics) {
        guard initialised <= 0 else { return }
        throw Diagnostics(
            .error("Git is unavailable", "libgit2 could not be started: \(GitFailure(initialised).message)."))
    }

    /// Opens the repository that contains a directory, searching upwards. A bare repository's own path works too, and
    /// so does a directory that no longer exists, as long as one above it does.
    public static func open(containing path: String) throws(Diagnostics) -> GitRepository {
        let start = ExistingPath(of: path).existing
        guard hasTraces(around: start) else { throw Diagnostics(notARepository(path)) }
        try Self.start()
        var pointer: OpaquePointer?
        let code = git_repository_open_ext(&pointer, start, 0, nil)
        guard code == 0, let pointer else {
            throw Diagnostics(unopened(path, GitFailure(code), exists: isRepository(around: start)))
        }
        let handle = RepositoryHandle(owning: pointer)
        return try handle.use { repository throws(Diagnostics) in
            let isBare = git_repository_is_bare(repository) == 1
            let root = isBare ? git_repository_path(repository) : git_repository_workdir(repository)
            let text = root.map { String(cString: $0) } ?? start
            return GitRepository(handle: handle, path: ExistingPath(of: text).existing, isBare: isBare)
        }
    }

    /// Whether a look with libgit2 could find anything: starting it costs milliseconds and megabytes (its TLS and SSH
    /// libraries), which a stack outside of Git need not pay.
    private static func hasTraces(around path: String) -> Bool {
        var folder = path == "/" ? "" : path
        while true {
            if ["/.git", "/HEAD"].contains(where: { access(folder + $0, F_OK) == 0 }) { return true }
            guard let slash = folder.lastIndex(of: "/") else { return false }
            folder = String(folder[..<slash])
        }
    }

    /// Whether a repository is there, whoever owns it.
    private static func isRepository(around path: String) -> Bool {
        var found = git_buf()
        defer { git_buf_dispose(&found) }
        return git_repository_discover(&found, path, 0, nil) == 0
    }

    private static func notARepository(_ path: String) -> Diagnostic {
        .error(
            "Not a Git repository",
            "Neither \"\(path)\" nor a directory above it is a Git repository. A revision can only be read from one: "
                + "give a directory inside a clone, or run `git init` and commit the specs.")
    }

    private static func unopened(_ path: String, _ failure: GitFailure, exists: Bool) -> Diagnostic {
        switch failure.code {
        case GIT_ENOTFOUND where !exists:
            return notARepository(path)
        // libgit2 1.5 answers "not found" for a foreign repository where no safe.directory is configured at all.
        case GIT_EOWNER, GIT_ENOTFOUND:
            return .error(
                "Git repository belongs to somebody else",
                "The repository around \"\(path)\" belongs to another user, so that Git does not trust its settings. If you "
                    + "trust it, run `git config --global --add safe.directory '\(ExistingPath(of: path).existing)'` (with "
                    + "the path of the repository's root).")
        default:
            return .error(
                "Git repository cannot be opened",
                "The repository around \"\(path)\" cannot be opened: \(failure.message). It may be damaged (run `git fsck`) "
                    + "or of a format that libgit2 does not know, such as SHA-256 or reftable.")
        }
    }

    /// The folder of a path relative to the repository's root, with `/`; empty for the root itself.
    public func folder(of path: String) throws(Diagnostics) -> String {
        let wanted = ExistingPath(of: path)
        if wanted.existing == self.path { return wanted.missing.joined(separator: "/") }
        guard wanted.existing.hasPrefix(self.path == "/" ? "/" : self.path + "/") else {
            throw Diagnostics(
                .error(
                    "Path is outside the repository",
                    "\"\(path)\" does not lie in the Git repository \(self.path). Give a directory inside it."))
        }
        let inside = wanted.existing.dropFirst(self.path == "/" ? 1 : self.path.count + 1)
        return ([String(inside)] + wanted.missing).joined(separator: "/")
    }

    /// The commit of HEAD as a full id, and its branch; nil before the first commit. A detached HEAD has no branch.
    public func head() throws(Diagnostics) -> (revision: String, branch: String?)? {
        try handle.use { repository throws(Diagnostics) in
            var pointer: OpaquePointer?
            let code = git_repository_head(&pointer, repository)
            if code == GIT_EUNBORNBRANCH.rawValue { return nil }
            guard code == 0, let pointer else {
                throw Diagnostics(GitFailure(code).damaged(self.path, while: "looking up HEAD"))
            }
            let reference = GitObject(pointer) { git_reference_free($0) }
            var commit: OpaquePointer?
            let peeled = git_reference_peel(&commit, reference.pointer, GIT_OBJECT_COMMIT)
            guard peeled == 0, let commit else {
                throw Diagnostics(GitFailure(peeled).damaged(self.path, while: "reading the commit of HEAD"))
            }
            let object = GitObject(commit)
            return (identifier(of: object.pointer), branch(of: reference.pointer))
        }
    }

    /// A tree at a revision (branch, tag, commit id, `HEAD~1`, …), read without a checkout. `folder` is relative to the
    /// repository's root.
    public func source(revision: String, folder: String) throws(Diagnostics) -> RevisionSource {
        let folder = try FileName.parts(of: folder).joined(separator: "/")
        return try handle.use { repository throws(Diagnostics) in
            let finder = RevisionFinder(repository: repository, path: self.path)
            let found = try finder.find(revision)
            let tree = try finder.tree(of: found.commit, revision: revision, folder: folder)
            return RevisionSource(
                handle: handle, repositoryPath: self.path, tree: tree, folder: folder, wanted: revision,
                revision: found.commit, branch: found.branch)
        }
    }
}

/// The part of a path that exists, links resolved, and what is named below it.
struct ExistingPath {
    let existing: String
    let missing: [String]

    init(of path: String) {
        var parts = path.split(separator: "/").map(String.init)
        var missing: [String] = []
        let isAbsolute = path.hasPrefix("/")
        while true {
            let joined = parts.joined(separator: "/")
            let text = isAbsolute ? "/" + joined : joined.isEmpty ? "." : joined
            if !text.utf8.contains(0), let resolved = realpath(text, nil) {
                defer { free(resolved) }
                existing = String(cString: resolved)
                self.missing = missing
                return
            }
            guard let last = parts.popLast() else {
                existing = isAbsolute ? "/" : "."
                self.missing = missing
                return
            }
            if last != "." { missing.insert(last, at: 0) }
        }
    }
}

/// The id of an object, in hexadecimal, whole.
func identifier(of object: OpaquePointer) -> String {
    git_object_id(object).map { identifier($0) } ?? ""
}

func identifier(_ id: UnsafePointer<git_oid>) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 41) { buffer in
        guard let text = git_oid_tostr(buffer.baseAddress, 41, id) else { return "" }
        return String(cString: text)
    }
}

/// The short name of the branch that a reference is, also of a remote's branch; nil for tags and a detached HEAD.
func branch(of reference: OpaquePointer) -> String? {
    guard let text = git_reference_name(reference) else { return nil }
    let name = String(cString: text)
    if name.hasPrefix("refs/heads/") { return String(name.dropFirst("refs/heads/".count)) }
    guard name.hasPrefix("refs/remotes/") else { return nil }
    // `refs/remotes/origin/feature/a` is the branch `feature/a` of `origin`.
    let rest = name.dropFirst("refs/remotes/".count)
    guard let slash = rest.firstIndex(of: "/") else { return nil }
    return String(rest[rest.index(after: slash)...])
}
