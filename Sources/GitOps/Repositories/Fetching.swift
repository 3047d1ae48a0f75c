import CLibGit2
import PlumbModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// One conversation with the server of a repository, for whoever holds the lock of the cache.
struct Fetching: ~Copyable {
    private let cache: RepositoryCache
    private let repository: OpaquePointer
    private let watch: FetchWatch
    private let remote: GitObject

    init(_ cache: RepositoryCache, _ repository: OpaquePointer, _ watch: FetchWatch) throws(Diagnostics) {
        self.cache = cache
        self.repository = repository
        self.watch = watch
        var pointer: OpaquePointer?
        var url = cache.remote
        var options = git_remote_create_options()
        git_remote_create_options_init(&options, UInt32(GIT_REMOTE_CREATE_OPTIONS_VERSION))
        options.repository = repository
        options.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF.rawValue
        var code = RewrittenURL.find(&url, repository)
        if code == 0 { code = git_remote_create_with_opts(&pointer, url, &options) }
        guard code == 0, let pointer else {
            let failure = GitFailure(code)
            guard !failure.isOfSettings else {
                throw Diagnostics(
                    .error(
                        "Git's settings cannot be read",
                        "\(failure.message). Mend the file: `git config --list` reads the same."
                    ))
            }
            throw Diagnostics(
                .error("Invalid Git URL", "\(cache.url) is no URL that Git understands: \(failure.message)."))
        }
        remote = GitObject(pointer) { git_remote_free($0) }
    }

    // MARK: What there is

    /// Connects, and lists branches and tags.
    func references() throws(Diagnostics) -> RemoteReferences {
        var options = git_remote_connect_options()
        git_remote_connect_options_init(&options, UInt32(GIT_REMOTE_CONNECT_OPTIONS_VERSION))
        options.proxy_opts.type = GIT_PROXY_AUTO
        watch.attach(to: &options.callbacks)
        var code = git_remote_connect_ext(remote.pointer, GIT_DIRECTION_FETCH, &options)
        guard code == 0 else { throw Diagnostics(unreached(GitFailure(code))) }
        var heads: UnsafeMutablePointer<UnsafePointer<git_remote_head>?>?
        var count = 0
        code = git_remote_ls(&heads, &count, remote.pointer)
        guard code == 0 else { throw Diagnostics(unreached(GitFailure(code))) }
        var advertised: [(name: String, id: String)] = []
        var defaultBranch: String?
        for index in 0..<count {
            guard let head = heads?[index]?.pointee, let name = head.name else { continue }
            advertised.append((String(cString: name), withUnsafePointer(to: head.oid) { identifier($0) }))
            if String(cString: name) == "HEAD", let target = head.symref_target {
                defaultBranch = String(cString: target)
            }
        }
        return RemoteReferences(url: cache.url, advertised: advertised, defaultBranch: defaultBranch)
    }

    // MARK: Bringing it here

    /// Finds out what a target stands for, and brings it here.
    func aim(_ target: RepositoryDeclaration.Target, last: String?) throws(Diagnostics) -> FollowedAim {
        let references = try references()
        var aim = try FollowedAim.find(target, in: references, last: last)
        aim.wasLetGo = !cache.isPinned(aim.commit, repository) && isWhole(aim.commit, repository)
        try take(aim, references)
        return aim
    }

    /// Brings what is followed here, and the object of a tag where its signature may be wanted.
    private func take(_ aim: FollowedAim, _ references: RemoteReferences) throws(Diagnostics) {
        if !cache.isPinned(aim.commit, repository) {
            try bring(aim.commit, [aim.reference ?? references.name(of: aim.commit)].compactMap { $0 }, references)
        }
        guard let tag = aim.tagObject, let name = aim.reference, !isThere(tag) else { return }
        try download(["+\(name):refs/fetched/\(tag)"])
    }

    /// Brings commits here that have been here before, as far as the server still gives them.
    func takeBack(_ commits: [String]) {
        for commit in commits {
            // What the server does not give any more is gone here too: whoever asks for it is told so.
            var ignored = Diagnostics()
            if !isWhole(commit, repository) {
                ignored.collect { () throws(Diagnostics) in try download(["+\(commit):refs/fetched/\(commit)"]) }
            }
            if isWhole(commit, repository) { ignored.collect { () throws(Diagnostics) in try pin(commit) } }
        }
    }

    private func isThere(_ object: String) -> Bool {
        var id = git_oid()
        var pointer: OpaquePointer?
        guard git_oid_fromstr(&id, object) == 0,
            git_object_lookup(&pointer, repository, &id, GIT_OBJECT_ANY) == 0, let pointer
        else { return false }
        git_object_free(pointer)
        return true
    }

    func fetch(_ wanted: RepositoryCache.Wanted, _ references: RemoteReferences) throws(Diagnostics) -> String {
        switch wanted {
        case .reference(let reference):
            if let found = references.find(reference) {
                try bring(found.commit, [found.name], references)
                return found.commit
            }
            guard let reference, isIdentifier(reference) else { throw Diagnostics(references.unknown(reference)) }
            let commit = try lookUp(reference, references)
            try pin(commit)
            return commit
        case .commit(let commit, let reference):
            let names = [references.name(of: commit), references.find(reference)?.name].compactMap { $0 }
            try bring(commit, names, references)
            return commit
        }
    }

    private func isIdentifier(_ text: String) -> Bool {
        (4...40).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 < 0x80 && Character(UnicodeScalar($0)).isHexDigit }
    }

    /// The commit that an id, maybe a short one, is of.
    private func lookUp(_ id: String, _ references: RemoteReferences) throws(Diagnostics) -> String {
        if id.utf8.count == 40 {
            let commit = id.lowercased()
            if !isWhole(commit, repository) { try bringUnnamed(commit) }
            guard isWhole(commit, repository) else { throw Diagnostics(references.unknown(id)) }
            return commit
        }
        // What a short id is of can only be told from all that there is.
        try download(Self.everything)
        var short = git_oid()
        var pointer: OpaquePointer?
        let code = git_oid_fromstrn(&short, id, id.utf8.count)
        guard code == 0 else { throw Diagnostics(references.unknown(id)) }
        let found = git_object_lookup_prefix(&pointer, repository, &short, id.utf8.count, GIT_OBJECT_COMMIT)
        guard found == 0, let pointer else {
            guard found == GIT_EAMBIGUOUS.rawValue else { throw Diagnostics(references.unknown(id)) }
            throw Diagnostics(
                .error(
                    "Ambiguous revision",
                    "Several commits of \(cache.url) have ids that begin with \"\(id)\". Give more digits."))
        }
        let object = GitObject(pointer)
        return identifier(of: object.pointer)
    }

    private static let everything = ["+refs/heads/*:refs/fetched/heads/*", "+refs/tags/*:refs/fetched/tags/*"]

    /// Fetches a commit by the names that may lead to it, and pins it.
    private func bring(_ commit: String, _ names: [String], _ references: RemoteReferences) throws(Diagnostics) {
        // In a cache that was damaged, what is there must not be taken for whole.
        forgetPins { !isWhole($0, repository) }
        for name in names where !isWhole(commit, repository) { try download(["+\(name):refs/fetched/\(commit)"]) }
        if !isWhole(commit, repository) { try bringUnnamed(commit) }
        guard isWhole(commit, repository) else {
            throw Diagnostics(cache.use.gone(commit, of: cache.url))
        }
        try pin(commit)
    }

    /// Fetches a commit that no branch or tag stands for: by its id where the server allows it, else with all there is.
    private func bringUnnamed(_ commit: String) throws(Diagnostics) {
        var ignored = Diagnostics()
        // A server that refuses ids of commits says so with an error; its branches may still lead there.
        ignored.collect { () throws(Diagnostics) in try download(["+\(commit):refs/fetched/\(commit)"]) }
        if isWhole(commit, repository) { return }
        try download(Self.everything)
        if isWhole(commit, repository) { return }
        // A cache that has lost some history makes the server leave out what it takes for known: ask as if nothing were.
        let pins = forgetPins { _ in true }
        try download(Self.everything)
        for commit in pins where isWhole(commit, repository) { try pin(commit) }
    }

    private func download(_ specifications: [String]) throws(Diagnostics) {
        var options = git_fetch_options()
        git_fetch_options_init(&options, UInt32(GIT_FETCH_OPTIONS_VERSION))
        options.proxy_opts.type = GIT_PROXY_AUTO
        options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE
        watch.attach(to: &options.callbacks)
        var words: [UnsafeMutablePointer<CChar>?] = specifications.map { strdup($0) }
        defer { for word in words { free(word) } }
        let code = words.withUnsafeMutableBufferPointer { words in
            var list = git_strarray(strings: words.baseAddress, count: words.count)
            return git_remote_download(remote.pointer, &list, &options)
        }
        let failure = code == 0 ? nil : GitFailure(code)
        // The next download must begin a conversation of its own: a server ends one with the pack that it sends.
        git_remote_disconnect(remote.pointer)
        if let failure, failure.isOfObjects, failure.code != GIT_ENOTFOUND, cache.use == .following {
            throw Diagnostics(failure.damaged(cache.path, while: "fetching"))
        }
        // An object that is missing here is no problem of the server's; the caller sees that nothing came.
        if let failure, failure.code != GIT_ENOTFOUND { throw Diagnostics(unreached(failure)) }
    }

    // MARK: Pins

    private func pin(_ commit: String) throws(Diagnostics) { try cache.pin(commit, repository) }

    /// - Returns: the commits whose pins were removed.
    @discardableResult
    private func forgetPins(where isOne: (String) -> Bool) -> [String] {
        var list = git_strarray()
        guard git_reference_list(&list, repository) == 0 else { return [] }
        defer { git_strarray_dispose(&list) }
        var commits: [String] = []
        for index in 0..<list.count {
            guard let text = list.strings[index] else { continue }
            let name = String(cString: text)
            let commit = String(name.dropFirst("refs/pins/".count))
            guard name.hasPrefix("refs/pins/"), isOne(commit), git_reference_remove(repository, name) == 0 else {
                continue
            }
            commits.append(commit)
        }
        return commits
    }

    // MARK: Problems

    private func unreached(_ failure: GitFailure) -> Diagnostic {
        let url = cache.url
        if let untrusted = watch.untrusted { return .error("Git server is not trusted", "\(url): \(untrusted)") }
        if failure.code == GIT_EAUTH || watch.credentials.isExhausted {
            return .error(
                "Git server refuses access",
                "\(url) is not open to everybody, and takes nothing that it was offered to identify with. "
                    + watch.credentials.advice)
        }
        let scheme = RemoteAddress(cache.remote).scheme
        let folder = scheme == "file" ? String(cache.remote.dropFirst("file://".count)) : cache.remote
        if scheme == nil || scheme == "file", access(folder, F_OK) != 0 {
            return .error(
                "Git repository cannot be reached",
                "There is nothing at \(folder). Check the path; a relative one is relative to \(cache.use.base).")
        }
        // What comes over a network meets the system only where it is stored.
        if failure.isOfSystem, let scheme, scheme != "file" {
            return cache.use.unwritable("What \(url) sends cannot be stored in \(cache.path)", because: failure.message)
        }
        // Servers send whole lines of their own.
        var message = failure.message.withoutCredentials.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        while message.last == "." || message.last == " " { message.removeLast() }
        return .error(
            "Git repository cannot be reached",
            "\(url) could not be read: \(message). Check the URL and the network; `git ls-remote \(url)` tells whether Git "
                + "itself gets there.")
    }
}
