import Expressions
import HTTPTransport
import PlumbModel
import ProviderAPI

/// What a change has done once it is over, as it stands in sentences.
enum ChangeVerb: String {
    case created, updated, deleted
}

/// Carries out what an API file says about one type; the values are objects of all its attributes.
struct ResourceOperations: Sendable {
    let type: TypeDescription
    let connection: APIConnection
    /// How many reads of one list run at a time.
    let parallelism: Int
    /// For changes that must not go on side by side.
    let turns: Turns

    var shape: TypeShape { type.shape }

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState {
        let scope = connection.scope(shape, own: request.planned, intent: request.intent)
        return try await inTurn(scope) { () throws(ProviderError) in
            if type.create.refusesExisting { try await refuseExisting(request) }
            do throws(ProviderError) {
                return try await change(type.create, .created, scope, etag: nil)
            } catch {
                guard error.code == .conflict, !error.isOutcomeUnknown else { throw error }
                throw ProviderError(.conflict, "\(error.message). \(await adoptionAdvice(request.planned))")
            }
        }
    }

    func update(_ request: UpdateRequest) async throws(ProviderError) -> ResourceState {
        guard let update = type.update else {
            preconditionFailure("A type without update plans a replacement for each change.")
        }
        let scope = connection.scope(
            shape, own: request.planned, prior: request.prior.values, intent: request.intent)
        return try await inTurn(scope) { () throws(ProviderError) in
            try await withETag(of: request.prior, "update") { (etag) throws(ProviderError) in
                try await change(update, .updated, scope, etag: etag)
            }
        }
    }

    func delete(_ request: DeleteRequest) async throws(ProviderError) {
        let scope = connection.scope(shape, own: request.prior.values, intent: request.intent)
        try await inTurn(scope) { () throws(ProviderError) in
            do throws(ProviderError) {
                try await withETag(of: request.prior, "delete") { (etag) throws(ProviderError) in
                    try await delete(scope, etag)
                }
            } catch {
                guard type.usesETags, error.code == .notFound else { throw error }
            }
        }
    }

    private func delete(_ initial: OperationScope, _ etag: String?) async throws(ProviderError) {
        var scope = initial
        try await perform(type.delete, .deleted, &scope, etag: etag)
        guard let wait = type.delete.wait, try connection.holds(wait.condition, scope) else { return }
        guard wait.until == nil else {
            _ = try await self.wait(wait, .deleted, &scope)
            return
        }
        let asked = scope
        try await repeatUntilTrue(wait, .deleted, isOutcomeUnknown: true) { () throws(ProviderError) in
            (try await findLive(type.read, asked) == nil, nil)
        }
    }

    // MARK: - Changing

    /// Runs a change when no other one goes on that has the same `exclusive`.
    private func inTurn<Result>(
        _ scope: OperationScope, _ work: () async throws(ProviderError) -> Result
    ) async throws(ProviderError) -> Result {
        guard let exclusive = type.exclusive else { return try await work() }
        let name = try connection.evaluate(exclusive, scope).asText ?? ""
        guard await turns.take(name) else {
            throw ProviderError(.cancelled, "cancelled while \(shape.name) waited for another change to end")
        }
        defer { turns.giveBack(name) }
        return try await work()
    }

    private func refuseExisting(_ request: CreateRequest) async throws(ProviderError) {
        guard let lookup = type.lookup else { return }
        let planned = request.planned
        let scope = connection.scope(shape, own: planned, intent: request.intent)
        guard let found = try await find(lookup, scope) else { return }
        let id = importID(of: found.state.values)
        throw ProviderError(
            .conflict, "\(shape.name) \(keyText(planned)) exists already. \(ResourceOperations.adoptionAdvice(id))")
    }

    /// What a person can do about something that is there already.
    private func adoptionAdvice(_ planned: Value) async -> String {
        if type.importKey == type.key { return ResourceOperations.adoptionAdvice(importID(of: planned)) }
        // Only what is there knows its id. Where it cannot be asked, the advice does without.
        let found: Found?
        if let lookup = type.lookup {
            found = (try? await find(lookup, connection.scope(shape, own: planned))) ?? nil
        } else {
            found = nil
        }
        guard let found else {
            return "To take it over instead of creating it, import it by its id; or delete it first."
        }
        return ResourceOperations.adoptionAdvice(importID(of: found.state.values))
    }

    static func adoptionAdvice(_ id: String) -> String {
        "To take it over instead of creating it, import it by the id \"\(id)\"; or delete it first."
    }

    private func change(
        _ operation: ChangeOperation, _ verb: ChangeVerb, _ initial: OperationScope, etag: String?
    ) async throws(ProviderError) -> ResourceState {
        var scope = initial
        let last = try await perform(operation, verb, &scope, etag: etag)
        do throws(ProviderError) {
            return try await settle(operation, verb, scope, last)
        } catch {
            throw error.withUnknownOutcome
        }
    }

    /// Sends an operation's requests.
    ///
    /// - Returns: the last answer; nil where there was nothing to send.
    @discardableResult
    private func perform(
        _ operation: ChangeOperation, _ verb: ChangeVerb, _ scope: inout OperationScope, etag: String?
    ) async throws(ProviderError) -> Answer? {
        let initial = scope
        for attempt in 1... {
            scope = initial
            let (answer, isRefused) = try await performOnce(operation, verb, &scope, etag: etag)
            guard isRefused, let refusal = answer?.refusal else { return answer }
            guard attempt < ResourceOperations.attemptsAfterConflicts else {
                throw ProviderError(
                    refusal.code,
                    "\(refusal.message). It was tried \(attempt) times: somebody else keeps changing the same thing. Try "
                        + "again later.", isRetryable: true,
                    // What stands before the refused request may have been done.
                    isOutcomeUnknown: operation.steps.count { $0.request.method != "GET" } > 1)
            }
            try await pause(.milliseconds(50) * (1 << attempt) * Double.random(in: 0.5...1.5), verb)
        }
        return nil
    }

    private static let attemptsAfterConflicts = 5

    private func performOnce(
        _ operation: ChangeOperation, _ verb: ChangeVerb, _ scope: inout OperationScope, etag: String?
    ) async throws(ProviderError) -> (Answer?, isRefused: Bool) {
        var isPartlyDone = false
        var last: Answer?
        for step in operation.steps where try applies(step.request, scope) {
            do throws(ProviderError) {
                for element in try elements(step.request, scope) {
                    scope.element = element
                    let isRead = step.request.method == "GET" || step.request.method == "HEAD"
                    var additions = APIConnection.Additions()
                    if let etag, !isRead, !isPartlyDone { additions.headers = [("If-Match", etag)] }
                    let answer = try await connection.exchange(
                        step.request, shape, scope, changes: !isRead, additions)
                    if let refusal = answer.refusal {
                        if answer.response.status == 412, !additions.headers.isEmpty {
                            throw ProviderError(.conflict, refusal.message)
                        }
                        if operation.againOn.contains(answer.response.status) { return (answer, true) }
                        throw refusal
                    }
                    last = answer
                    scope.hear(answer, as: step.name)
                    isPartlyDone = isPartlyDone || !isRead
                    if let wait = step.wait { _ = try await self.wait(wait, verb, &scope) }
                }
                scope.element = nil
            } catch {
                // What the first steps did can only be told by looking; the journal has it done.
                throw isPartlyDone ? error.withUnknownOutcome : error
            }
        }
        return (last, false)
    }

    /// What a request is to be sent for: nil alone where it is sent once.
    private func elements(_ request: RequestTemplate, _ scope: OperationScope) throws(ProviderError) -> [Value?] {
        guard let each = request.each else { return [nil] }
        if let elements = try connection.evaluate(each, scope).asList { return elements }
        throw ProviderError(.unexpected, "\(each.range): each must be a list")
    }

    /// Whether a request is to be sent at all.
    private func applies(_ request: RequestTemplate, _ scope: OperationScope) throws(ProviderError) -> Bool {
        if let attributes = request.attributes {
            let isMeant = attributes.contains { name in
                let now = scope.own[key: name] ?? .null
                guard let prior = scope.prior else { return !now.isEmptyOrNull }
                return now != prior[key: name] ?? .null
            }
            guard isMeant else { return false }
        }
        guard try connection.holds(request.when, scope) else { return false }
        switch request.body {
        case .changes(let body, _), .jsonPatch(let body):
            return try RequestContent.differences(body, scope, connection) != nil
        default: return true
        }
    }

    // MARK: - Settling

    /// Finds out what the change has made of the resource, and waits until it is ready.
    private func settle(
        _ operation: ChangeOperation, _ verb: ChangeVerb, _ changed: OperationScope, _ last: Answer?
    ) async throws(ProviderError) -> ResourceState {
        var scope = changed
        try scope.set(operation.set, connection.evaluate)
        var etag: String?
        if let live = operation.live, last != nil {
            scope.live = try connection.evaluate(live, scope)
            etag = last?.etag
        }
        if let wait = operation.wait, last != nil, try connection.holds(wait.condition, scope) {
            if scope.live?.isNull ?? true, wait.poll == nil { scope.live = try await readBack(verb, scope).live }
            etag = try await self.wait(wait, verb, &scope)
            if wait.poll != nil { scope.live = nil }
        }
        if scope.live?.isNull ?? true {
            let found = try await readBack(verb, scope)
            (scope.live, etag) = (found.live, found.etag)
        }
        let values = try assemble(scope)
        try requireAsked(values, scope.own, type.key)
        return ResourceState(values, privateData: notes(etag))
    }

    /// What the server knows after a change. It may take a moment until it knows what it has just made.
    private func readBack(_ verb: ChangeVerb, _ scope: OperationScope) async throws(ProviderError) -> Found {
        let canRead = type.readNeeds.allSatisfy { scope.own[key: $0]?.isNull == false }
        guard let operation = canRead ? type.read : type.lookup else {
            let missing = type.readNeeds.filter { scope.own[key: $0]?.isNull ?? true }.joined(separator: ", ")
            throw ProviderError(
                .unexpected,
                "\(shape.name) \(keyText(scope.own)) was \(verb.rawValue), but it cannot be read back: the answer did not tell "
                    + "\(missing). The API file should say where it stands, with `live` or `set`, or how to look the resource "
                    + "up, with `lookup`.")
        }
        for pause in [Duration.milliseconds(200), .milliseconds(500), .seconds(1), nil] {
            if let found = try await find(operation, scope) { return found }
            if let pause { try await self.pause(pause, verb) }
        }
        throw ProviderError(
            .unexpected,
            "\(shape.name) \(keyText(scope.own)) was \(verb.rawValue), but the server does not know it afterwards")
    }

    private func pause(_ duration: Duration, _ verb: ChangeVerb) async throws(ProviderError) {
        do {
            try await Task.sleep(for: duration)
        } catch {
            throw ProviderError(
                .cancelled, "cancelled while \(shape.name) was being \(verb.rawValue)", isOutcomeUnknown: true)
        }
    }
}

extension ProviderError {
    /// After a change that may have happened. What names what exists now keeps it.
    var withUnknownOutcome: ProviderError {
        partial != nil
            ? self
            : ProviderError(code, message, isRetryable: isRetryable, isOutcomeUnknown: true)
    }
}
