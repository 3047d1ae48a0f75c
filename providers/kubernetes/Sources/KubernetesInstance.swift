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
        ObjectPrecedence(declared.map { $0[key: "manifest"] ?? .null }).find()
    }

    func close() async {
        await cluster.close()
    }
}
