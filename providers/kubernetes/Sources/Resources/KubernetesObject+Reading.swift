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
        let results = await withTaskGroup(of: Result<ReadAnswer, ProviderError>.self) { group in
            var pending = batches[...]
            var running = 0
            func start() {
                while running < cluster.settings.parallelism, let batch = pending.popFirst() {
                    running += 1
                    group.addTask {
                        do throws(ProviderError) {
                            return .success(try await self.read(batch, places))
                        } catch {
                            return .failure(error)
                        }
                    }
                }
            }
            start()
            var results: [Result<ReadAnswer, ProviderError>] = []
            for await result in group {
                running -= 1
                results.append(result)
                guard case .success(let answer) = result else {
                    // One failure is that of them all.
                    pending = []
                    continue
                }
                if case .instead(let batches) = answer { pending += batches }
                start()
            }
            return results
        }
        for result in results {
            guard case .found(let more) = try result.get() else { continue }
            for (index, stored) in more { found[index] = stored }
        }
        return zip(priors, found).map { prior, stored in stored.map { seen($0, like: prior) } }
    }

    private func places(of states: [ResourceState]) async throws(ProviderError) -> [ObjectPlace?] {
        var places: [ObjectPlace?] = []
        for state in states { places.append(try await place(of: state)) }
        return places
    }

    private func read(_ batch: ReadBatch, _ places: [ObjectPlace?]) async throws(ProviderError) -> ReadAnswer {
        switch batch {
        case .one(let index):
            guard let place = places[index], let stored = try await get(place) else { return .found([]) }
            return .found([(index, stored)])
        case .list(let resource, let namespace, let indexes):
            if let found = try await list(resource, namespace, indexes, places) { return .found(found) }
            // Whoever may not list the whole cluster may list its namespaces; whoever may list nothing may get each.
            if namespace == nil, resource.isNamespaced {
                return .instead(ReadBatch.perNamespace(resource, indexes, places))
            }
            return .instead(indexes.map(ReadBatch.one))
        }
    }

    /// Nil where these must not be listed.
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
                if refusal.status == 403 { return nil }
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

/// What a call that reads has come to.
private enum ReadAnswer: Sendable {
    case found([(Int, Value)])
    /// It must not be read in this way, but may be in these.
    case instead([ReadBatch])
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
