import HTTPTransport
import PlumbModel
import ProviderAPI

/// Reading many resources with few requests.
extension ResourceOperations {
    /// Resources that one request, or one after the other, can tell of.
    private enum Work {
        case single(Int)
        case list(ListOperation, [Int])
        case batch(BatchOperation, [Int])
    }

    /// Reads by a request for many wherever two or more stand behind the same one.
    func read(all priors: [ResourceState]) async throws(ProviderError) -> [ResourceState?] {
        let work = try plan(priors)
        let results = await withTaskGroup(
            of: Result<[(Int, ResourceState?)], ProviderError>.self,
            returning: [Result<[(Int, ResourceState?)], ProviderError>].self
        ) { group in
            var results: [Result<[(Int, ResourceState?)], ProviderError>] = []
            var next = 0
            while next < min(parallelism, work.count) {
                let task = work[next]
                group.addTask { await attempt(task, priors) }
                next += 1
            }
            while let result = await group.next() {
                results.append(result)
                if case .failure = result { next = work.count }
                if next < work.count {
                    let task = work[next]
                    group.addTask { await attempt(task, priors) }
                    next += 1
                }
            }
            return results
        }
        var states = [ResourceState?](repeating: nil, count: priors.count)
        for result in results {
            for (index, state) in try result.get() { states[index] = state }
        }
        return states
    }

    private func plan(_ priors: [ResourceState]) throws(ProviderError) -> [Work] {
        if let list = type.list, !list.isPartial {
            var groups: [String: [Int]] = [:]
            for (index, prior) in priors.enumerated() {
                let identity = try connection.identity(list.request, connection.scope(shape, own: prior.values))
                groups[identity, default: []].append(index)
            }
            let single = groups.values.filter { $0.count == 1 }.flatMap(\.self).sorted()
            let many = groups.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
            return many.map { .list(list, $0) } + single.map { .single($0) }
        }
        guard let batch = type.batch, priors.count > 1 else { return priors.indices.map { .single($0) } }
        return stride(from: 0, to: priors.count, by: batch.size).map { start in
            .batch(batch, Array(start..<min(start + batch.size, priors.count)))
        }
    }

    private func attempt(
        _ work: Work, _ priors: [ResourceState]
    ) async -> Result<[(Int, ResourceState?)], ProviderError> {
        do throws(ProviderError) {
            switch work {
            case .single(let index): return .success([(index, try await read(priors[index]))])
            case .list(let list, let indices):
                return .success(
                    try await read(
                        list.request, list.items, indices, priors,
                        connection.scope(shape, own: priors[indices[0]].values),
                        pageBound: indices.count))
            case .batch(let batch, let indices):
                var scope = connection.scope(shape, own: .null)
                scope.batch = batchValues(indices.map { priors[$0].values })
                return .success(try await read(batch.request, batch.items, indices, priors, scope, pageBound: nil))
            }
        } catch {
            return .failure(error)
        }
    }

    /// A list for each attribute, with an element a resource.
    private func batchValues(_ values: [Value]) -> Value {
        .object(
            ValueMap(
                shape.schema.attributes.map { attribute in
                    (attribute.name, .tuple(values.map { $0[key: attribute.name] ?? .null }))
                }))
    }

    /// Reads the resources that a list tells of.
    ///
    /// - Parameter pageBound: after so many pages the rest is read one by one, which is cheaper then.
    private func read(
        _ request: RequestTemplate, _ rule: ItemRule, _ indices: [Int], _ priors: [ResourceState],
        _ scope: OperationScope, pageBound: Int?
    ) async throws(ProviderError) -> [(Int, ResourceState?)] {
        var wanted: [[Value]: [Int]] = [:]
        for index in indices {
            let key = try reading.key(rule.match) { (name) throws(ProviderError) in
                priors[index].values[key: name] ?? .null
            }
            wanted[key, default: []].append(index)
        }
        var common = scope
        common.own = shared(by: request, scope.own)
        var found: [(Int, ResourceState?)] = []
        var pages = 0
        let walk = PageWalk(connection: connection, shape: shape, request: request, rule: rule)
        let end = try await walk.walk(scope) { (items, page) throws(ProviderError) in
            pages += 1
            common.response = page.response
            try take(items, common, rule, priors, &wanted, &found)
            if wanted.isEmpty { return false }
            return pageBound.map { pages < $0 } ?? true
        }
        let missing = wanted.values.flatMap(\.self).sorted()
        // A list may have pages that its file says nothing of, and pages move while they are gone through: what was on
        // none is asked for by itself before it is taken for gone, where there is another way to ask.
        if end == .gone || (end == .complete && type.read.items != nil) { return found + missing.map { ($0, nil) } }
        return found + (try await readEach(missing, priors))
    }

    /// What all resources of one list have in common: the attributes that its request names.
    private func shared(by request: RequestTemplate, _ own: Value) -> Value {
        var names = OwnNames()
        names.add(request)
        let attributes = shape.schema.attributes.map { attribute in
            (attribute.name, names.names.contains(attribute.name) ? own[key: attribute.name] ?? .null : .null)
        }
        return .object(ValueMap(attributes))
    }

    private func readEach(
        _ indices: [Int], _ priors: [ResourceState]
    ) async throws(ProviderError) -> [(Int, ResourceState?)] {
        let results = await withTaskGroup(
            of: Result<[(Int, ResourceState?)], ProviderError>.self,
            returning: [Result<[(Int, ResourceState?)], ProviderError>].self
        ) { group in
            var results: [Result<[(Int, ResourceState?)], ProviderError>] = []
            var rest = indices[...]
            for index in rest.prefix(parallelism) { group.addTask { await attempt(.single(index), priors) } }
            rest = rest.dropFirst(parallelism)
            while let result = await group.next() {
                results.append(result)
                if case .failure = result { rest = [] }
                if let index = rest.popFirst() { group.addTask { await attempt(.single(index), priors) } }
            }
            return results
        }
        var states: [(Int, ResourceState?)] = []
        for result in results { states += try result.get() }
        return states
    }

    /// Takes those of a page's items that are looked for.
    private func take(
        _ items: [Value], _ page: OperationScope, _ rule: ItemRule, _ priors: [ResourceState],
        _ wanted: inout [[Value]: [Int]], _ found: inout [(Int, ResourceState?)]
    ) throws(ProviderError) {
        var scope = page
        for item in items {
            scope.live = item
            let key = try reading.key(rule.match) { (name) throws(ProviderError) in
                try reading.attribute(name, scope)
            }
            guard let indices = wanted.removeValue(forKey: key) else {
                try refuseSilence(key, rule)
                continue
            }
            for index in indices {
                let prior = priors[index]
                var own = connection.scope(shape, own: prior.values)
                own.live = item
                own.response = page.response
                let values = try assemble(own)
                // The list tells no ETag: the one that is known stands as long as nothing has changed.
                found.append(
                    (index, ResourceState(values, privateData: values == prior.values ? prior.privateData : nil)))
            }
        }
    }

    /// An item that does not say which one it is could be any.
    private func refuseSilence(_ key: [Value], _ rule: ItemRule) throws(ProviderError) {
        guard let place = key.firstIndex(where: \.isNull), shape.schema[rule.match[place]]?.presence != .optional else {
            return
        }
        let name = rule.match[place]
        throw ProviderError(
            .unexpected,
            "\(rule.items.range): the list of \(shape.name) does not tell \(name), which its items are told apart by. "
                + "`attributes` of the API file can say where it stands, and `match` of the list name other attributes."
        )
    }
}
