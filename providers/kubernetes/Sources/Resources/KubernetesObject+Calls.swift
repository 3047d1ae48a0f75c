import PlumbModel
import ProviderAPI

// The calls of the API, with what their answers mean.
extension KubernetesObject {
    static func isSecret(_ resource: APIResource) -> Bool {
        resource.kind == "Secret" && resource.version.group.isEmpty
    }

    /// Nil where it is not there.
    func get(_ place: ObjectPlace) async throws(ProviderError) -> Value? {
        let answer = try await cluster.link().client.ask(
            .init(path: place.path, hidesResponse: Self.isSecret(place.resource)))
        guard let refusal = Refusal(answer) else { return answer.body }
        if refusal.isGone { return nil }
        throw refusal.error(changes: false)
    }

    /// What an apply came to.
    enum Applied {
        /// As it is stored; `isNew` where it was not there before.
        case stored(Value, isNew: Bool)
        case refused(Refusal)
    }

    /// Server-side apply.
    ///
    /// Where others have written to fields that were ours before (`prior`), these are taken back: that is drift, which an
    /// apply mends. A conflict about any other field is a refusal, unless `force` is chosen (`mayTake`).
    func apply(
        _ manifest: Manifest, at place: ObjectPlace, prior: Value?, force: Bool, uid: String? = nil, isTrial: Bool
    ) async throws(ProviderError) -> Applied {
        var query = [("fieldManager", FieldManager.own), ("fieldValidation", "Strict")]
        if isTrial { query.append(("dryRun", "All")) }
        var call = ClusterClient.Call(
            method: "PATCH", path: place.path, query: query + [("force", force ? "true" : "false")],
            contentType: "application/apply-patch+yaml",
            body: manifest.applied(namespace: place.namespace, uid: uid, name: place.name), changes: !isTrial,
            secrets: manifest.secrets,
            hidesResponse: manifest.isSecret)
        let client = try cluster.link().client
        var answer = try await client.ask(call)
        let owned = prior.map { Manifest.isSecret($0) ? Manifest.withEncodedData($0) : $0 }
        if !force, let refusal = Refusal(answer), try await mayTake(refusal, owned, at: place) {
            call.query = query + [("force", "true")]
            answer = try await client.ask(call)
        }
        if let refusal = Refusal(answer) { return .refused(refusal) }
        return .stored(answer.body, isNew: answer.status == 201)
    }

    /// What the server would make of the manifest if it were a new object, under another name.
    ///
    /// - Parameter namespace: where to try it.
    func tryCreation(
        _ manifest: Manifest, _ resource: APIResource, in namespace: String?
    ) async throws(ProviderError) -> Applied {
        // Letters and digits alone, which any kind may be called by.
        let name =
            "plumb-trial-"
            + manifest.name.utf8.filter(Self.isPlain).prefix(40).map { String(UnicodeScalar($0)) }.joined()
        let place = ObjectPlace(resource: resource, namespace: namespace, name: name)
        let applied = try await apply(manifest, at: place, prior: nil, force: true, isTrial: true)
        guard case .stored(let stored, let isNew) = applied, var map = stored.asMap,
            var metadata = map["metadata"]?.asMap
        else { return applied }
        metadata["name"] = .string(manifest.name)
        metadata["namespace"] = manifest.value[key: "metadata"]?[key: "namespace"]
        map["metadata"] = .object(metadata)
        return .stored(.object(map), isNew: isNew)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x30 && byte <= 0x39)
    }

    /// Who owns the fields of a conflict, since when, and what to do about it.
    func conflict(_ refusal: Refusal, at place: ObjectPlace) async -> ProviderError {
        let stored = (try? await get(place)) ?? .null
        let managers = FieldManager.all(of: stored).filter { !$0.isOwn }
        let lines = refusal.causes.map { cause in
            let owner = managers.first { $0.fields.owns(cause.field) }
            let field = ServerField(cause.field).text
            guard let owner else { return "\(field) (\(cause.message))" }
            let time = owner.time.map { ", written \($0)" } ?? ""
            return "\(field) belongs to \"\(owner.name)\" (\(owner.operation)\(time))"
        }
        return ProviderError(
            .conflict,
            "\(place.text) has fields that another field manager owns: \(lines.joined(separator: "; ")). Leave them out of "
                + "the manifest, or take them over with `force: true` beside `manifest` (in a verbatim manifest the annotation "
                + "`\(ObjectChoices.prefix)force: \"true\"`).")
    }
}
