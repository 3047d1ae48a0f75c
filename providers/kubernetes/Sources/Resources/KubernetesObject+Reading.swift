import PlumbModel
import ProviderAPI

extension KubernetesObject: Listing {
    func read(_ prior: ResourceState) async throws(ProviderError) -> ResourceState? {
        guard let place = try await place(of: prior) else { return nil }
        return try await get(place).map { seen($0, like: prior) }
    }

    /// One LIST for all objects of a kind in a namespace, or in the cluster where they are spread over many namespaces.
    func read(all priors: [ResourceState]) async throws(ProviderError) -> [ResourceState?] {
        let places = try await places(of: priors)
        let batches = ReadBatch.batches(of: places)
        var found = [Value?](repeating: nil, count: priors.count)
        let results = await withTaskGroup(of: Result<[(Int, Value)], ProviderError>.self) { group in
            var pending = batches.makeIterator()
            func start(_ batch: ReadBatch) {
                group.addTask {
                    do throws(ProviderError) {
                        return .success(try await self.read(batch, places))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            for _ in 0..<cluster.settings.parallelism { if let batch = pending.next() { start(batch) } }
            var results: [Result<[(Int, Value)], ProviderError>] = []
            for await result in group {
                results.append(result)
                if case .success = result, let batch = pending.next() { start(batch) }
            }
            return results
        }
        for result in results { for (index, stored) in try result.get() { found[index] = stored } }
        return zip(priors, found).map { prior, stored in stored.map { seen($0, like: prior) } }
    }

    private func places(of states: [ResourceState]) async throws(ProviderError) -> [ObjectPlace?] {
        var places: [ObjectPlace?] = []
        for state in states { places.append(try await place(of: state)) }
        return places
    }

    private func read(_ batch: ReadBatch, _ places: [ObjectPlace?]) async throws(ProviderError) -> [(Int, Value)] {
        switch batch {
        case .one(let index):
            guard let place = places[index], let stored = try await get(place) else { return [] }
            return [(index, stored)]
        case .list(let resource, let namespace, let indexes):
            guard let wanted = try await list(resource, namespace, indexes, places) else {
                // Whoever may not see the whole cluster may see its namespaces.
                var found: [(Int, Value)] = []
                for batch in ReadBatch.perNamespace(resource, indexes, places) {
                    found += try await read(batch, places)
                }
                return found
            }
            return wanted
        }
    }

    /// Nil where the whole cluster must not be listed.
    private func list(
        _ resource: APIResource, _ namespace: String?, _ indexes: [Int], _ places: [ObjectPlace?]
    ) async throws(ProviderError) -> [(Int, Value)]? {
        var wanted: [String: Int] = [:]
        for index in indexes {
            if let place = places[index] { wanted["\(place.namespace ?? "")/\(place.name)"] = index }
        }
        var found: [(Int, Value)] = []
        var next: String?
        var restarts = 0
        while true {
            var query = [("limit", "500")]
            if let next { query.append(("continue", next)) }
            let answer = try await cluster.link().client.ask(
                .init(path: resource.path(namespace: namespace), query: query, hidesResponse: Self.isSecret(resource)))
            if let refusal = Refusal(answer) {
                if refusal.status == 403, namespace == nil, resource.isNamespaced { return nil }
                // The pages of a list go stale after minutes: it is begun anew.
                if refusal.status == 410, next != nil, restarts < 3 {
                    restarts += 1
                    (next, found) = (nil, [])
                    continue
                }
                if refusal.status == 404 { return [] }
                throw refusal.error(changes: false)
            }
            // Items of a list leave out what the list says for all.
            let head = [("apiVersion", Value.string("\(resource.version)")), ("kind", Value.string(resource.kind))]
            for item in answer.body[key: "items"]?.asList ?? [] {
                let metadata = item[key: "metadata"] ?? .null
                let key = "\(metadata[key: "namespace"]?.asString ?? "")/\(metadata[key: "name"]?.asString ?? "")"
                guard let index = wanted[key] else { continue }
                found.append((index, .object((item.asMap ?? ValueMap()).merging(ValueMap(head)))))
            }
            next = answer.body[key: "metadata"]?[key: "continue"]?.asString.flatMap { $0.isEmpty ? nil : $0 }
            if next == nil { return found }
        }
    }
}

/// What is read by one call.
enum ReadBatch: Sendable {
    /// By its name.
    case one(Int)
    /// Of a namespace, or of the whole cluster.
    case list(APIResource, namespace: String?, [Int])

    /// Up to so many objects of a kind in a namespace are read one by one: a LIST brings all others along.
    private static let fewObjects = 4
    /// With more namespaces than this, one LIST of the cluster is less than one of each.
    private static let fewNamespaces = 8

    static func batches(of places: [ObjectPlace?]) -> [ReadBatch] {
        var kinds: [APIResource: [Int]] = [:]
        for (index, place) in places.enumerated() { if let place { kinds[place.resource, default: []].append(index) } }
        let ordered = kinds.sorted { ($0.value.first ?? 0) < ($1.value.first ?? 0) }
        return ordered.flatMap { resource, indexes in
            let namespaces = Set(indexes.compactMap { places[$0]?.namespace })
            guard namespaces.count > fewNamespaces, indexes.count > 4 * fewObjects else {
                return perNamespace(resource, indexes, places)
            }
            return [.list(resource, namespace: nil, indexes)]
        }
    }

    static func perNamespace(_ resource: APIResource, _ indexes: [Int], _ places: [ObjectPlace?]) -> [ReadBatch] {
        let groups = Dictionary(grouping: indexes) { places[$0]?.namespace ?? "" }
        return groups.sorted { $0.key < $1.key }.flatMap { namespace, members -> [ReadBatch] in
            if members.count <= fewObjects { return members.map(ReadBatch.one) }
            return [.list(resource, namespace: resource.isNamespaced ? namespace : nil, members)]
        }
    }
}
