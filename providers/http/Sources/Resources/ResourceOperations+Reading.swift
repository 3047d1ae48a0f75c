import Expressions
import HTTPTransport
import PlumbModel
import ProviderAPI

extension ResourceOperations {
    /// What exists now; nil if it is gone.
    func read(_ prior: Value) async throws(ProviderError) -> Value? {
        let found = try await find(type.read, connection.scope(type, own: prior))
        if let found { try requireAsked(found, prior, identity) }
        return found
    }

    /// Reads by a request for many wherever two or more stand behind the same one.
    func read(all priors: [ResourceState]) async throws(ProviderError) -> [ResourceState?] {
        guard let list = type.list else { return try await readEach(priors.map(\.values), of: Array(priors.indices)) }
        var groups: [String: [Int]] = [:]
        for (index, prior) in priors.enumerated() {
            let request = try connection.request(list.request, type, connection.scope(type, own: prior.values))
            groups["\(request.method) \(request.url)", default: []].append(index)
        }
        var results = [ResourceState?](repeating: nil, count: priors.count)
        let single = groups.values.filter { $0.count == 1 }.flatMap(\.self).sorted()
        for (index, state) in zip(single, try await readEach(single.map { priors[$0].values }, of: single)) {
            results[index] = state
        }
        for group in groups.values.filter({ $0.count > 1 }).sorted(by: { $0[0] < $1[0] }) {
            let values = try await readMany(list, group.map { priors[$0].values })
            for (index, value) in zip(group, values) { results[index] = value.map { ResourceState($0) } }
        }
        return results
    }

    private func readEach(_ priors: [Value], of indices: [Int]) async throws(ProviderError) -> [ResourceState?] {
        let results = await withTaskGroup(
            of: (Int, Result<Value?, ProviderError>).self, returning: [Result<Value?, ProviderError>].self
        ) { group in
            var results = [Result<Value?, ProviderError>](repeating: .success(nil), count: priors.count)
            var next = 0
            while next < min(parallelism, priors.count) {
                let index = next
                group.addTask { (index, await attemptRead(priors[index])) }
                next += 1
            }
            while let (index, result) = await group.next() {
                results[index] = result
                if next < priors.count, case .success = result {
                    let index = next
                    group.addTask { (index, await attemptRead(priors[index])) }
                    next += 1
                }
            }
            return results
        }
        var states: [ResourceState?] = []
        for result in results { states.append(try result.get().map { ResourceState($0) }) }
        return states
    }

    private func attemptRead(_ prior: Value) async -> Result<Value?, ProviderError> {
        do throws(ProviderError) {
            return .success(try await read(prior))
        } catch {
            return .failure(error)
        }
    }

    /// `priors` have one request in common.
    private func readMany(_ list: ListOperation, _ priors: [Value]) async throws(ProviderError) -> [Value?] {
        var scope = connection.scope(type, own: priors[0])
        let answer = try await connection.send(list.request, type, scope, changes: false)
        guard !answer.isGone else { return priors.map { _ in nil } }
        scope.response = answer.value
        guard let items = try connection.evaluate(list.items, scope).asList else {
            throw ProviderError(
                .unexpected, "\(answer.request.summary): \(list.items.range): the resources in the answer are no list")
        }
        var found: [[Value]: Value] = [:]
        for item in items {
            scope.live = item
            found[try canonicalKey { (name) throws(ProviderError) in try attribute(name, scope) }] = item
        }
        var results: [Value?] = []
        for prior in priors {
            let key = try canonicalKey { (name) throws(ProviderError) in prior[key: name] ?? .null }
            var scope = connection.scope(type, own: prior)
            scope.live = found[key]
            results.append(scope.live == nil ? nil : try assemble(scope))
        }
        return results
    }

    private func canonicalKey(_ value: (String) throws(ProviderError) -> Value) throws(ProviderError) -> [Value] {
        var key: [Value] = []
        for name in type.key {
            let value = try value(name)
            key.append(type.schema[name]?.normalisation?.canonical(value) ?? value)
        }
        return key
    }

    // MARK: - One resource

    func find(_ operation: Operation, _ initial: OperationScope) async throws(ProviderError) -> Value? {
        var scope = initial
        scope.live = try await findLive(operation, scope)
        return scope.live == nil ? nil : try assemble(scope)
    }

    /// The resource in the server's words; nil if there is none.
    func findLive(_ operation: Operation, _ initial: OperationScope) async throws(ProviderError) -> Value? {
        var scope = initial
        for step in operation.steps {
            let answer = try await connection.send(step, type, scope, changes: false)
            if answer.isGone { return nil }
            scope.response = answer.value
        }
        let live =
            try operation.live.map { (live) throws(ProviderError) in try connection.evaluate(live, scope) }
            ?? scope.response?[key: "body"] ?? .null
        if live.isNull, operation.live != nil { return nil }
        guard live.asMap != nil else {
            let request = try operation.steps.last.map { (step) throws(ProviderError) in
                try connection.request(step, type, scope).summary
            }
            throw ProviderError(.unexpected, "\(request ?? type.name): the answer holds no JSON object of the resource")
        }
        return live
    }

    /// All attributes, from the server's words where they have them, in the spec's writing where that means the same.
    func assemble(_ scope: OperationScope) throws(ProviderError) -> Value {
        var values: [(String, Value)] = []
        for schema in type.schema.attributes {
            let recorded = scope.own[key: schema.name] ?? .null
            let old = (try? recorded.converted(to: schema.type)) ?? recorded
            let new = try attribute(schema.name, scope)
            let isSame = !old.isNull && (old == new || schema.normalisation?.areSame(old, new) ?? false)
            values.append((schema.name, isSame ? old : new))
        }
        return .object(ValueMap(values))
    }

    private func attribute(_ name: String, _ scope: OperationScope) throws(ProviderError) -> Value {
        guard let schema = type.schema[name] else { return .null }
        let value: Value
        if let expression = type.attributes[name] {
            value = try connection.evaluate(expression, scope)
        } else if let field = scope.live?.asMap?[name] {
            value = field
        } else {
            // The server does not tell: what is known stays.
            let own = scope.own[key: name] ?? .null
            return own.isNull ? schema.defaultValue ?? .null : own
        }
        do {
            return try value.converted(to: schema.type)
        } catch {
            throw ProviderError(
                .unexpected, "the server's \(name) of \(type.name) \(id(scope.own)) is unsuitable: \(error.message)")
        }
    }
}
