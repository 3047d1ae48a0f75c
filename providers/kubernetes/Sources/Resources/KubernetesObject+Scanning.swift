import PlumbModel
import ProviderAPI

extension KubernetesObject: Scanning, Retaining, ExclusivelyNamed {
    /// Verbatim manifests and objects with expressions are objects alike.
    var scannedAs: String { "kubernetes_object" }

    func identity(of state: ResourceState) throws(ProviderError) -> String {
        let manifest = try Manifest.recorded(state.values)
        let namespace = ObjectNotes(state.privateData).namespace ?? manifest.namespace ?? ""
        return "\(manifest.groupKind)/\(namespace)/\(manifest.name)"
    }

    /// Nothing: which namespaces are meant is told by what is recorded.
    func scan() async throws(ProviderError) -> [ScannedResource] { [] }

    /// Everything in the namespaces of the recorded objects that somebody has made, and not a controller.
    func scan(beside recorded: [ResourceState]) async throws(ProviderError) -> ScanFinding {
        var namespaces: Set<String> = []
        var managed: Set<String> = []
        for state in recorded {
            managed.insert(try identity(of: state))
            let manifest = try Manifest.recorded(state.values)
            if let namespace = ObjectNotes(state.privateData).namespace { namespaces.insert(namespace) }
            if manifest.groupKind == GroupKind(group: "", kind: "Namespace") { namespaces.insert(manifest.name) }
        }
        guard !namespaces.isEmpty else {
            return ScanFinding(
                [],
                gaps: ["This stack has no objects in a namespace yet, so no namespace of the cluster was looked at."])
        }
        let kinds = try await cluster.link().discovery.kinds().filter(NamespaceScan.concerns)
        return try await NamespaceScan(type: self, namespaces: namespaces, managed: managed).find(kinds)
    }

    // MARK: - Leaving the spec

    func isRetained(_ state: ResourceState) -> Bool {
        if let choices = try? ObjectChoices(state.values), !choices.prunes { return true }
        // Somebody may have said so on the object itself.
        let annotations = state.values[key: "defaults"]?[key: "metadata"]?[key: "annotations"]
        return annotations?[key: ObjectChoices.prefix + "prune"]?.asString == "false"
    }

    func exclusiveName(of state: ResourceState) -> String? {
        guard let manifest = try? Manifest(state.values[key: "manifest"] ?? .null) else { return nil }
        // Of kinds without namespaces all have the same one here.
        let namespace = ObjectNotes(state.privateData).namespace ?? manifest.namespace
        let space = namespace ?? (try? cluster.link().namespace) ?? ""
        return "\(manifest.kind) \(space)/\(manifest.name)"
    }
}
