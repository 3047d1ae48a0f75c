import Crypto
import FoundationEssentials
import HTTPTransport
import PlumbModel
import ProviderAPI

/// Makes requests of templates.
extension APIConnection {
    func request(
        _ template: RequestTemplate, _ shape: TypeShape, _ scope: OperationScope, _ additions: Additions = Additions()
    ) throws(ProviderError) -> HTTPRequest {
        var request = HTTPRequest(
            template.method, try url(template, scope, additions),
            isIdempotent: template.isIdempotent ?? (template.idempotencyHeader == nil ? nil : true),
            timeout: template.timeout ?? timeout, secrets: secrets(shape, scope),
            hidesResponseBody: shape.hidesResponses)
        request.headers["Accept"] = "application/json, application/xml;q=0.9, */*;q=0.8"
        if let body = template.body {
            let content = try RequestContent(body, scope, self, parametersOfBody(template, additions))
            request.headers["Content-Type"] = content.type
            request.body = content.bytes
            if let header = template.checksumHeader {
                request.headers[header] = Data(SHA256.hash(data: content.bytes)).base64EncodedString()
            }
        }
        for field in api.headers + template.headers {
            request.headers[field.name] = try text(field, scope)
        }
        if let header = template.idempotencyHeader { request.headers[header] = scope.intent }
        for (name, value) in additions.headers where request.headers[name] == nil { request.headers[name] = value }
        for (name, value) in headers { request.headers[name] = value }
        request.authenticator = authenticator
        return request
    }

    /// What tells requests for the same thing: method, place, and what is asked in the body.
    func identity(
        _ template: RequestTemplate, _ scope: OperationScope
    ) throws(ProviderError) -> String {
        let place = "\(template.method) \(try url(template, scope, Additions()))"
        guard let body = template.body else { return place }
        return place + " " + String(decoding: try RequestContent(body, scope, self, []).bytes, as: UTF8.self)
    }

    /// Parameters of pages go where the template's own are.
    private func parametersOfBody(_ template: RequestTemplate, _ additions: Additions) -> [(String, Value)] {
        isAskedByBody(template) ? additions.parameters : []
    }

    private func isAskedByBody(_ template: RequestTemplate) -> Bool {
        guard template.method == "POST" else { return false }
        switch template.body {
        case .json, .form: return true
        default: return false
        }
    }

    // MARK: - Places

    private func url(
        _ template: RequestTemplate, _ scope: OperationScope, _ additions: Additions
    ) throws(ProviderError) -> String {
        if let url = additions.url { return url }
        var url: String
        switch template.target {
        case .address(let expression):
            let value = try evaluate(.expression(expression), scope)
            url = try address(value.asString ?? "", at: expression.range)
        case .path(let parts): url = try path(parts, scope)
        }
        var query: [(String, String)] = []
        if let mapping = template.query {
            for (name, value) in try entries(of: mapping, scope) {
                query += try texts(value, name, at: mapping.range).map { (name, $0) }
            }
        }
        if !isAskedByBody(template) {
            for (name, value) in additions.parameters {
                query.removeAll { $0.0 == name }
                query.append((name, value.asText ?? ""))
            }
        }
        guard !query.isEmpty else { return url }
        let text = URLText.query(query)
        return url.contains("?") ? url + "&" + text.dropFirst() : url + text
    }

    private func path(_ parts: [RequestTemplate.PathPart], _ scope: OperationScope) throws(ProviderError) -> String {
        var url = baseURL
        for part in parts {
            switch part {
            case .text(let text): url += text
            case .segment(let expression):
                let value = try evaluate(.expression(expression), scope)
                let segments = (value.asList ?? [value]).map { $0.asText ?? "" }
                // What is empty or leads elsewhere would name another resource.
                guard !segments.isEmpty, segments.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
                    throw ProviderError(
                        .invalid, "\(expression.range): \(expression.range.text) in a path is empty or no text")
                }
                url += segments.map(URLText.escaped).joined(separator: "/")
            }
        }
        return url
    }

    /// A place that the server has named: whole, or from the root. Credentials go to no other server.
    func address(_ text: String, at range: SourceRange) throws(ProviderError) -> String {
        let origin = APIConnection.origin(baseURL)
        if text.hasPrefix("/"), !text.hasPrefix("//") { return origin + text }
        guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
            throw ProviderError(
                .unexpected, "\(range): the server gave no address to go on with, but \"\(text.prefix(200))\"")
        }
        guard APIConnection.origin(text).lowercased() == origin.lowercased() else {
            throw ProviderError(
                .unexpected,
                "\(range): the server names an address of another server, \(APIConnection.origin(text)); credentials are "
                    + "sent to \(origin) alone. If both are the same, set base_url to what the server calls itself.")
        }
        return text
    }

    /// `https://host:port`
    private static func origin(_ url: String) -> String {
        guard let scheme = url.utf8.firstRange(of: "://".utf8) else { return "" }
        return String(url[..<scheme.upperBound]) + url[scheme.upperBound...].prefix { !"/?#".contains($0) }
    }

    // MARK: - Values

    /// The entries of an expression that gives a mapping, in the order of writing; null ones left out.
    func entries(of mapping: ValueExpression, _ scope: OperationScope) throws(ProviderError) -> [(String, Value)] {
        if case .object(let entries, _) = mapping {
            var result: [(String, Value)] = []
            for entry in entries {
                let value = try evaluate(entry.value, scope)
                if !value.isNull { result.append((entry.key, value)) }
            }
            return result
        }
        let value = try evaluate(mapping, scope)
        guard let map = value.asMap else {
            if value.isNull { return [] }
            throw ProviderError(.invalid, "\(mapping.range): \(mapping.range.text.prefix(60)) must give a mapping")
        }
        return map.filter { !$0.value.isNull }.map { ($0.key, $0.value) }
    }

    /// The texts of a scalar, or of a list of them.
    func texts(_ value: Value, _ name: String, at range: SourceRange) throws(ProviderError) -> [String] {
        if let text = value.asText { return [text] }
        let texts = value.asList?.map(\.asText)
        guard let texts, !texts.contains(nil) else {
            throw ProviderError(
                .invalid, "\(range): \(name) must be a string, a number or a bool, or a list of them")
        }
        return texts.compactMap(\.self)
    }

    /// Nil where the value is null: the header is left out.
    private func text(_ field: RequestTemplate.Field, _ scope: OperationScope) throws(ProviderError) -> String? {
        let value = try evaluate(field.value, scope)
        if value.isNull { return nil }
        if let text = value.asText { return text }
        throw ProviderError(.invalid, "\(field.value.range): \(field.name) must be a string, a number or a bool")
    }

    /// What keeps secrets of an instance and of a resource out of texts for people.
    func redaction(_ shape: TypeShape, _ scope: OperationScope) -> Redaction {
        Redaction(secrets: secrets(shape, scope))
    }

    private func secrets(_ shape: TypeShape, _ scope: OperationScope) -> [String] {
        var secrets = headers.map(\.1)
        if let key = variables["key"]?.asString { secrets.append(key) }
        for attribute in shape.schema.attributes where attribute.isSensitive {
            secrets += scope.own[key: attribute.name]?.texts ?? []
            secrets += scope.prior?[key: attribute.name]?.texts ?? []
        }
        return secrets
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
