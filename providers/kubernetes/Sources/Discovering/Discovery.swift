import PlumbModel
import ProviderAPI

/// Knows which kinds the server offers, remembers it between runs, and asks anew when a kind is not among them.
actor Discovery {
    private let reader: DiscoveryReader
    private let cache: DiscoveryCache
    private var known: DiscoveryCache.Content
    /// Whether what is known was asked for by this process.
    private var isFresh = false
    private var freshVersions: Set<GroupVersion> = []
    private var renewal: Task<Result<Void, ProviderError>, Never>?

    init(_ client: ClusterClient, cache: DiscoveryCache) {
        reader = DiscoveryReader(client: client)
        self.cache = cache
        known = cache.read() ?? .init()
    }

    /// Nil where the server does not offer the kind, by its own word of this moment where `isUrgent`.
    ///
    /// - Parameter isUrgent: whether it may have come to be since it was last asked for.
    func resource(
        _ version: GroupVersion, _ kind: String, isUrgent: Bool = false
    ) async throws(ProviderError) -> APIResource? {
        if let found = known.resource(version, kind) { return found }
        // What another one is asking for may be it.
        while let renewal { _ = await renewal.value }
        if let found = known.resource(version, kind) { return found }
        if isUrgent || !(isFresh && known.isAggregated) && !freshVersions.contains(version) {
            try await renew(version)
        }
        return known.resource(version, kind)
    }

    /// By kind alone, in the version that the server prefers.
    func resource(_ kind: GroupKind) async throws(ProviderError) -> APIResource? {
        var version = known.preferred[kind.group]
        if version == nil {
            try await renew(nil)
            version = known.preferred[kind.group]
        }
        guard let version else { return nil }
        return try await resource(GroupVersion(group: kind.group, version: version), kind.kind)
    }

    /// Every kind that the server offers, each in the version that it prefers; what it cannot tell at the moment left out.
    func kinds() async throws(ProviderError) -> [APIResource] {
        if !known.isAggregated { try await renew(nil) }
        if !known.isAggregated {
            for version in try await reader.readVersions() where !freshVersions.contains(version) {
                do throws(ProviderError) {
                    try await renew(version)
                } catch {
                    // An extension whose server is down has nothing to list either.
                    guard error.isRetryable else { throw error }
                }
            }
        }
        var chosen: [GroupKind: APIResource] = [:]
        for resource in known.resources {
            let isPreferred = known.preferred[resource.version.group] == resource.version.version
            if isPreferred || chosen[resource.groupKind] == nil { chosen[resource.groupKind] = resource }
        }
        return chosen.values.sorted { $0.groupKind.description < $1.groupKind.description }
    }

    /// The names of kinds that the server offers, for "Did you mean".
    func kinds(in version: GroupVersion) -> [String] {
        known.resources.filter { $0.version == version }.map(\.kind).sorted()
    }

    /// The versions of a group that are known to be offered.
    func versions(of group: String) -> [String] {
        Set(known.resources.filter { $0.version.group == group }.map(\.version.version)).sorted()
    }

    /// One at a time.
    ///
    /// - Parameter version: what is looked for; nil: which versions are preferred.
    private func renew(_ version: GroupVersion?) async throws(ProviderError) {
        let task = Task { () -> Result<Void, ProviderError> in
            // Before it ends: those who wait look for the next one as soon as it has.
            defer { renewal = nil }
            do throws(ProviderError) {
                return .success(try await self.ask(version))
            } catch {
                return .failure(error)
            }
        }
        renewal = task
        try await task.value.get()
    }

    private func ask(_ version: GroupVersion?) async throws(ProviderError) {
        if !isFresh || known.isAggregated {
            if let content = try await readAll() {
                known = content
                isFresh = true
                return cache.write(known)
            }
            known.isAggregated = false
            isFresh = true
        }
        guard let version else {
            known.preferred = try await reader.readPreferred()
            return cache.write(known)
        }
        let resources = try await reader.read(version)
        freshVersions.insert(version)
        known.replace(version, resources ?? [])
        cache.write(known)
    }

    private func readAll() async throws(ProviderError) -> DiscoveryCache.Content? {
        guard let found = try await reader.readAll() else { return nil }
        return .init(resources: found.resources, preferred: found.preferred, isAggregated: true)
    }
}
