import PlumbModel
import ProviderAPI

/// Any object of a cluster, whatever its kind: as `kubernetes_object` with expressions, as `kubernetes_manifest` verbatim.
struct KubernetesObject: ResourceType {
    let name: String
    let cluster: Cluster

    static let schema = Schema(
        [
            AttributeSchema(
                "manifest", .any, .required, "The object: apiVersion, kind, metadata and what its kind has."),
            AttributeSchema(
                "namespace", .string, .optional, "The namespace of an object whose manifest names none."),
            AttributeSchema(
                "force", .bool, .optional,
                "Whether to take fields over that another field manager owns."),
            AttributeSchema(
                "adopt", .bool, .optional,
                "Whether to take over an object that exists already instead of refusing."),
            AttributeSchema(
                "propagation", .string, .optional,
                "What a deletion does to dependents: Background (the default), Foreground, Orphan."),
            AttributeSchema("wait", .bool, .optional, "Whether to wait until it is ready; true unless given."),
            AttributeSchema(
                "prune", .bool, .optional,
                "Whether it is deleted when it leaves the spec; true unless given. Otherwise it stays, and is forgotten."
            ),
            AttributeSchema(
                "written_by", .any, .computed,
                "Who has written an object that was imported, as long as Plumbline has not applied it."),
            AttributeSchema(
                "replaced", .any, .computed,
                "Declared fields that the server stores otherwise: rewritten by it or by a webhook."),
            AttributeSchema(
                "defaults", .any, .computed, volatile: true,
                "Fields that the manifest leaves to others: defaults, what webhooks and controllers add."),
            AttributeSchema("status", .any, .computed, volatile: true, "What the cluster reports of it."),
        ], markingSecrets: SecretParts.marked)

    var schema: Schema { KubernetesObject.schema }

    // MARK: - Places

    /// Where the object of a manifest is.
    ///
    /// - Parameter isUrgent: whether its kind may have come to be a moment ago.
    /// - Returns: nil where the server does not offer the kind.
    func place(of manifest: Manifest, isUrgent: Bool = false) async throws(ProviderError) -> ObjectPlace? {
        let link = try cluster.link()
        let found = try await link.discovery.resource(manifest.version, manifest.kind, isUrgent: isUrgent)
        return found.map {
            ObjectPlace(
                resource: $0, namespace: $0.isNamespaced ? manifest.namespace ?? link.namespace : nil,
                name: manifest.name)
        }
    }

    /// Where a recorded object is; nil where the server does not offer its kind any more.
    func place(of state: ResourceState) async throws(ProviderError) -> ObjectPlace? {
        let manifest = try Manifest.recorded(state.values)
        let link = try cluster.link()
        let found = try await link.discovery.resource(manifest.version, manifest.kind)
        let notes = ObjectNotes(state.privateData)
        return found.map {
            ObjectPlace(
                resource: $0,
                namespace: $0.isNamespaced ? notes.namespace ?? manifest.namespace ?? link.namespace : nil,
                name: manifest.name)
        }
    }

    func unknownKind(_ manifest: Manifest) async -> ProviderError {
        let discovery = try? cluster.link().discovery
        let kinds = await discovery?.kinds(in: manifest.version) ?? []
        let versions = await discovery?.versions(of: manifest.version.group) ?? []
        var hint = Suggestion.didYouMean(manifest.kind, among: kinds)
        if hint.isEmpty, !versions.isEmpty, !versions.contains(manifest.version.version) {
            hint = " Of the group it offers \(versions.joined(separator: ", "))."
        } else if hint.isEmpty {
            hint = " If a CustomResourceDefinition is to bring it, declare that in this stack too, or apply it first."
        }
        return ProviderError(
            .invalid, "The server offers no kind \(manifest.kind) in \(manifest.version).\(hint)")
    }

    // MARK: - Values

    /// The state of a stored object, seen through the manifest that it was or is to be made from.
    func state(
        of stored: Value, manifest: Value, replaced: Value, choices: Value, strangers: [String] = []
    ) -> ResourceState {
        var projection = ObjectProjection(replaced: replaced)
        let seen = projection.project(manifest, stored)
        let values: Value = [
            "manifest": seen, "namespace": choices[key: "namespace"] ?? .null,
            "force": choices[key: "force"] ?? .null, "adopt": choices[key: "adopt"] ?? .null,
            "propagation": choices[key: "propagation"] ?? .null, "wait": choices[key: "wait"] ?? .null,
            "prune": choices[key: "prune"] ?? .null,
            "written_by": strangers.isEmpty ? .null : .tuple(strangers.map(Value.string)),
            "replaced": replaced, "defaults": ServerAdditions(isTrial: false).find(in: stored, besides: manifest),
            "status": stored[key: "status"] ?? .null,
        ]
        var notes = ObjectNotes(of: stored)
        notes.isShared = OwnershipTransfer.isShared(stored, manifest)
        return ResourceState(values, privateData: notes.text)
    }

    /// What a read of it gives: the recorded manifest as it is stored now.
    func seen(_ stored: Value, like prior: ResourceState) -> ResourceState {
        state(
            of: stored, manifest: prior.values[key: "manifest"] ?? .null,
            replaced: prior.values[key: "replaced"] ?? .null, choices: prior.values,
            strangers: prior.isApplied ? [] : OwnershipTransfer.strangers(in: stored))
    }

    /// What an apply has made.
    func made(_ stored: Value, as planned: Value) -> ResourceState {
        let manifest = planned[key: "manifest"] ?? .null
        return state(
            of: stored, manifest: manifest, replaced: ObjectProjection.replaced(in: stored, of: manifest),
            choices: planned)
    }
}

/// One object's place on the server.
struct ObjectPlace: Sendable {
    let resource: APIResource
    let namespace: String?
    let name: String

    var path: String { resource.path(namespace: namespace, name: name) }
    /// The same whichever version it is asked for by.
    var identity: String { "\(resource.groupKind)/\(namespace ?? "")/\(name)" }
    /// For people: `Deployment shop/web`.
    var text: String { "\(resource.kind) \(namespace.map { "\($0)/" } ?? "")\(name)" }
}

extension ResourceState {
    /// False of an object that was imported, and that Plumbline has not written to yet.
    var isApplied: Bool { values[key: "written_by"]?.isNull != false }

    /// Nil where it has not been applied: its fields belong to others.
    var appliedManifest: Value? { isApplied ? values[key: "manifest"] : nil }
}

extension Manifest {
    /// Of recorded or planned values, which have been checked before.
    static func recorded(_ values: Value) throws(ProviderError) -> Manifest {
        guard let manifest = try Manifest(of: values) else {
            throw ProviderError(.unexpected, "The manifest in the state has an identity that is not known.")
        }
        return manifest
    }

    /// Texts that appear in no log: what a Secret holds, in both its forms.
    var secrets: [String] {
        guard isSecret else { return [] }
        let texts = [value[key: "data"], value[key: "stringData"]].compactMap(\.self).flatMap(\.texts)
        let all = texts.flatMap { text in
            [text, Manifest.encoded(.string(text)).asString ?? "", Manifest.decoded(.string(text)).asString ?? ""]
        }
        // A short text stands in many places where it is no secret.
        return all.filter { $0.utf8.count >= 4 }
    }
}
