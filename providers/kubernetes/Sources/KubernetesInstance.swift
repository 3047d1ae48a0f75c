import PlumbModel
import ProviderAPI

/// One cluster: the types of its objects, and the order in which objects must come to be.
struct KubernetesInstance: ProviderInstance, ImplicitOrdering {
    let resourceTypes: [any ResourceType]
    let cluster: Cluster

    init(_ cluster: Cluster) {
        self.cluster = cluster
        resourceTypes = ["kubernetes_manifest", "kubernetes_object"].map {
            KubernetesObject(name: $0, cluster: cluster)
        }
    }

    func precedence(among declared: [Value]) -> [(dependent: Int, dependency: Int)] {
        let namespaces = declared.map { $0[key: "namespace"]?.asString }
        return ObjectPrecedence(declared.map { $0[key: "manifest"] ?? .null }, namespaces: namespaces).find()
    }

    func duplicates(among declared: [Value]) -> [(first: Int, second: Int)] {
        var known: [String: Int] = [:]
        var found: [(first: Int, second: Int)] = []
        for (index, values) in declared.enumerated() {
            guard let manifest = try? Manifest(of: values) else { continue }
            let identity = "\(manifest.groupKind)/\(manifest.namespace ?? "")/\(manifest.name)"
            if let first = known[identity] { found.append((first, index)) } else { known[identity] = index }
        }
        return found
    }

    var preferredParallelism: Int? { cluster.settings.parallelism }

    func close() async {
        await cluster.close()
    }
}
