import PlumbModel
import ProviderAPI

extension KubernetesInstance: Watching {
    /// One LIST and one WATCH for each kind and namespace, or for each kind where there are many namespaces.
    func watch(_ resources: [WatchedResource], into mailbox: WatchMailbox) async throws(ProviderError) {
        let type = KubernetesObject(name: "kubernetes_object", cluster: cluster)
        var places: [(index: Int, place: ObjectPlace)] = []
        var missing: [String: [Int]] = [:]
        for (index, resource) in resources.enumerated() {
            if let place = try await place(of: resource.state, type, mailbox) {
                places.append((index, place))
            } else {
                let manifest = try Manifest.recorded(resource.state.values)
                missing["\(manifest.version) \(manifest.kind)", default: []].append(index)
            }
        }
        let parts =
            WatchScope.scopes(of: places).map(ObjectWatch.Part.scope) + missing.values.map(ObjectWatch.Part.missing)
        let board = WatchBoard(resources, parts: parts.indices, mailbox)
        let numbered = parts.isEmpty ? [(.nothing, 0)] : parts.enumerated().map { (part: $1, number: $0) }
        try await ObjectWatch(type: type, board: board).run(numbered)
    }

    /// - Throws: where it is not the connection that is to blame: what is wrong with the way to the cluster.
    private func place(
        of state: ResourceState, _ type: KubernetesObject, _ mailbox: WatchMailbox
    ) async throws(ProviderError) -> ObjectPlace? {
        var pause = WatchPause()
        while true {
            do throws(ProviderError) {
                let place = try await type.place(of: state)
                if pause.failures > 1 { mailbox.put(.resumed) }
                return place
            } catch {
                guard error.isRetryable, !Task.isCancelled else { throw error }
                if pause.failures == 1 { mailbox.put(.interrupted(error.message)) }
                try await pause.wait()
            }
        }
    }
}
