import PlumbModel
import ProviderAPI

// Who has changed what was declared, as `managedFields` has it.
extension KubernetesObject: Attributing {
    func writers(
        of state: ResourceState, at paths: [AttributePath]
    ) async throws(ProviderError) -> [AttributePath: DriftAuthor] {
        guard let place = try await place(of: state), let stored = try await get(place) else { return [:] }
        let managers = FieldManager.all(of: stored).filter { !$0.isOwn }
        var writers: [AttributePath: DriftAuthor] = [:]
        for path in paths where path.steps.first == .key("manifest") {
            // The newest of those who own something of it that was declared.
            let declared = state.values[path: path] ?? .null
            let owners = managers.filter { $0.fields.part(at: path.steps.dropFirst())?.touches(declared) ?? false }
            let times = owners.map { $0.time.flatMap(Timestamp.seconds) ?? 0 }
            guard let newest = zip(owners, times).max(by: { $0.1 < $1.1 }) else { continue }
            writers[path] = DriftAuthor(newest.0.name, at: newest.1 > 0 ? Double(newest.1) : nil)
        }
        return writers
    }
}
