import PlumbModel
import ProviderAPI

extension KubernetesObject: ReadinessChecking {
    func isReadyAtOnce(_ planned: Value) -> Bool {
        guard cluster.settings.waits, let choices = try? ObjectChoices(planned), choices.waits,
            let manifest = try? Manifest(of: planned)
        else { return true }
        return !ReadinessRules.concern(manifest.groupKind)
    }

    func readiness(of state: ResourceState) async throws(ProviderError) -> Readiness {
        guard let place = try await place(of: state), let stored = try await get(place) else { return .gone }
        let now = seen(stored, like: state)
        switch ReadinessRules(stored).judge(place.resource.groupKind) {
        case .ready: return .ready(now)
        case .failed(let why): return .failed(why)
        case .waiting(let why):
            if place.resource.groupKind.description == "PersistentVolumeClaim", try await waitsForPod(stored) {
                return .ready(now)
            }
            return .waiting(why)
        }
    }

    /// A claim of such a class is bound when the first pod uses it, which may well wait for the claim.
    private func waitsForPod(_ claim: Value) async throws(ProviderError) -> Bool {
        guard let name = claim[key: "spec"]?[key: "storageClassName"]?.asString, !name.isEmpty,
            let kind = try await cluster.link().discovery.resource(
                GroupKind(group: "storage.k8s.io", kind: "StorageClass")),
            let found = try await get(ObjectPlace(resource: kind, namespace: nil, name: name))
        else { return false }
        return found[key: "volumeBindingMode"]?.asString == "WaitForFirstConsumer"
    }

    /// The last events of the object, and what keeps its pods.
    func explainUnreadiness(of state: ResourceState) async -> String {
        guard let place = try? await place(of: state), let stored = try? await get(place) else { return "" }
        var lines = await events(of: place.resource.kind, place.name, place.namespace)
        let selector = stored[key: "spec"]?[key: "selector"]?[key: "matchLabels"]?.asMap
        if let selector, let namespace = place.namespace, !selector.isEmpty {
            let labels = selector.compactMap { entry in entry.value.asString.map { "\(entry.key)=\($0)" } }
            let pods = await list(
                "pods", namespace, [("labelSelector", labels.joined(separator: ",")), ("limit", "50")])
            for pod in pods.prefix(50) {
                guard let name = pod[key: "metadata"]?[key: "name"]?.asString else { continue }
                if let trouble = PodTrouble.describe(pod) { lines.append("pod \(name): \(trouble)") }
                if lines.count >= 6 { break }
            }
            let creators = await list(
                "replicasets", namespace, [("labelSelector", labels.joined(separator: ","))], "/apis/apps/v1")
            for creator in creators.prefix(3) {
                guard let name = creator[key: "metadata"]?[key: "name"]?.asString else { continue }
                lines += await events(of: "ReplicaSet", name, namespace)
            }
        }
        return lines.prefix(6).joined(separator: "; ")
    }

    private func events(of kind: String, _ name: String, _ namespace: String?) async -> [String] {
        let fields = "involvedObject.kind=\(kind),involvedObject.name=\(name)"
        let events = await list("events", namespace ?? "default", [("fieldSelector", fields), ("limit", "50")])
        let warnings = events.filter { $0[key: "type"]?.asString == "Warning" }.sorted { left, right in
            (left[key: "lastTimestamp"]?.asString ?? "") > (right[key: "lastTimestamp"]?.asString ?? "")
        }
        return warnings.prefix(2).map { event in
            let message = event[key: "message"]?.asString ?? ""
            return
                "\(event[key: "reason"]?.asString ?? "event"): \(message.split(whereSeparator: \.isWhitespace).joined(separator: " "))"
        }
    }

    /// What cannot be had is left out: it only explains.
    private func list(
        _ plural: String, _ namespace: String, _ query: [(String, String)], _ base: String = "/api/v1"
    ) async -> [Value] {
        let path = "\(base)/namespaces/\(namespace)/\(plural)"
        let answer = try? await cluster.link().client.ask(.init(path: path, query: query))
        return answer?.body[key: "items"]?.asList ?? []
    }
}
