import HTTPTransport
import PlumbModel
import ProviderAPI

/// Waiting for what goes on after an answer.
extension ResourceOperations {
    /// Polls until it is done. What was found last stands in the scope.
    ///
    /// - Returns: the ETag of the resource as it was found last.
    func wait(_ wait: Wait, _ verb: ChangeVerb, _ scope: inout OperationScope) async throws(ProviderError) -> String? {
        guard try connection.holds(wait.condition, scope) else { return nil }
        var current = scope
        if current.live?.isNull == false { current.own = try assemble(current) }
        var etag: String?
        var isFirst = current.live?.isNull == false && wait.poll == nil
        let address = try wait.poll.map { (poll) throws(ProviderError) in try fixed(poll, current) }
        try await repeatUntilTrue(wait, verb, isOutcomeUnknown: true) { () throws(ProviderError) in
            var retryAfter: Duration?
            if let poll = wait.poll {
                let answer = try await connection.send(
                    poll, shape, current, changes: false, APIConnection.Additions(url: address))
                current.hear(answer, as: nil)
                retryAfter = answer.response.headers["Retry-After"].flatMap(Int.init).map {
                    .seconds(min(max($0, 0), 60))
                }
            } else if !isFirst {
                let found = try await find(type.read, current)
                (current.live, etag) = (found?.live, found?.etag)
                guard found != nil else {
                    if verb == .deleted { return (true, nil) }
                    throw ProviderError(
                        .notFound, "\(shape.name) \(keyText(current.own)) vanished while it was being \(verb.rawValue)")
                }
            }
            isFirst = false
            try refuseFailure(wait, verb, current)
            guard let until = wait.until else { return (true, nil) }
            return (try connection.evaluate(until, current).asBool == true, retryAfter)
        }
        try current.set(wait.set, connection.evaluate)
        scope = current
        return etag
    }

    /// Where an operation is asked for stays the same, though the answers to come say nothing of it.
    private func fixed(_ poll: RequestTemplate, _ scope: OperationScope) throws(ProviderError) -> String {
        try connection.request(poll, shape, scope).url
    }

    private func refuseFailure(_ wait: Wait, _ verb: ChangeVerb, _ scope: OperationScope) throws(ProviderError) {
        guard let failed = wait.failed, try connection.evaluate(failed, scope).asBool == true else { return }
        let text = try wait.message.map { (message) throws(ProviderError) in
            let text = try connection.evaluate(message, scope).asText ?? ""
            return connection.redaction(shape, scope).text(text)
        }
        let isKnown = scope.live?.isNull == false
        throw ProviderError(
            .unexpected,
            "\(shape.name) \(keyText(scope.own)) failed while it was being \(verb.rawValue)"
                + (text.map { ": " + $0 } ?? ""),
            isOutcomeUnknown: !isKnown, partial: isKnown ? ResourceState(try assemble(scope)) : nil)
    }

    /// - Parameter isDone: tells also how long the server wants to be left in peace.
    func repeatUntilTrue(
        _ wait: Wait, _ verb: ChangeVerb, isOutcomeUnknown: Bool,
        _ isDone: () async throws(ProviderError) -> (Bool, pause: Duration?)
    ) async throws(ProviderError) {
        let end = ContinuousClock.now + wait.timeout
        var interval = wait.interval
        while true {
            let (isOver, asked) = try await isDone()
            if isOver { return }
            let pause = max(interval, asked ?? .zero)
            guard ContinuousClock.now + pause < end else {
                throw ProviderError(
                    .timeout, "\(shape.name) is still not \(verb.rawValue) after \(wait.timeout)", isRetryable: true,
                    isOutcomeUnknown: isOutcomeUnknown)
            }
            do {
                try await Task.sleep(for: pause)
            } catch {
                throw ProviderError(
                    .cancelled, "cancelled while waiting until \(shape.name) is \(verb.rawValue)",
                    isOutcomeUnknown: true)
            }
            interval = min(wait.longestInterval, interval * 3 / 2)
        }
    }
}
