internal import Planning
internal import PlumbModel
internal import ProviderAPI

/// Finds the places at which resources are live other than recorded, and other than the specs want them: server defaults,
/// ignored changes, and what the specs have come to agree with are no drift.
struct DriftFinder {
    let session: StackSession
    let result: PlanResult
    /// False where no plan could be made: then recorded and live values alone are compared.
    let isPlanned: Bool

    struct Found {
        let address: ResourceAddress
        let path: AttributePath
        let expected: Value
        let live: Value
        let declaredAt: SourceLocation?
        /// Nil where the system does not tell.
        var writer: DriftAuthor?
    }

    /// - Parameter known: what earlier checks have noted. What was left to drift by a heal is recorded as it is live from
    ///   then on, and is drift still.
    func find(known: [DriftRecord], isHeld: (ResourceAddress) -> Bool) -> [Found] {
        let changes = Dictionary(
            result.plan.changes.filter { $0.deposedKey == nil }.map { ($0.address, $0) },
            uniquingKeysWith: { first, _ in first })
        let unchanged = Set(result.unchanged)
        let present = Dictionary(grouping: known.filter(\.isPresent), by: \.address)
        let addresses = Set(result.plan.drift.map(\.address)).union(present.keys)
            .subtracting(result.unreadable.map(\.address))
        return addresses.sorted().flatMap { address -> [Found] in
            guard let index = session.graph.declaration(at: address.resource),
                let values = result.values(of: address)
            else { return [] }
            let place = session.graph.declarations[index].range(of: address.key).location
            let change = changes[address]
            // What is planned and needs no change has not drifted. What is held, or waits for that, is not planned.
            if isPlanned, change == nil, unchanged.contains(address), !isHeld(address) { return [] }
            guard let live = values.live else {
                return [Found(address: address, path: AttributePath(), expected: .null, live: .null, declaredAt: place)]
            }
            let paths = paths(address, values.recorded, live, change?.after, present[address] ?? [])
            return paths.map {
                Found(
                    address: address, path: $0.path, expected: $0.expected, live: live[path: $0.path] ?? .null,
                    declaredAt: place)
            }
        }
    }

    private func paths(
        _ address: ResourceAddress, _ recorded: Value, _ live: Value, _ planned: Value?, _ known: [DriftRecord]
    ) -> [(path: AttributePath, expected: Value)] {
        let schema = session.graph.declaration(at: address.resource).map { session.graph.declarations[$0].schema }
        var found: [(path: AttributePath, expected: Value)] = []
        for attribute in schema?.attributes ?? [] where attribute.isSettable && !attribute.isVolatile {
            let (old, now) = (recorded[key: attribute.name] ?? .null, live[key: attribute.name] ?? .null)
            if attribute.normalisation.map({ $0.areSame(old, now) }) ?? false { continue }
            for path in old.differingPaths(now, at: AttributePath(attribute.name)) {
                found.append((path, recorded[path: path] ?? .null))
            }
        }
        for record in known where !found.contains(where: { $0.path == record.path }) && !record.path.steps.isEmpty {
            if record.live.isSame(as: live[path: record.path] ?? .null) { found.append((record.path, record.expected)) }
        }
        guard let planned else { return found }
        return found.filter { path, _ in !(planned[path: path] ?? .null).isSame(as: live[path: path] ?? .null) }
    }
}

extension Value {
    /// The innermost places at which two values differ; a list is one place, and so is what is secret.
    func differingPaths(_ other: Value, at path: AttributePath) -> [AttributePath] {
        if isSame(as: other) { return [] }
        guard !isSensitive, !other.isSensitive, let mine = asMap, let others = other.asMap else { return [path] }
        var keys = mine.map(\.key)
        keys += others.map(\.key).filter { mine[$0] == nil }
        return keys.sorted().flatMap { key in
            (mine[key] ?? .null).differingPaths(others[key] ?? .null, at: path.appending(.key(key)))
        }
    }
}
