import PlumbModel
import ProviderAPI
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// One cluster, reached when it is first asked: the way to it, what it offers, and what a plan is about to make in it.
final class Cluster: Sendable {
    /// The connection and what the server offers.
    struct Link: Sendable {
        let client: ClusterClient
        let discovery: Discovery
        let schemas: ServerSchemas

        /// Where objects go whose manifest names no namespace.
        var namespace: String { client.access.namespace }
    }

    let settings: ClusterSettings
    let expectations = PlannedObjects()
    private let opened = Mutex<Result<Link, ProviderError>?>(nil)

    init(_ settings: ClusterSettings) { self.settings = settings }

    /// - Throws: why there is no way to the cluster, the same each time.
    func link() throws(ProviderError) -> Link {
        let result = opened.withLock { slot in
            let found = slot ?? Result { () throws(ProviderError) in try connect() }
            slot = found
            return found
        }
        return try result.get()
    }

    private func connect() throws(ProviderError) -> Link {
        let environment = Cluster.environment()
        let access = try AccessFinder(settings: settings, environment: environment).find()
        let client = ClusterClient(access, settings)
        let cache = DiscoveryCache(server: access.server, environment: environment)
        return Link(client: client, discovery: Discovery(client, cache: cache), schemas: ServerSchemas(client))
    }

    func close() async {
        let link = opened.withLock { $0 }
        if case .success(let link) = link { await link.client.close() }
    }

    /// The variables that tell where clusters and caches are.
    private static func environment() -> [String: String] {
        let names = [
            "HOME", "KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "XDG_CACHE_HOME",
            "PLUMB_SERVICE_ACCOUNT_FOLDER",
        ]
        return Dictionary(
            names.compactMap { name in getenv(name).map { (name, String(cString: $0)) } },
            uniquingKeysWith: { first, _ in first })
    }
}

/// What this process knows of objects beyond what the server says: what a plan will make, what was there, what was not.
final class PlannedObjects: Sendable {
    private struct Content {
        var namespaces: Set<String> = []
        var definitions: [GroupKind: CustomDefinition] = [:]
        var present: [String: String] = [:]
        var absent: Set<String> = []
    }

    private let content = Mutex(Content())

    /// Takes note of what a plan creates that other objects need to be there.
    func note(creationOf manifest: Manifest) {
        content.withLock { content in
            if manifest.groupKind == GroupKind(group: "", kind: "Namespace") {
                content.namespaces.insert(manifest.name)
            }
            if let definition = CustomDefinition(manifest) { content.definitions[definition.kind] = definition }
        }
    }

    func expects(namespace: String) -> Bool { content.withLock { $0.namespaces.contains(namespace) } }
    func definition(of kind: GroupKind) -> CustomDefinition? { content.withLock { $0.definitions[kind] } }

    /// An object that was there when the plan was made, by its identity: so that what is created under its name replaces it.
    func note(presence identity: String, uid: String) { content.withLock { $0.present[identity] = uid } }
    func uid(of identity: String) -> String? { content.withLock { $0.present[identity] } }

    func note(absence path: String) { content.withLock { _ = $0.absent.insert(path) } }
    func isAbsent(_ path: String) -> Bool { content.withLock { $0.absent.contains(path) } }
    func forget(absence path: String) { content.withLock { _ = $0.absent.remove(path) } }
}
