import PlumbModel
import ProviderAPI

/// Finding all resources of a type, whoever made them.
extension ResourceOperations {
    /// - Parameter others: those of the API's other types, by name: what resources may be in.
    func scan(_ others: [String: ResourceOperations]) async throws(ProviderError) -> [ScannedResource] {
        var resources: [ScannedResource] = []
        for values in try await scanValues(others) {
            if let silent = type.importKey.first(where: { values[key: $0]?.asText?.isEmpty ?? true }) {
                throw ProviderError(
                    .unexpected,
                    "the list of \(shape.name) does not tell \(silent), which its import id needs. `attributes` of the API file "
                        + "can say where it stands.")
            }
            resources.append(ScannedResource(id: importID(of: values), identity: try identity(of: values)))
        }
        return resources
    }

    /// What tells a resource apart, in the writing in which it can be compared.
    func identity(of values: Value) throws(ProviderError) -> String {
        let key = try reading.key(type.importKey) { (name) throws(ProviderError) in values[key: name] ?? .null }
        return key.map(\.json).joined(separator: "/")
    }

    private func scanValues(_ others: [String: ResourceOperations]) async throws(ProviderError) -> [Value] {
        guard let rule = type.scan else { return [] }
        let nothing = Value.object(ValueMap(shape.schema.attributes.map { ($0.name, .null) }))
        guard let parent = rule.parent.flatMap({ others[$0] }) else {
            return try await items(rule, connection.scope(shape, own: nothing))
        }
        var scopes: [OperationScope] = []
        for values in try await parent.scanValues(others) {
            var scope = connection.scope(shape, own: nothing)
            scope.parent = values
            try scope.set(rule.given, connection.evaluate)
            scopes.append(scope)
        }
        return try await items(rule, of: scopes)
    }

    private func items(
        _ rule: ScanRule, of scopes: [OperationScope]
    ) async throws(ProviderError) -> [Value] {
        let results = await withTaskGroup(
            of: (Int, Result<[Value], ProviderError>).self, returning: [Int: Result<[Value], ProviderError>].self
        ) { group in
            var results: [Int: Result<[Value], ProviderError>] = [:]
            var next = 0
            func start() {
                guard next < scopes.count else { return }
                let index = next
                next += 1
                group.addTask { (index, await attempt(rule, scopes[index])) }
            }
            for _ in 0..<parallelism { start() }
            while let (index, result) = await group.next() {
                results[index] = result
                if case .success = result { start() } else { next = scopes.count }
            }
            return results
        }
        var values: [Value] = []
        for (_, result) in results.sorted(by: { $0.key < $1.key }) { values += try result.get() }
        return values
    }

    private func attempt(_ rule: ScanRule, _ scope: OperationScope) async -> Result<[Value], ProviderError> {
        do throws(ProviderError) {
            return .success(try await items(rule, scope))
        } catch {
            return .failure(error)
        }
    }

    private func items(_ rule: ScanRule, _ scope: OperationScope) async throws(ProviderError) -> [Value] {
        guard let list = type.list else { return [] }
        var values: [Value] = []
        let walk = PageWalk(connection: connection, shape: shape, request: list.request, rule: list.items)
        _ = try await walk.walk(scope) { (items, page) throws(ProviderError) in
            var page = page
            for item in items {
                page.live = item
                if try connection.holds(rule.condition, page) { values.append(try assemble(page)) }
            }
            return true
        }
        return values
    }
}
