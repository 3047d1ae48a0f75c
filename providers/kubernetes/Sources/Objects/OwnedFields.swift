import PlumbModel

/// Takes out of a stored object the fields that somebody owns: what a manifest of them would say.
struct OwnedFields {
    /// What Plumbline has applied; where that is nothing, what anybody has written but the cluster's own components.
    static func manifest(of stored: Value) -> Value {
        let managers = FieldManager.all(of: stored)
        var tree = FieldTree()
        let own = managers.filter(\.isOwn)
        let others = managers.filter { $0.subresource.isEmpty && !OwnershipTransfer.components.contains($0.name) }
        for manager in own.isEmpty ? others : own { tree.form(union: manager.fields) }
        var map = (taken(tree, from: stored)?.asMap ?? ValueMap()).filter { $0.key != "status" }
        var metadata = (map["metadata"]?.asMap ?? ValueMap()).filter { !Manifest.serverMetadata.contains($0.key) }
        metadata["annotations"] = metadata["annotations"].flatMap { annotations in
            let kept = (annotations.asMap ?? ValueMap()).filter { $0.key != OwnershipTransfer.lastApplied }
            return kept.isEmpty ? nil : .object(kept)
        }
        metadata["name"] = stored[key: "metadata"]?[key: "name"]
        metadata["namespace"] = stored[key: "metadata"]?[key: "namespace"]
        map["metadata"] = .object(metadata)
        map["apiVersion"] = stored[key: "apiVersion"]
        map["kind"] = stored[key: "kind"]
        return .object(map)
    }

    private static func taken(_ tree: FieldTree, from stored: Value) -> Value? {
        if tree.isLeaf { return stored }
        switch stored.kind {
        case .map(let map, let mapping):
            let entries = map.compactMap { entry in
                tree.fields[entry.key].flatMap { taken($0, from: entry.value) }.map { (entry.key, $0) }
            }
            return Value(.map(ValueMap(entries), mapping))
        case .list(let elements, let sequencing):
            let kept = elements.compactMap { element -> Value? in
                if tree.members.contains(element) { return element }
                let item = tree.items.first { item in
                    item.keys.allSatisfy { element[key: $0.key]?.isSame(as: $0.value) == true }
                }
                return item.flatMap { taken($0.tree, from: element) }
            }
            return Value(.list(kept, sequencing))
        default: return stored
        }
    }
}
