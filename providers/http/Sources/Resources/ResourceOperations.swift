import Expressions
import HTTPTransport
import PlumbModel
import ProviderAPI

/// Carries out what an API file says about one type; the values are objects of all its attributes.
struct ResourceOperations: Sendable {
    let type: TypeDescription
    let connection: APIConnection
    /// How many reads of one list run at a time.
    let parallelism: Int

    func create(_ planned: Value) async throws(ProviderError) -> Value {
        if type.create.refusesExisting { try await refuseExisting(planned) }
        let scope = connection.scope(type, own: planned)
        do {
            return try await change(type.create, "created", scope)
        } catch {
            guard error.code == .conflict else { throw error }
            throw ProviderError(.conflict, "\(error.message). \(adoptionAdvice(planned))")
        }
    }

    func update(_ prior: Value, to planned: Value) async throws(ProviderError) -> Value {
        guard let update = type.update else {
            preconditionFailure("A type without update plans a replacement for each change.")
        }
        return try await change(update, "updated", connection.scope(type, own: planned, prior: prior))
    }

    func delete(_ prior: Value) async throws(ProviderError) {
        let scope = connection.scope(type, own: prior)
        for step in type.delete.steps where try applies(step, scope) {
            _ = try await connection.send(step, type, scope, changes: true)
        }
        guard let wait = type.delete.wait else { return }
        try await repeatUntilTrue(wait, "deleted", isOutcomeUnknown: true) { () throws(ProviderError) in
            try await findLive(type.read, scope) == nil
        }
    }

    // MARK: - Changing

    private func refuseExisting(_ planned: Value) async throws(ProviderError) {
        let scope = connection.scope(type, own: planned)
        guard try await findLive(type.lookup, scope) != nil else { return }
        throw ProviderError(.conflict, "\(type.name) \(id(planned)) exists already. \(adoptionAdvice(planned))")
    }

    private func adoptionAdvice(_ planned: Value) -> String {
        "To take it over instead of creating it, import it by the id \"\(id(planned))\"; or delete it first."
    }

    private func change(
        _ operation: Operation, _ verb: String, _ initial: OperationScope
    ) async throws(ProviderError) -> Value {
        var scope = initial
        var isPartlyDone = false
        for step in operation.steps where try applies(step, scope) {
            do {
                let answer = try await connection.send(step, type, scope, changes: true)
                scope.response = answer.value
                isPartlyDone = true
            } catch {
                // What the first steps did can only be told by looking; the journal has it done.
                throw isPartlyDone ? error.withUnknownOutcome : error
            }
        }
        do {
            return try await settle(operation, verb, scope)
        } catch {
            throw error.withUnknownOutcome
        }
    }

    private func applies(_ step: RequestTemplate, _ scope: OperationScope) throws(ProviderError) -> Bool {
        guard let when = step.when else { return true }
        let value = try connection.evaluate(when, scope)
        if let flag = value.asBool { return flag }
        throw ProviderError(.unexpected, "\(when.range): a condition must be true or false")
    }

    /// Finds out what the change has made of the resource, and waits until it is ready.
    private func settle(
        _ operation: Operation, _ verb: String, _ changed: OperationScope
    ) async throws(ProviderError) -> Value {
        var scope = changed
        if let live = operation.live { scope.live = try connection.evaluate(live, scope) }
        if scope.live?.isNull ?? true { scope.live = try await findLive(type.lookup, scope) }
        guard scope.live != nil else {
            throw ProviderError(
                .unexpected, "\(type.name) \(id(scope.own)) was \(verb), but the server does not know it afterwards")
        }
        try requireAsked(try assemble(scope), scope.own, type.key)
        guard let wait = operation.wait else { return try assemble(scope) }
        scope.live = try await self.wait(wait, verb, scope)
        return try assemble(scope)
    }

    private func wait(_ wait: Wait, _ verb: String, _ initial: OperationScope) async throws(ProviderError) -> Value? {
        var scope = initial
        scope.own = try assemble(scope)
        var isFirst = true
        try await repeatUntilTrue(wait, verb, isOutcomeUnknown: false) { () throws(ProviderError) in
            if !isFirst { scope.live = try await findLive(type.read, scope) }
            isFirst = false
            guard scope.live != nil else {
                throw ProviderError(.notFound, "\(type.name) \(id(scope.own)) vanished while it was being \(verb)")
            }
            if let failed = wait.failed, try connection.evaluate(failed, scope).asBool == true {
                let text = try wait.message.map { (message) throws(ProviderError) in
                    try connection.evaluate(message, scope).asText ?? ""
                }
                throw ProviderError(
                    .unexpected,
                    "\(type.name) \(id(scope.own)) failed while it was being \(verb)"
                        + (text.map { ": " + $0 } ?? ""), partial: ResourceState(try assemble(scope)))
            }
            guard let until = wait.until else { return true }
            return try connection.evaluate(until, scope).asBool == true
        }
        return scope.live
    }

    private func repeatUntilTrue(
        _ wait: Wait, _ verb: String, isOutcomeUnknown: Bool, _ isDone: () async throws(ProviderError) -> Bool
    ) async throws(ProviderError) {
        let end = ContinuousClock.now + wait.timeout
        while try await !isDone() {
            guard ContinuousClock.now + wait.interval < end else {
                throw ProviderError(
                    .timeout, "\(type.name) is still not \(verb) after \(wait.timeout)", isRetryable: true,
                    isOutcomeUnknown: isOutcomeUnknown)
            }
            do {
                try await Task.sleep(for: wait.interval)
            } catch {
                throw ProviderError(
                    .cancelled, "cancelled while waiting until \(type.name) is \(verb)",
                    isOutcomeUnknown: true)
            }
        }
    }
}

extension ProviderError {
    /// After a change that may have happened. What names what exists now keeps it.
    fileprivate var withUnknownOutcome: ProviderError {
        partial != nil
            ? self
            : ProviderError(code, message, isRetryable: isRetryable, isOutcomeUnknown: true)
    }
}
