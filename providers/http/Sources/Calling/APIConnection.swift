import Expressions
import HTTPTransport
import PlumbModel
import ProviderAPI

/// Makes requests of templates, sends them, and says what a refusal means.
struct APIConnection: Sendable {
    let api: APIDescription
    let client: HTTPClient
    let baseURL: String
    let variables: ValueMap
    let headers: [(String, String)]
    let timeout: Duration

    init(
        api: APIDescription, client: HTTPClient, baseURL: String, variables: ValueMap, headers: [(String, String)],
        timeout: Duration
    ) {
        self.api = api
        self.client = client
        self.baseURL = baseURL
        self.variables = variables
        self.headers = headers
        self.timeout = timeout
    }

    /// The answer with what it means for the resource.
    struct Answer {
        let request: HTTPRequest
        let response: HTTPResponse
        let isGone: Bool
        /// As expressions see it.
        var value: Value { OperationScope.value(of: response) }
    }

    func scope(_ type: TypeDescription, own: Value, prior: Value? = nil) -> OperationScope {
        OperationScope(
            schema: type.schema, variables: variables, own: own.withoutUnknowns, prior: prior?.withoutUnknowns)
    }

    func evaluate(_ expression: ValueExpression, _ scope: OperationScope) throws(ProviderError) -> Value {
        do {
            return try Evaluator(scope: scope).evaluate(expression).deeplyUnmarked
        } catch {
            throw unexpected(error)
        }
    }

    /// Sends one request. Any success and "gone" are answers; everything else is an error.
    func send(
        _ template: RequestTemplate, _ type: TypeDescription, _ scope: OperationScope, changes: Bool
    ) async throws(ProviderError) -> Answer {
        let request = try request(template, type, scope)
        let response: HTTPResponse
        do {
            response = try await client.send(request)
        } catch {
            throw ProviderError(error, changes: changes)
        }
        if template.gone.contains(response.status) { return Answer(request: request, response: response, isGone: true) }
        guard template.success?.contains(response.status) ?? (200...299).contains(response.status) else {
            throw refusal(response, to: request, changes: changes)
        }
        return Answer(request: request, response: response, isGone: false)
    }

    func request(
        _ template: RequestTemplate, _ type: TypeDescription, _ scope: OperationScope
    ) throws(ProviderError) -> HTTPRequest {
        var request = HTTPRequest(
            template.method, try url(template, scope), isIdempotent: template.isIdempotent, timeout: timeout,
            secrets: secrets(type, scope), hidesResponseBody: type.hidesResponses)
        request.headers["Accept"] = "application/json"
        if let body = template.body {
            request.headers["Content-Type"] = "application/json"
            request.body = Array(try evaluate(body, scope).withoutNullEntries.json.utf8)
        }
        for field in api.headers + template.headers {
            request.headers[field.name] = try text(field, scope)
        }
        for (name, value) in headers { request.headers[name] = value }
        if let authorisation = api.authorisation {
            request.headers[authorisation.header] = try text(
                RequestTemplate.Field(name: authorisation.header, value: authorisation.value), scope)
        }
        return request
    }

    private func url(_ template: RequestTemplate, _ scope: OperationScope) throws(ProviderError) -> String {
        var url = baseURL
        for part in template.path {
            switch part {
            case .text(let text): url += text
            case .segment(let expression):
                let value = try evaluate(.expression(expression), scope)
                guard let text = value.asText, !text.isEmpty, text != ".", text != ".." else {
                    throw ProviderError(
                        .invalid, "\(expression.range): \(expression.range.text) in a path is empty or no text")
                }
                url += URLText.escaped(text)
            }
        }
        var query: [(String, String)] = []
        for field in template.query {
            if let text = try text(field, scope) { query.append((field.name, text)) }
        }
        return url + URLText.query(query)
    }

    /// Nil where the value is null: the header or parameter is left out.
    private func text(_ field: RequestTemplate.Field, _ scope: OperationScope) throws(ProviderError) -> String? {
        let value = try evaluate(field.value, scope)
        if value.isNull { return nil }
        if let text = value.asText { return text }
        throw ProviderError(.invalid, "\(field.value.range): \(field.name) must be a string, a number or a bool")
    }

    private func secrets(_ type: TypeDescription, _ scope: OperationScope) -> [String] {
        var secrets = headers.map(\.1)
        if let key = variables["key"]?.asString { secrets.append(key) }
        for attribute in type.schema.attributes where attribute.isSensitive {
            secrets += scope.own[key: attribute.name]?.texts ?? []
            secrets += scope.prior?[key: attribute.name]?.texts ?? []
        }
        return secrets
    }

    // MARK: - Refusals

    private func refusal(_ response: HTTPResponse, to request: HTTPRequest, changes: Bool) -> ProviderError {
        let words = serverMessage(response).map { ": " + $0 } ?? ""
        let message = "\(request.summary): \(response.statusText)\(request.redaction.text(words))"
        // A server or gateway that fails may have acted before it failed.
        let isUnknown = changes && [500, 502, 504].contains(response.status)
        switch response.status {
        case 401, 403: return ProviderError(.unauthorized, message)
        case 404, 410: return ProviderError(.notFound, message)
        case 409, 412: return ProviderError(.conflict, message)
        case 408: return ProviderError(.timeout, message, isRetryable: true, isOutcomeUnknown: changes)
        case 423, 425, 429: return ProviderError(.rateLimited, message, isRetryable: true)
        case 400...499: return ProviderError(.invalid, message)
        case 500...599: return ProviderError(.unavailable, message, isRetryable: true, isOutcomeUnknown: isUnknown)
        default:
            let place = response.headers["Location"].map { " (to \(request.redaction.text($0)))" } ?? ""
            return ProviderError(.unexpected, message + place)
        }
    }

    /// The server's own sentence, in one line.
    private func serverMessage(_ response: HTTPResponse) -> String? {
        let scope = OperationScope(
            schema: Schema([]), variables: variables, own: .null, response: OperationScope.value(of: response))
        let told = api.errorMessage.flatMap { try? evaluate($0, scope) }?.asText
        let text = told ?? String(decoding: response.body.prefix(500), as: UTF8.self)
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.isEmpty || response.statusText.hasSuffix(line) || line.hasPrefix("<") ? nil : line
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
            }
        self.init(
            code, error.message, isRetryable: error.isTransient, isOutcomeUnknown: changes && error.isOutcomeUnknown)
    }
}

extension Value {
    /// Strings, numbers and bools as they stand in a URL or header.
    var asText: String? {
        switch kind {
        case .string(let text): text
        case .number(let number): number.description
        case .bool(let flag): flag ? "true" : "false"
        default: nil
        }
    }

    /// All strings in it, at any depth.
    var texts: [String] {
        switch kind {
        case .string(let text): [text]
        case .list(let elements, _): elements.flatMap(\.texts)
        case .map(let map, _): map.values.flatMap(\.texts)
        default: []
        }
    }

    /// What is not known yet is left to the server: null.
    var withoutUnknowns: Value {
        switch kind {
        case .unknown: .null
        case .list(let elements, let sequencing): Value(.list(elements.map(\.withoutUnknowns), sequencing))
        case .map(let map, let mapping): Value(.map(map.mapValues(\.withoutUnknowns), mapping))
        default: unmarked
        }
    }

    /// Entries of objects that are null are left out.
    var withoutNullEntries: Value {
        switch kind {
        case .list(let elements, let sequencing): Value(.list(elements.map(\.withoutNullEntries), sequencing))
        case .map(let map, let mapping):
            Value(.map(map.filter { !$0.value.isNull }.mapValues(\.withoutNullEntries), mapping))
        default: self
        }
    }
}
