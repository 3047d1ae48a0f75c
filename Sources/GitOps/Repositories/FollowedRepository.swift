import CLibGit2
import Crypto
public import PlumbModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A repository that is followed: asked for what is new, fetched into a cache, and read from there.
///
/// What was fetched stays readable whatever happens to the server, and several revisions can be read while a fetch goes on.
/// Several processes may share a cache. All calls block: they belong on a thread of their own.
public final class FollowedRepository: Sendable {
    public let declaration: RepositoryDeclaration
    let cache: RepositoryCache
    let damage: DamageNote
    let trees = KnownTrees()
    private let environment: [String: String]

    /// - Parameters:
    ///   - cache: a folder for caches; several repositories may share it.
    ///   - directory: what a relative path in place of a URL is relative to.
    public init(
        _ declaration: RepositoryDeclaration, cache: String, directory: String = "/", environment: [String: String]
    ) {
        self.declaration = declaration
        self.environment = environment
        self.cache = RepositoryCache(
            url: declaration.url, directory: directory,
            path: cache + "/" + RepositoryCache.folderName(of: declaration.url) + ".git", environment: environment,
            use: .following, credentials: declaration.credentials)
        damage = DamageNote(url: declaration.url, path: self.cache.path)
    }

    private var notesPath: String { cache.path + ".followed.json" }
    func notes() -> FollowedNotes { FollowedNotes(notesPath, .following) }

    // MARK: What is new

    /// Asks the server what the target stands for now, and brings it here.
    ///
    /// - Throws: why it cannot be had or is refused. What was noted before stays what it was.
    public func newest(_ patience: FetchPatience = FetchPatience()) throws(Diagnostics) -> FollowedRevision {
        if RemoteAddress(declaration.url).holdsPassword { throw Diagnostics(passwordInURL) }
        let lock = try cache.prepare(patience)
        defer { withExtendedLifetime(lock) {} }
        var notes = notes()
        let hadDamage = damage.isMet
        do throws(Diagnostics) {
            return try look(&notes, patience)
        } catch {
            // What is damaged deeper down only shows when it is read; with that noted, the cache is made anew.
            guard damage.isMet, !hadDamage else { throw error }
        }
        return try look(&notes, patience)
    }

    private func look(_ notes: inout FollowedNotes, _ patience: FetchPatience) throws(Diagnostics) -> FollowedRevision {
        let last = notes.newest(of: declaration.target)
        let aim = try fetch(notes, patience)
        if aim.wasLetGo, !notes.retiredPacks.isEmpty {
            notes.retiredPacks = [:]
            try notes.save()
        }
        if let tag = aim.tag, let before = notes.commit(ofTag: tag), before != aim.commit {
            throw Diagnostics(movedTag(tag, from: before, to: aim.commit))
        }
        let signer = try verified(aim, last)
        let found = FollowedNotes.Newest(
            commit: aim.commit, name: aim.name, branch: aim.branch, tag: aim.tag, signer: signer,
            signersDigest: declaration.signers.map(Self.digest))
        let revision = try describe(found, try change(to: aim, since: last))
        if found != last {
            notes.note(found, of: declaration.target)
            try notes.save()
        }
        return revision
    }

    /// What was noted last of the target, without asking anybody. Nil where nothing was, where it is not here any more, and
    /// where the signers that are asked for now have not been held against it.
    public func last() throws(Diagnostics) -> FollowedRevision? {
        guard let found = notes().newest(of: declaration.target), cache.holds(found.commit),
            found.signersDigest == declaration.signers.map(Self.digest)
        else { return nil }
        return try describe(found, .unchanged)
    }

    /// Brings the newest here; a damaged cache is made anew.
    private func fetch(_ notes: FollowedNotes, _ patience: FetchPatience) throws(Diagnostics) -> FollowedAim {
        let (target, last) = (declaration.target, notes.newest(of: declaration.target)?.commit)
        if !cache.isReadable || last.map({ !cache.holds($0) }) == true { damage.set(true) }
        if !damage.isMet {
            do throws(Diagnostics) {
                return try cache.connected(patience) { fetching throws(Diagnostics) in
                    try fetching.aim(target, last: last)
                }
            } catch {
                let problems = damage.examine(error)
                guard damage.isMet else { throw problems }
            }
        }
        // As far as the damaged one can still tell.
        let tidying = CacheTidying(cache)
        let pins = try? cache.opened().use { repository throws(Diagnostics) in try tidying.pins(repository) }
        let kept = notes.recent + (pins ?? []).filter { !notes.recent.contains($0) }
        let aim = try cache.renew(patience, keeping: kept) { fetching throws(Diagnostics) in
            try fetching.aim(target, last: last)
        }
        damage.set(false)
        return aim
    }

    private var passwordInURL: Diagnostic {
        .error(
            "Password in the URL",
            "The URL of the repository \(declaration.name) holds a password or a token, which whoever reads the configuration or "
                + "a log would read too. Take it out, and name an environment variable or a file for it.")
    }

    private func movedTag(_ tag: String, from old: String, to new: String) -> Diagnostic {
        .error(
            "Tag was moved",
            "The tag \"\(tag)\" of \(declaration.url) stood for \(old.prefix(12)) when it was first seen, and stands for "
                + "\(new.prefix(12)) now. Released versions should not change: find out why. \(old.prefix(12)) stays in use; to "
                + "take the new commit, push a tag with another name, or follow the commit \(new).")
    }

    // MARK: What it is

    private func verified(_ aim: FollowedAim, _ last: FollowedNotes.Newest?) throws(Diagnostics) -> String? {
        guard let signers = declaration.signers else { return nil }
        if let last, last.commit == aim.commit, last.tag == aim.tag, last.signersDigest == Self.digest(signers) {
            return last.signer
        }
        return try reading { repository throws(Diagnostics) in
            let signed = try SignedObject.all(of: aim, in: repository, url: self.declaration.url)
            return try SignatureCheck(signers, environment: self.environment).signer(of: signed, aim)
        }
    }

    private static func digest(_ signers: RepositoryDeclaration.Signers) -> String {
        // Files by what is in them: a key that was revoked has to be noticed.
        let keys = signers.gpgKeyFiles.map { (try? Data(contentsOf: URL(filePath: $0)))?.base64EncodedString() ?? "" }
        let text = [signers.ssh, signers.revokedSSH, keys].map { $0.joined(separator: "\n") }
        return RepositoryCache.digits(of: text.joined(separator: "\u{0}"))
    }

    private func change(
        to aim: FollowedAim, since last: FollowedNotes.Newest?
    ) throws(Diagnostics) -> FollowedRevision.Change {
        guard let last else { return .first }
        if last.commit == aim.commit { return .unchanged }
        if let (old, new) = last.tag.flatMap(SemanticVersion.init).flatMap({ old in
            aim.tag.flatMap(SemanticVersion.init).map { (old, $0) }
        }) {
            return old < new ? .forward : .rewritten(from: last.commit)
        }
        let isForward = try reading { repository throws(Diagnostics) in
            var (old, new) = (git_oid(), git_oid())
            guard git_oid_fromstr(&old, last.commit) == 0, git_oid_fromstr(&new, aim.commit) == 0 else { return false }
            // What is not here any more was no part of what has just been fetched.
            guard isWhole(last.commit, repository) else { return false }
            let code = git_graph_descendant_of(repository, &new, &old)
            guard code >= 0 else {
                throw Diagnostics(GitFailure(code).damaged(self.cache.path, while: "following the history"))
            }
            return code == 1
        }
        return isForward ? .forward : .rewritten(from: last.commit)
    }

    private func describe(
        _ found: FollowedNotes.Newest, _ change: FollowedRevision.Change
    ) throws(Diagnostics) -> FollowedRevision {
        try reading { repository throws(Diagnostics) in
            let commit = try CommitReader(repository, found.commit, path: self.declaration.url)
            return FollowedRevision(
                commit: found.commit, name: found.name, branch: found.branch, committedAt: commit.committedAt,
                author: commit.author, subject: commit.subject, signer: found.signer, change: change)
        }
    }

    // MARK: Reading

    /// The files of a folder at a commit that was fetched; "" for the root.
    public func source(at commit: String, folder: String) throws(Diagnostics) -> RevisionSource {
        let branch: String?
        switch declaration.target {
        case .branch(let name): branch = name
        case .defaultBranch: branch = notes().newest(of: .defaultBranch)?.branch
        case .tag, .newestTag, .commit: branch = nil
        }
        do throws(Diagnostics) {
            let found = try cache.source(
                commit: commit, name: String(commit.prefix(12)), branch: branch, folder: folder, damage: damage)
            guard let found else { throw Diagnostics(unheld(commit)) }
            return found
        } catch {
            throw damage.examine(error)
        }
    }

    func unheld(_ commit: String) -> Diagnostic {
        .error(
            "Commit is not in the cache",
            "The commit \(commit.prefix(12)) of \(declaration.url) is not, or not any more, among those that are kept in "
                + "\(cache.path). Look at the server again, and take the revision that it then has.")
    }

    /// Reads from the cache, with a repository of its own, so that nobody waits for another.
    func reading<Success>(
        _ body: (OpaquePointer) throws(Diagnostics) -> Success
    ) throws(Diagnostics) -> Success {
        do throws(Diagnostics) {
            return try cache.opened().use(body)
        } catch {
            throw damage.examine(error)
        }
    }

    /// As `reading`, for what a commit holds that must have been fetched.
    func reading<Success>(
        _ commit: String, _ body: (OpaquePointer) throws(Diagnostics) -> Success
    ) throws(Diagnostics) -> Success {
        try reading { repository throws(Diagnostics) in
            guard self.cache.isPinned(commit, repository) else { throw Diagnostics(self.unheld(commit)) }
            return try body(repository)
        }
    }
}
