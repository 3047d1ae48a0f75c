internal import Loading
internal import PlumbModel
internal import Repositories
internal import Synchronization

/// Gives the modules from Git at the commits that the lock file names, from the cache or from a saved plan; asks no server.
final class PinnedModules: ModuleRepositories {
    private let source: RecordingSource
    /// Nil: all files are in the source itself, as in a saved plan.
    private let caches: ModuleCaches?
    private let lock = Mutex<Result<ModuleLock, Diagnostics>?>(nil)

    init(source: RecordingSource, caches: ModuleCaches?) {
        self.source = source
        self.caches = caches
    }

    func source(
        of address: GitModuleAddress
    ) throws(Diagnostics) -> (source: any SpecificationSource, folder: String) {
        guard let commit = try pins().commit(of: address) else {
            throw Diagnostics(
                .error(
                    "Module is not pinned",
                    "\(ModuleLock.file) \(inRevision)names no commit for \(ModuleLock.key(address)). Run `plumb init`, and "
                        + "commit \(ModuleLock.file)."))
        }
        let place = ModulePlace(address, commit: commit)
        guard let caches else {
            return (source.adopt(try source.module(at: place.folder), as: place.folder, isPinned: true), place.folder)
        }
        return try source.adopt(caches.cache(of: address), address, commit) {
            Diagnostics(
                .error(
                    "Module is not fetched",
                    "The commit \(commit.prefix(12)) of \(address.url), which \(ModuleLock.file) \(inRevision)names, is not "
                        + "on this machine. Run `plumb init\(source.revision.map { " --rev " + $0.prefix(12) } ?? "")`."
                ))
        }
    }

    private var inRevision: String { source.revision.map { "of the revision \($0.prefix(12)) " } ?? "" }

    private func pins() throws(Diagnostics) -> ModuleLock {
        if let known = lock.withLock({ $0 }) { return try known.get() }
        let read: Result<ModuleLock, Diagnostics>
        do throws(Diagnostics) {
            read = .success(try ModuleLock(from: source))
        } catch {
            read = .failure(error)
        }
        lock.withLock { $0 = read }
        return try read.get()
    }
}

extension RecordingSource {
    /// Takes in the module of an address at a commit, and with it its repository, whose other files it may read.
    func adopt(
        _ cache: RepositoryCache, _ address: GitModuleAddress, _ commit: String, orElse missing: () -> Diagnostics
    ) throws(Diagnostics) -> (source: any SpecificationSource, folder: String) {
        let place = ModulePlace(address, commit: commit)
        let name = address.reference.map { "\($0) (\(commit.prefix(7)))" } ?? String(commit.prefix(12))
        guard let whole = try cache.source(commit: commit, name: name, folder: ""),
            let module = address.folder.isEmpty
                ? whole : try cache.source(commit: commit, name: name, folder: address.folder)
        else { throw missing() }
        adopt(whole, as: place.repository, isPinned: true)
        return (adopt(module, as: place.folder, isPinned: true), place.folder)
    }
}
