import HTTPTransport
import PlumbModel
import ProviderAPI

/// Finds one thing by a read operation, in the server's words.
struct LiveFinder {
    /// What was found.
    struct Live {
        let value: Value
        let etag: String?
        /// It is as it was when the ETag was told that was asked with; `value` is null.
        var isUnchanged = false
    }

    let shape: TypeShape
    let connection: APIConnection

    /// Nil if there is none.
    ///
    /// - Parameter etag: what is known already by this one need not be told again.
    func find(
        _ operation: ReadOperation, _ initial: OperationScope, etag: String? = nil
    ) async throws(ProviderError) -> Live? {
        var scope = initial
        var first: Answer?
        let requests = operation.items == nil ? operation.steps[...] : operation.steps.dropLast()
        for step in requests where try connection.holds(step.request.when, scope) {
            var additions = APIConnection.Additions()
            if let etag { additions.headers = [("If-None-Match", etag)] }
            let answer = try await connection.send(step.request, shape, scope, changes: false, additions)
            if answer.isUnchanged { return Live(value: .null, etag: etag, isUnchanged: true) }
            if answer.isGone {
                guard step.isOptional else { return nil }
                continue
            }
            first = first ?? answer
            scope.hear(answer, as: step.name)
        }
        guard let rule = operation.items, let last = operation.steps.last else {
            return try live(operation, scope).map { Live(value: $0, etag: first?.etag) }
        }
        let walk = PageWalk(connection: connection, shape: shape, request: last.request, rule: rule)
        let value = rule.match.isEmpty ? try await all(walk, scope) : try await theOne(walk, scope)
        return value.map { Live(value: $0, etag: nil) }
    }

    private func live(_ operation: ReadOperation, _ scope: OperationScope) throws(ProviderError) -> Value? {
        let body = scope.response?[key: "body"] ?? .null
        guard let expression = operation.live else {
            // An answer without a body says that it exists, and no more.
            return body.isNull ? .object(ValueMap()) : try checked(body, operation, scope)
        }
        let value = try connection.evaluate(expression, scope)
        return value.isNull ? nil : try checked(value, operation, scope)
    }

    private func checked(
        _ live: Value, _ operation: ReadOperation, _ scope: OperationScope
    ) throws(ProviderError) -> Value {
        if live.asMap != nil { return live }
        let request = try operation.steps.last.map { (step) throws(ProviderError) in
            try connection.request(step.request, shape, scope).summary
        }
        throw ProviderError(
            .unexpected, "\(request ?? shape.name): the answer holds no object of the resource, but \(live.kindPhrase)")
    }

    /// `items` with all of them.
    private func all(_ walk: PageWalk, _ scope: OperationScope) async throws(ProviderError) -> Value? {
        var all: [Value] = []
        let end = try await walk.walk(scope) { (items, _) throws(ProviderError) in
            all += items
            return true
        }
        return end == .gone ? nil : ["items": .tuple(all)]
    }

    /// The one item that has the same attributes.
    private func theOne(_ walk: PageWalk, _ scope: OperationScope) async throws(ProviderError) -> Value? {
        let reading = AttributeReading(shape: shape, connection: connection)
        let match = walk.rule.match
        let wanted = try reading.key(match) { (name) throws(ProviderError) in scope.own[key: name] ?? .null }
        var found: Value?
        _ = try await walk.walk(scope) { (items, page) throws(ProviderError) in
            var page = page
            for item in items {
                page.live = item
                let key = try reading.key(match) { (name) throws(ProviderError) in try reading.attribute(name, page) }
                guard key == wanted else { continue }
                guard found == nil || found == item else { throw ambiguity(match, scope) }
                found = item
            }
            return true
        }
        return found
    }

    private func ambiguity(_ match: [String], _ scope: OperationScope) -> ProviderError {
        let same = match.map { "\($0) \(scope.own[key: $0]?.asText ?? "")" }.joined(separator: ", ")
        return ProviderError(
            .conflict,
            "there are several \(shape.name) with \(same), and nothing tells which one is meant. Import one by its id where "
                + "its API file allows that, or rename the others.")
    }
}

extension Value {
    /// For sentences about answers.
    fileprivate var kindPhrase: String {
        switch kind {
        case .null: "nothing"
        case .bool: "a bool"
        case .number: "a number"
        case .string: "a text"
        case .list: "a list"
        case .map, .unknown: "an object"
        }
    }
}
