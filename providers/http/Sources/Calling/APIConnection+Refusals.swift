import HTTPTransport
import PlumbModel
import ProviderAPI

/// What the server's refusals mean, and how they are told.
extension APIConnection {
    /// The first case that an answer is one of; one that cannot be evaluated is none.
    func errorCase(_ rules: ErrorRules, isSuccess: Bool, _ scope: OperationScope) -> ErrorCase? {
        rules.cases.first { known in
            guard !isSuccess || known.includesSuccesses else { return false }
            return (try? evaluate(known.condition, scope))?.asBool == true
        }
    }

    func refusal(
        _ response: HTTPResponse, to request: HTTPRequest, _ shape: TypeShape, _ scope: OperationScope, changes: Bool,
        _ known: ErrorCase? = nil
    ) -> ProviderError {
        let words = known.flatMap { text($0.message, scope) } ?? serverMessage(response, shape, scope)
        let hint = known.flatMap { text($0.hint, scope) }.map { " (\($0))" } ?? ""
        let place =
            (300...399).contains(response.status) ? response.headers["Location"].map { " (to \($0))" } ?? "" : ""
        let told = request.redaction.text((words.map { ": " + $0 } ?? "") + hint + place)
        let message = "\(request.summary): \(response.statusText)\(told)"
        switch known?.kind {
        case .notFound: return ProviderError(.notFound, message)
        case .conflict: return ProviderError(.conflict, message)
        case .throttled: return ProviderError(.rateLimited, message, isRetryable: true)
        case .transient: return ProviderError(.unavailable, message, isRetryable: true, isOutcomeUnknown: changes)
        case .invalid: return ProviderError(.invalid, message)
        case .unauthorised: return ProviderError(.unauthorized, message)
        case .success, nil: return refusal(by: response.status, message, changes: changes)
        }
    }

    private func refusal(by status: Int, _ message: String, changes: Bool) -> ProviderError {
        // A server or gateway that fails may have acted before it failed.
        let isUnknown = changes && [500, 502, 504].contains(status)
        switch status {
        case 401, 403: return ProviderError(.unauthorized, message)
        case 404, 410: return ProviderError(.notFound, message)
        case 409, 412: return ProviderError(.conflict, message)
        case 408: return ProviderError(.timeout, message, isRetryable: true, isOutcomeUnknown: changes)
        case 423, 425, 429: return ProviderError(.rateLimited, message, isRetryable: true)
        case 400...499: return ProviderError(.invalid, message)
        case 500...599: return ProviderError(.unavailable, message, isRetryable: true, isOutcomeUnknown: isUnknown)
        default: return ProviderError(.unexpected, message)
        }
    }

    /// The server's own sentence, in one line.
    private func serverMessage(_ response: HTTPResponse, _ shape: TypeShape, _ scope: OperationScope) -> String? {
        let told = text(shape.errors.message, scope)
        let line = told ?? oneLine(String(decoding: response.body.prefix(500), as: UTF8.self))
        return line.isEmpty || response.statusText.hasSuffix(line) || line.hasPrefix("<") ? nil : line
    }

    private func text(_ expression: ValueExpression?, _ scope: OperationScope) -> String? {
        guard let expression, let value = try? evaluate(expression, scope) else { return nil }
        let text = value.asText ?? (value.isNull ? "" : value.json)
        let line = oneLine(text)
        return line.isEmpty ? nil : line
    }

    private func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
