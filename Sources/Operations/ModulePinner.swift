internal import Loading
public import PlumbModel
internal import Repositories
internal import Synchronization

/// What `plumb init` has found out about the Git sources of a stack's modules.
public struct ModulePins: Sendable {
    public struct Pin: Sendable {
        /// `URL?ref=REVISION`.
        public let source: String
        public let commit: String
        /// The commit that the lock file named before; nil for none.
        public let previous: String?
        /// What a branch stands for on the server, where it differs.
        public var newer: String?
        public let wasFetched: Bool
    }

    /// Sorted by their sources.
    public var pins: [Pin]
    /// Whether the lock file is another one than before.
    public var hasChangedLock: Bool
    public var warnings: Diagnostics
}

/// Pins the modules from Git while the specs are loaded: finds the commits that references stand for, and fetches what is
/// not in the cache.
final class ModulePinner: ModuleRepositories {
    /// Where the commit of a source comes from.
    enum Rule: Sendable {
        /// The lock file; the server for what it does not name.
        case keep
        /// The server.
        case upgrade
        /// The lock file alone, as of a revision.
        case lockAlone
    }

    private struct Memory {
        var pins: [String: ModulePins.Pin] = [:]
        var addresses: [String: GitModuleAddress] = [:]
        /// By URLs.
        var references: [String: RemoteReferences] = [:]
        var failures: [String: Diagnostics] = [:]
    }

    private let source: RecordingSource
    private let caches: ModuleCaches
    private let lock: ModuleLock
    private let rule: Rule
    private let patience: FetchPatience
    private let report: @Sendable (String) -> Void
    private let memory = Mutex(Memory())

    /// - Parameter report: is told the source that is being fetched.
    init(
        source: RecordingSource, caches: ModuleCaches, lock: ModuleLock, rule: Rule, patience: FetchPatience,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.source = source
        self.caches = caches
        self.lock = lock
        self.rule = rule
        self.patience = patience
        self.report = report
    }

    func source(
        of address: GitModuleAddress
    ) throws(Diagnostics) -> (source: any SpecificationSource, folder: String) {
        let commit = try pin(address).commit
        return try source.adopt(caches.cache(of: address), address, commit) {
            Diagnostics(
                .error(
                    "Module cache is damaged",
                    "The commit \(commit) of \(address.url) has been fetched, but is not in the cache. Remove the cache's "
                        + "folder (\(ModulePlace.root)), then run `plumb init` again."))
        }
    }

    private func pin(_ address: GitModuleAddress) throws(Diagnostics) -> ModulePins.Pin {
        let key = ModuleLock.key(address)
        let (known, failure) = memory.withLock { ($0.pins[key], $0.failures[key]) }
        if let known { return known }
        // Each source is asked for once, however many modules come from it.
        if let failure { throw failure }
        do throws(Diagnostics) {
            let pin = try find(address, key)
            memory.withLock {
                $0.pins[key] = pin
                $0.addresses[key] = address
            }
            return pin
        } catch {
            memory.withLock { $0.failures[key] = error }
            throw error
        }
    }

    private func find(_ address: GitModuleAddress, _ key: String) throws(Diagnostics) -> ModulePins.Pin {
        let cache = caches.cache(of: address)
        let locked = lock.commit(of: address)
        if let locked, rule != .upgrade {
            if !cache.holds(locked) { _ = try fetch(.commit(locked, reference: address.reference), cache, key) }
            return .init(source: key, commit: locked, previous: locked, wasFetched: false)
        }
        guard rule != .lockAlone else {
            throw Diagnostics(
                .error(
                    "Module is not pinned",
                    "\(ModuleLock.file) of the revision names no commit for \(key). A revision is planned with the commits "
                        + "that its own lock file names: give one in which it is whole."))
        }
        // A whole id needs no server to tell what it stands for.
        if let id = address.reference, id.utf8.count == 40, cache.holds(id) {
            return .init(source: key, commit: id, previous: locked, wasFetched: false)
        }
        let commit = try fetch(.reference(address.reference), cache, key)
        return .init(source: key, commit: commit, previous: locked, wasFetched: true)
    }

    private func fetch(
        _ wanted: RepositoryCache.Wanted, _ cache: RepositoryCache, _ key: String
    ) throws(Diagnostics) -> String {
        report(key)
        let fetched = try cache.fetch(wanted, patience)
        memory.withLock { $0.references[cache.url] = fetched.references }
        return fetched.commit
    }

    // MARK: What has changed on the servers

    /// What was pinned. Where a pin was kept, the server is asked whether its reference stands for something else now.
    func result() -> ModulePins {
        var result = ModulePins(pins: [], hasChangedLock: false, warnings: Diagnostics())
        let memory = memory.withLock { $0 }
        var asked: [String: Result<RemoteReferences, Diagnostics>] = memory.references.mapValues { .success($0) }
        for (key, pin) in memory.pins.sorted(by: { $0.key < $1.key }) {
            var pin = pin
            if rule == .keep, pin.previous == pin.commit, let address = memory.addresses[key],
                address.reference != pin.commit
            {
                let references = asked[address.url] ?? look(address)
                asked[address.url] = references
                compare(&pin, address, references, &result.warnings)
            }
            result.pins.append(pin)
        }
        for case .failure(let problems) in asked.values {
            for problem in problems.all {
                result.warnings.append(
                    .warning(
                        "Pins could not be compared with the server",
                        "\(problem.detail) What is pinned is on this machine and stays in use."))
            }
        }
        return result
    }

    private func look(_ address: GitModuleAddress) -> Result<RemoteReferences, Diagnostics> {
        do throws(Diagnostics) {
            // Nothing depends on the answer, so that nobody should have to wait for it long.
            return .success(try caches.cache(of: address).references(patience.shortened(to: 10)))
        } catch {
            return .failure(error)
        }
    }

    private func compare(
        _ pin: inout ModulePins.Pin, _ address: GitModuleAddress, _ references: Result<RemoteReferences, Diagnostics>,
        _ warnings: inout Diagnostics
    ) {
        guard case .success(let references) = references else { return }
        let reference = address.reference ?? "HEAD"
        guard let found = references.find(address.reference) else {
            // A short id of a commit is no reference on the server.
            guard !pin.commit.hasPrefix(reference) else { return }
            warnings.append(
                .warning(
                    "Module reference is gone",
                    "\(address.url) has no branch or tag \"\(reference)\" any more. The pinned commit "
                        + "\(pin.commit.prefix(12)) stays in use, but could not be fetched again by that name."))
            return
        }
        guard found.commit != pin.commit else { return }
        guard found.kind == .tag else {
            pin.newer = found.commit
            return
        }
        warnings.append(
            .warning(
                "Tag was moved",
                "The tag \"\(reference)\" of \(address.url) stood for \(pin.commit.prefix(12)) when it was pinned, and stands "
                    + "for \(found.commit.prefix(12)) now. Released versions should not change: find out why. The pin "
                    + "holds; `plumb init --upgrade` takes the new commit."))
    }
}
