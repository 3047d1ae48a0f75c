import PlumbModel
import ProviderAPI

/// Lists the objects of some namespaces, by their metadata alone, and leaves out what controllers and the cluster make.
struct NamespaceScan: Sendable {
    let type: KubernetesObject
    let namespaces: Set<String>
    /// Identities of the recorded objects.
    let managed: Set<String>

    /// With more namespaces than this, one LIST of the cluster is less than one of each.
    private static let fewNamespaces = 8

    /// Kinds whose objects somebody can make and delete, which measurements cannot; events are reports.
    static func concerns(_ kind: APIResource) -> Bool {
        kind.isNamespaced && kind.verbs.isSuperset(of: ["list", "create", "delete"]) && kind.kind != "Event"
    }

    private struct Found: Sendable {
        let uid: String
        let group: String
        let resource: ScannedResource
    }

    private enum Answer: Sendable {
        case found([Found])
        case gap(String)
    }

    func find(_ kinds: [APIResource]) async throws(ProviderError) -> ScanFinding {
        let isWide = namespaces.count > Self.fewNamespaces
        let spaces: [String?] = isWide ? [nil] : namespaces.sorted()
        let calls = kinds.flatMap { kind in spaces.map { (kind, $0) } }
        let results = await withTaskGroup(of: (Int, Result<Answer, ProviderError>).self) { group in
            var pending = Array(calls.enumerated())[...]
            func start() {
                guard let (index, call) = pending.popFirst() else { return }
                group.addTask { (index, await answer(on: call.0, in: call.1)) }
            }
            for _ in 0..<type.cluster.settings.parallelism { start() }
            var results = [Result<Answer, ProviderError>?](repeating: nil, count: calls.count)
            for await (index, result) in group {
                results[index] = result
                if case .success = result { start() }
            }
            return results
        }
        var found: [Found] = []
        var gaps: [String] = []
        for result in results.compactMap(\.self) {
            switch try result.get() {
            case .found(let more): found += more
            case .gap(let gap): gaps.append(gap)
            }
        }
        return ScanFinding(distinct(found), gaps: gaps)
    }

    private func answer(on kind: APIResource, in namespace: String?) async -> Result<Answer, ProviderError> {
        do throws(ProviderError) {
            return .success(try await list(kind, namespace))
        } catch {
            return .failure(error)
        }
    }

    /// A server may offer the same object as two kinds; the one that is recorded counts, then the one of the newer group.
    private func distinct(_ found: [Found]) -> [ScannedResource] {
        var chosen: [String: Int] = [:]
        var result: [Found] = []
        for one in found {
            guard let index = chosen[one.uid] else {
                chosen[one.uid] = result.count
                result.append(one)
                continue
            }
            let isRecorded = managed.contains(result[index].resource.identity)
            if managed.contains(one.resource.identity) || (!isRecorded && result[index].group == "extensions") {
                result[index] = one
            }
        }
        return result.map(\.resource)
    }

    private static let metadataAlone =
        "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"

    private func list(_ kind: APIResource, _ namespace: String?) async throws(ProviderError) -> Answer {
        var found: [Found] = []
        var next: String?
        var restarts = 0
        while true {
            var query = [("limit", "500")]
            if let next { query.append(("continue", next)) }
            let answer = try await type.cluster.link().client.ask(
                .init(
                    path: kind.path(namespace: namespace), query: query, accept: Self.metadataAlone,
                    hidesResponse: KubernetesObject.isSecret(kind)))
            if let refusal = Refusal(answer) {
                if refusal.status == 410, next != nil, restarts < 3 {
                    restarts += 1
                    (next, found) = (nil, [])
                    continue
                }
                // A kind that has gone since, or that this user must not see.
                if [404, 405].contains(refusal.status) { return .found([]) }
                if refusal.status == 403 { return .gap("\(kind.groupKind) was not looked at: \(refusal.text).") }
                throw refusal.error(changes: false)
            }
            for item in answer.body[key: "items"]?.asList ?? [] {
                if let one = candidate(item, kind) { found.append(one) }
            }
            next = answer.body[key: "metadata"]?[key: "continue"]?.asString.flatMap { $0.isEmpty ? nil : $0 }
            if next == nil { return .found(found) }
        }
    }

    /// Nil for what nobody has made by himself.
    private func candidate(_ item: Value, _ kind: APIResource) -> Found? {
        let metadata = item[key: "metadata"] ?? .null
        guard let name = metadata[key: "name"]?.asString, let namespace = metadata[key: "namespace"]?.asString,
            let uid = metadata[key: "uid"]?.asString, namespaces.contains(namespace)
        else { return nil }
        let id = "\(kind.groupKind)/\(namespace)/\(name)"
        let found = Found(uid: uid, group: kind.version.group, resource: ScannedResource(id: id, identity: id))
        if managed.contains(id) { return found }
        let isOwned = metadata[key: "ownerReferences"]?.asList?.isEmpty == false
        let isGoing = metadata[key: "deletionTimestamp"]?.isNull == false
        // Of the cluster's own objects its components are the only managers, or there is nothing in them to manage.
        let managers = FieldManager.names(in: item)
        guard !isOwned, !isGoing, !managers.isSubset(of: OwnershipTransfer.components) else { return nil }
        return found
    }
}
