import Expressions
import HTTPTransport
import PlumbModel
import ProviderAPI

/// Sends what templates ask for, and says what a refusal means.
struct APIConnection: Sendable {
    let api: APIDescription
    let client: HTTPClient
    let baseURL: String
    let variables: ValueMap
    let headers: [(String, String)]
    let timeout: Duration
    /// How often a request is tried in all.
    let attempts: Int
    let authenticator: (any RequestAuthenticator)?

    /// What a request has beyond its template.
    struct Additions {
        var headers: [(String, String)] = []
        /// Into the query, or into the form or body of a POST.
        var parameters: [(String, Value)] = []
        /// The place of the next page, which takes the template's place.
        var url: String?
    }

    func scope(_ shape: TypeShape, own: Value, prior: Value? = nil, intent: String? = nil) -> OperationScope {
        OperationScope(
            schema: shape.schema, variables: variables, own: own.withoutUnknowns, prior: prior?.withoutUnknowns,
            intent: intent)
    }

    func evaluate(_ expression: ValueExpression, _ scope: OperationScope) throws(ProviderError) -> Value {
        do {
            return try Evaluator(scope: scope).evaluate(expression).deeplyUnmarked
        } catch {
            throw unexpected(error)
        }
    }

    /// Whether a condition holds; one that is not there does.
    func holds(_ condition: ValueExpression?, _ scope: OperationScope) throws(ProviderError) -> Bool {
        guard let condition else { return true }
        let value = try evaluate(condition, scope)
        if let flag = value.asBool { return flag }
        throw ProviderError(.unexpected, "\(condition.range): a condition must be true or false")
    }

    /// Sends one request. Any success, "gone" and "unchanged" are answers; everything else is an error.
    func send(
        _ template: RequestTemplate, _ shape: TypeShape, _ scope: OperationScope, changes: Bool,
        _ additions: Additions = Additions()
    ) async throws(ProviderError) -> Answer {
        let answer = try await exchange(template, shape, scope, changes: changes, additions)
        if let refusal = answer.refusal { throw refusal }
        return answer
    }

    /// As `send`; what the server refuses is an answer too.
    func exchange(
        _ template: RequestTemplate, _ shape: TypeShape, _ scope: OperationScope, changes: Bool,
        _ additions: Additions = Additions()
    ) async throws(ProviderError) -> Answer {
        let request = try request(template, shape, scope, additions)
        var attempt = 1
        while true {
            let response: HTTPResponse
            do {
                response = try await client.send(request)
            } catch {
                throw ProviderError(error, changes: changes)
            }
            let judged = judge(response, to: request, template, shape, scope, changes: changes)
            guard judged.isWorthAnotherTry, attempt < attempts else { return judged.answer }
            try await pause(attempt, before: request)
            attempt += 1
        }
    }

    private func pause(_ attempt: Int, before request: HTTPRequest) async throws(ProviderError) {
        let longest = min(Duration.seconds(10), .milliseconds(200) * (1 << min(attempt - 1, 10)))
        do {
            try await Task.sleep(for: longest / 2 + longest / 2 * Double.random(in: 0...1))
        } catch {
            throw ProviderError(.cancelled, "\(request.summary): cancelled while waiting for another attempt")
        }
    }

    private func judge(
        _ response: HTTPResponse, to request: HTTPRequest, _ template: RequestTemplate, _ shape: TypeShape,
        _ scope: OperationScope, changes: Bool
    ) -> (answer: Answer, isWorthAnotherTry: Bool) {
        let value = Answer.value(of: response)
        let isAsked304 = response.status == 304 && request.headers["If-None-Match"] != nil
        let isSuccess =
            template.success?.contains(response.status) ?? (200...299).contains(response.status) || isAsked304
        var judging = scope
        judging.response = value
        let known = errorCase(shape.errors, isSuccess: isSuccess, judging)
        func answer(isGone: Bool = false, _ refusal: ProviderError? = nil) -> Answer {
            Answer(request: request, response: response, value: value, isGone: isGone, refusal: refusal)
        }
        if template.gone.contains(response.status) { return (answer(isGone: true), false) }
        guard let known else {
            if isSuccess { return (answer(), false) }
            return (answer(refusal(response, to: request, shape, judging, changes: changes)), false)
        }
        switch known.kind {
        case .success: return (answer(), false)
        case .notFound where !template.gone.isEmpty: return (answer(isGone: true), false)
        default:
            let refusal = refusal(response, to: request, shape, judging, changes: changes, known)
            let isWorthAnotherTry =
                known.kind == .throttled || (known.kind == .transient && request.isIdempotent)
            return (answer(refusal), isWorthAnotherTry)
        }
    }

    func unexpected(_ problems: Diagnostics) -> ProviderError {
        let texts = problems.all.map { problem in
            (problem.source.map { "\($0): " } ?? "") + problem.detail
        }
        return ProviderError(.unexpected, texts.joined(separator: "; "))
    }
}

extension ProviderError {
    /// `changes` is false where nothing can have happened, whatever was lost.
    init(_ error: HTTPError, changes: Bool) {
        let code: Code =
            switch error.kind {
            case .invalid: .invalid
            case .unreachable, .tls, .interrupted, .closed: .unavailable
            case .timeout: .timeout
            case .unauthorized: .unauthorized
            case .unreadable: .unexpected
            case .cancelled: .cancelled
            case .throttled: .rateLimited
            }
        let advice =
            error.kind == .throttled
            ? ". Nothing was done. Apply again once the server takes requests; a lower `parallelism` of the provider asks it "
                + "less at a time, a longer `throttling_timeout` waits longer for it" : ""
        self.init(
            code, error.message + advice, isRetryable: error.isTransient,
            isOutcomeUnknown: changes && error.isOutcomeUnknown)
    }
}
