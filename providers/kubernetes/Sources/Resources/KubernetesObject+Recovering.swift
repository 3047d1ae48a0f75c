import PlumbModel
import ProviderAPI

extension KubernetesObject: Recovering, Importing {
    func recover(_ intent: Intent) async throws(ProviderError) -> Recovery {
        let values = intent.planned ?? intent.prior ?? .null
        let notes = ObjectNotes(intent.privateData)
        let found: ObjectPlace? =
            if intent.action == .create { try await place(of: try Manifest.recorded(values)) } else {
                try await place(of: ResourceState(values, privateData: intent.privateData))
            }
        guard let found, let stored = try await get(found) else { return .absent }
        switch intent.action {
        case .create:
            // What we have applied bears our name; an object without it is somebody else's, and ours was never made.
            guard try Manifest.recorded(values).hasMade(stored) else { return .absent }
            return .found(made(stored, as: intent.planned ?? .null))
        case .update:
            if notes.uid != nil, ObjectNotes(of: stored).uid != notes.uid { return .absent }
            if let planned = intent.planned, wasApplied(planned, stored) { return .found(made(stored, as: planned)) }
            return .found(seen(stored, like: ResourceState(intent.prior ?? .null, privateData: intent.privateData)))
        case .delete:
            if notes.uid != nil, ObjectNotes(of: stored).uid != notes.uid { return .absent }
            return .found(seen(stored, like: ResourceState(values, privateData: intent.privateData)))
        }
    }

    /// Whether an update has happened: all that it declares is stored, and nothing else is ours.
    private func wasApplied(_ planned: Value, _ stored: Value) -> Bool {
        let manifest = planned[key: "manifest"] ?? .null
        let promised = planned[key: "replaced"] ?? .null
        let replaced = promised.isWhollyKnown ? promised : ObjectProjection.replaced(in: stored, of: manifest)
        var projection = ObjectProjection(replaced: replaced)
        guard projection.project(manifest, stored).isSame(as: manifest) else { return false }
        let applied = Manifest.isSecret(manifest) ? Manifest.withEncodedData(manifest) : manifest
        return Self.covers(applied, OwnedFields.manifest(of: stored), isTop: true)
    }

    static func covers(_ declared: Value, _ owned: Value, isTop: Bool = false) -> Bool {
        switch (declared.kind, owned.kind) {
        case (.map(let map, _), .map(let others, _)):
            return others.allSatisfy { entry in
                if isTop, entry.key == "metadata" {
                    return (entry.value.asMap ?? ValueMap()).allSatisfy { part in
                        part.key == "namespace"
                            || map["metadata"]?[key: part.key].map { covers($0, part.value) } == true
                    }
                }
                return map[entry.key].map { covers($0, entry.value) } == true
            }
        case (.list(let elements, _), .list(let others, _)):
            guard let matching = ListMatching(nil, elements) else { return elements.count >= others.count }
            return matching.items(of: elements, in: others).filter { $0.stored != nil }.count == others.count
        default: return true
        }
    }

    // MARK: - Import

    /// `id` is as in addresses: `apps/Deployment/shop/web`, `ConfigMap/shop/web`, `Namespace/shop`; with a version
    /// (`apps/v1/Deployment/shop/web`) where it matters.
    func importResource(id: String) async throws(ProviderError) -> ResourceState? {
        let place = try await place(id)
        guard let place, let stored = try await get(place) else { return nil }
        let manifest = OwnedFields.manifest(of: stored)
        return state(
            of: stored, manifest: manifest, replaced: ObjectProjection.replaced(in: stored, of: manifest),
            choices: .null, strangers: OwnershipTransfer.strangers(in: stored))
    }

    private func place(_ id: String) async throws(ProviderError) -> ObjectPlace? {
        let link = try cluster.link()
        let words = id.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard !words.contains(""), words.count >= 2,
            let at = words.firstIndex(where: { $0.first?.isUppercase == true }),
            at <= 2, words.count - at == 2 || words.count - at == 3
        else {
            throw ProviderError(
                .invalid,
                "\"\(id)\" names no object: write GROUP/KIND/NAMESPACE/NAME, such as apps/Deployment/shop/web; without GROUP "
                    + "for the core group (ConfigMap/shop/web), without NAMESPACE for kinds that have none (Namespace/shop)."
            )
        }
        let resource: APIResource?
        if at == 2 || (at == 1 && words[0].wholeMatch(of: /v[0-9]+((alpha|beta)[0-9]+)?/) != nil) {
            let version = GroupVersion(group: at == 2 ? words[0] : "", version: words[at - 1])
            resource = try await link.discovery.resource(version, words[at])
        } else {
            resource = try await link.discovery.resource(GroupKind(group: at == 1 ? words[0] : "", kind: words[at]))
        }
        guard let resource else {
            throw ProviderError(.invalid, "The server offers no kind \(words[...at].joined(separator: "/")).")
        }
        let hasNamespace = words.count - at == 3
        if hasNamespace, !resource.isNamespaced {
            throw ProviderError(
                .invalid,
                "\(resource.kind) has no namespaces: write \(words[...at].joined(separator: "/"))/\(words[words.count - 1])."
            )
        }
        return ObjectPlace(
            resource: resource, namespace: resource.isNamespaced ? hasNamespace ? words[at + 1] : link.namespace : nil,
            name: words[words.count - 1])
    }
}
