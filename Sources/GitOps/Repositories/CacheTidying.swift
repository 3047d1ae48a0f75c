import CLibGit2
public import PlumbModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a cache takes up.
public struct CacheSize: Sendable, Hashable {
    public let bytes: Int
    /// Files of objects.
    public let packs: Int
    /// Commits that are kept readable.
    public let commits: Int
}

extension FollowedRepository {
    /// Lets go of what nobody needs, and puts the packs of many fetches together. To be called now and then, such as once an
    /// hour; it keeps fetches waiting, and readers not.
    ///
    /// - Parameters:
    ///   - commits: that are in use: applied, planned, or pinned to. The newest of every target stays too, and those ten before.
    ///   - packLimit: with more packs than this they are put together into one.
    ///   - grace: seconds for which packs that were put together are left to whoever reads from them.
    /// - Returns: what is left.
    public func tidy(
        keeping commits: Set<String>, packLimit: Int = 20, grace: Double = 600,
        _ patience: FetchPatience = FetchPatience()
    ) throws(Diagnostics) -> CacheSize {
        let lock = try cache.prepare(patience)
        defer { withExtendedLifetime(lock) {} }
        var notes = notes()
        let kept = commits.union(notes.recent).union(notes.allNewest)
        let tidying = CacheTidying(cache)
        try reading { repository throws(Diagnostics) in try tidying.forget(repository) { !kept.contains($0) } }
        let now = ContinuousTime.secondsSince1970
        let ended = notes.retiredPacks.filter { now - $0.value >= grace || $0.value > now }.keys
        for pack in ended {
            tidying.remove(pack)
            notes.retiredPacks[pack] = nil
        }
        let packs = tidying.packs.filter { notes.retiredPacks[$0] == nil }
        if packs.count > packLimit {
            let whole = try reading { repository throws(Diagnostics) in try tidying.putTogether(repository) }
            for pack in packs where pack != whole { notes.retiredPacks[pack] = now }
            notes.retiredPacks[whole] = nil
        }
        try notes.save()
        return try reading { repository throws(Diagnostics) in
            CacheSize(
                bytes: tidying.bytes, packs: tidying.packs.count, commits: try tidying.pins(repository).count)
        }
    }
}

/// The time of day, from the system.
private enum ContinuousTime {
    static var secondsSince1970: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Removes and packs what is in a cache, for whoever holds its lock.
struct CacheTidying {
    private let cache: RepositoryCache
    private var folder: String { cache.path + "/objects/pack" }

    init(_ cache: RepositoryCache) { self.cache = cache }

    // MARK: Pins

    func pins(_ repository: OpaquePointer) throws(Diagnostics) -> [String] {
        var list = git_strarray()
        let code = git_reference_list(&list, repository)
        guard code == 0 else {
            throw Diagnostics(GitFailure(code).damaged(cache.path, while: "listing what is kept"))
        }
        defer { git_strarray_dispose(&list) }
        return (0..<list.count).compactMap { index in
            guard let name = list.strings[index].map({ String(cString: $0) }), name.hasPrefix("refs/pins/") else {
                return nil
            }
            return String(name.dropFirst("refs/pins/".count))
        }
    }

    func forget(_ repository: OpaquePointer, where isUnneeded: (String) -> Bool) throws(Diagnostics) {
        for commit in try pins(repository) where isUnneeded(commit) {
            let code = git_reference_remove(repository, RepositoryCache.pin(commit))
            guard code == 0 else {
                throw Diagnostics(
                    cache.use.unwritable(
                        "In \(cache.path), \(commit) cannot be let go", because: GitFailure(code).message))
            }
        }
    }

    // MARK: Packs

    /// Names without their ends: `pack-1a2b…`.
    var packs: [String] {
        RepositoryCache.names(in: folder).filter { $0.hasSuffix(".pack") }.map { String($0.dropLast(5)) }.sorted()
    }

    var bytes: Int {
        RepositoryCache.names(in: folder).reduce(0) { sum, name in
            var status = stat()
            return lstat(folder + "/" + name, &status) == 0 ? sum + Int(status.st_size) : sum
        }
    }

    func remove(_ pack: String) {
        // Without its index nothing looks for a pack, so that a kill in between leaves a file and no damage.
        for end in [".idx", ".pack", ".keep", ".rev"] { unlink(folder + "/" + pack + end) }
    }

    /// Writes one pack with all that the pinned commits need.
    ///
    /// - Returns: its name.
    func putTogether(_ repository: OpaquePointer) throws(Diagnostics) -> String {
        var pointer: OpaquePointer?
        var code = git_packbuilder_new(&pointer, repository)
        guard code == 0, let pointer else { throw failure(code) }
        let builder = GitObject(pointer) { git_packbuilder_free($0) }
        var walkPointer: OpaquePointer?
        code = git_revwalk_new(&walkPointer, repository)
        guard code == 0, let walkPointer else { throw failure(code) }
        let walk = GitObject(walkPointer) { git_revwalk_free($0) }
        for commit in try pins(repository) {
            var id = git_oid()
            code = git_oid_fromstr(&id, commit)
            if code == 0 { code = git_revwalk_push(walk.pointer, &id) }
            guard code == 0 else { throw failure(code) }
        }
        code = git_packbuilder_insert_walk(builder.pointer, walk.pointer)
        if code == 0 { code = git_packbuilder_write(builder.pointer, nil, 0, nil, nil) }
        guard code == 0, let name = git_packbuilder_name(builder.pointer) else { throw failure(code) }
        return "pack-" + String(cString: name)
    }

    private func failure(_ code: Int32) -> Diagnostics {
        let failure = GitFailure(code)
        guard failure.code != GIT_ENOTFOUND else {
            return Diagnostics(failure.damaged(cache.path, while: "putting packs together"))
        }
        return Diagnostics(
            cache.use.unwritable("The packs in \(cache.path) cannot be put together", because: failure.message))
    }
}
