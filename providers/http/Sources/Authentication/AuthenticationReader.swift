import Expressions
import PlumbModel

/// Reads `auth`, of an API file or of an instance's settings, and collects what is wrong with it.
struct AuthenticationReader {
    private static let kinds = ["header", "query", "bearer", "basic", "oauth2", "aws", "token"]

    /// What a value at one place means; nil where it is wrong, which has been reported then.
    private typealias ReadExpression = (inout SectionReader, SpecificationNode) -> ValueExpression?

    private var section: SectionReader
    private let expression: ReadExpression
    private let answerExpression: ReadExpression?

    /// Of an API file: values are expressions with `names`.
    static func read(
        _ node: SpecificationNode, _ names: NameCheck
    ) -> (template: AuthenticationTemplate?, problems: Diagnostics) {
        let answerNames = names.with(.response)
        var reader = AuthenticationReader(node, { $0.expression($1, names) }, { $0.expression($1, answerNames) })
        let template = reader.read()
        return (template, reader.section.problems)
    }

    /// Of an instance's settings, whose expressions the engine has evaluated. A token needs expressions of its own, which
    /// only an API file can have.
    static func read(_ value: Value, at range: SourceRange) -> (
        template: AuthenticationTemplate?, problems: Diagnostics
    ) {
        let node = SpecificationNode(value, at: range)
        var reader = AuthenticationReader(node, { .constant(Value($1), $1.range) }, nil)
        let template = reader.read()
        return (template, reader.section.problems)
    }

    private init(
        _ node: SpecificationNode, _ expression: @escaping ReadExpression, _ answerExpression: ReadExpression?
    ) {
        let kinds = AuthenticationReader.kinds.filter { $0 != "token" || answerExpression != nil }
        section = SectionReader(node, "auth", keys: kinds + ["value"])
        self.expression = expression
        self.answerExpression = answerExpression
    }

    private mutating func read() -> AuthenticationTemplate? {
        guard section.node.mapping != nil else { return nil }
        let given = section.entries.filter { AuthenticationReader.kinds.contains($0.key) }
        guard given.count == 1, let entry = given.first else {
            // Where a name is wrong, that has been said.
            if given.count > 1 || section.problems.all.isEmpty {
                section.report(
                    "Invalid auth",
                    "auth must say one of \(AuthenticationReader.kinds.joined(separator: ", ")), as in bearer: \"${var.key}\".",
                    at: section.node.range.firstLine)
            }
            return nil
        }
        if let value = section.entries.first(where: { $0.key == "value" }), entry.key != "header", entry.key != "query"
        {
            section.report("Unknown key", "auth by \(entry.key) has no value of its own.", at: value.keyRange)
        }
        switch entry.key {
        case "header": return value(section.requiredText("header")).map { .header(name: $0.name, value: $0.value) }
        case "query": return value(section.requiredText("query")).map { .query(name: $0.name, value: $0.value) }
        case "bearer": return expression(&section, entry.value).map { .bearer($0) }
        case "basic": return readBasic(entry.value)
        case "oauth2": return readOAuth2(entry.value)
        case "aws": return readAWS(entry.value)
        default: return readToken(entry.value)
        }
    }

    private mutating func value(_ name: String) -> (name: String, value: ValueExpression)? {
        required("value", of: "", in: &section).map { (name, $0) }
    }

    private mutating func readBasic(_ node: SpecificationNode) -> AuthenticationTemplate? {
        within(node, "basic", keys: ["user", "password"]) { basic, this in
            let user = this.required("user", of: " by basic", in: &basic)
            let password = this.required("password", of: " by basic", in: &basic)
            guard let user, let password else { return nil }
            return .basic(user: user, password: password)
        }
    }

    private mutating func readOAuth2(_ node: SpecificationNode) -> AuthenticationTemplate? {
        let keys = ["token_url", "client_id", "client_secret", "scopes", "audience", "parameters", "client_auth"]
        return within(node, "oauth2", keys: keys) { oauth2, this in
            let url = this.required("token_url", of: " by oauth2", in: &oauth2)
            let client = this.required("client_id", of: " by oauth2", in: &oauth2)
            let secret = this.required("client_secret", of: " by oauth2", in: &oauth2)
            let way = oauth2.text("client_auth") ?? "basic"
            if !["basic", "post"].contains(way) {
                oauth2.report(
                    "Invalid value",
                    "auth by oauth2: client_auth is basic (the client's secret goes in a header) or post (in the form), not "
                        + "\"\(way)\".\(Suggestion.didYouMean(way, among: ["basic", "post"]))",
                    at: oauth2.node["client_auth"]?.range ?? node.range)
            }
            let scopes = this.optional("scopes", in: &oauth2)
            let audience = this.optional("audience", in: &oauth2)
            let parameters = this.optional("parameters", in: &oauth2)
            guard let url, let client, let secret else { return nil }
            return .oauth2(
                .init(
                    tokenURL: url, clientID: client, clientSecret: secret, scopes: scopes, audience: audience,
                    parameters: parameters, isInForm: way == "post"))
        }
    }

    private mutating func readAWS(_ node: SpecificationNode) -> AuthenticationTemplate? {
        let keys = ["service", "region", "access_key_id", "secret_access_key", "session_token", "profile"]
        return within(node, "aws", keys: keys) { aws, this in
            let service = this.required("service", of: " by aws", in: &aws)
            let rest = keys.dropFirst().map { this.optional($0, in: &aws) }
            if (rest[1] == nil) != (rest[2] == nil) {
                aws.report(
                    "Missing key", "auth by aws: access_key_id and secret_access_key go together: give both or none.",
                    at: node.range.firstLine)
            }
            return service.map {
                .aws(
                    .init(
                        service: $0, region: rest[0], accessKey: rest[1], secretKey: rest[2], sessionToken: rest[3],
                        profile: rest[4], range: node.range.firstLine))
            }
        }
    }

    private mutating func readToken(_ node: SpecificationNode) -> AuthenticationTemplate? {
        within(node, "token", keys: ["request", "value", "expires", "header", "prefix"]) { token, this in
            let request = this.readRequest(&token)
            let value = this.required("value", of: " by token", in: &token, this.answerExpression)
            let expires = this.optional("expires", in: &token, this.answerExpression)
            let header = token.text("header") ?? "Authorization"
            let prefix = token.text("prefix") ?? (header == "Authorization" ? "Bearer " : "")
            guard let request, let value else { return nil }
            return .token(
                .init(
                    method: request.method, url: request.url, headers: request.headers, body: request.body,
                    form: request.form, value: value, expires: expires, header: header, prefix: prefix))
        }
    }

    private typealias Request = (
        method: String, url: ValueExpression, headers: ValueExpression?, body: ValueExpression?, form: ValueExpression?
    )

    private func readRequest(_ token: inout SectionReader) -> Request? {
        guard let node = token.node["request"] else {
            token.report(
                "Missing key",
                "auth by token must have \"request\": what is asked for it, as in request: {post: /login}.",
                at: token.node.range.firstLine)
            return nil
        }
        let methods = ["get", "post", "put"]
        var request = SectionReader(node, "auth by token: its request", keys: methods + ["headers", "body", "form"])
        defer { token.adopt(request.problems) }
        let lines = request.entries.filter { methods.contains($0.key) }
        guard lines.count == 1, let line = lines.first else {
            request.report(
                "Invalid request",
                "auth by token: its request must have one method with its path or URL, as in post: /login.",
                at: node.range.firstLine)
            return nil
        }
        if request.node["body"] != nil, let form = request.node["form"] {
            request.report(
                "Invalid request", "auth by token: its request has a body or a form, not both.", at: form.range)
        }
        let headers = optional("headers", in: &request)
        let body = optional("body", in: &request)
        let form = optional("form", in: &request)
        return expression(&request, line.value).map { (line.key.uppercased(), $0, headers, body, form) }
    }

    // MARK: - Parts

    private mutating func within(
        _ node: SpecificationNode, _ kind: String, keys: [String],
        _ read: (inout SectionReader, AuthenticationReader) -> AuthenticationTemplate?
    ) -> AuthenticationTemplate? {
        var inner = SectionReader(node, "auth by \(kind)", keys: keys)
        let this = self
        let template = node.mapping == nil ? nil : read(&inner, this)
        section.adopt(inner.problems)
        return template
    }

    private func required(
        _ key: String, of what: String, in section: inout SectionReader, _ read: ReadExpression? = nil
    ) -> ValueExpression? {
        if section.node[key] == nil {
            section.report("Missing key", "auth\(what) must have \"\(key)\".", at: section.node.range.firstLine)
        }
        return optional(key, in: &section, read)
    }

    private func optional(
        _ key: String, in section: inout SectionReader, _ read: ReadExpression? = nil
    ) -> ValueExpression? {
        section.node[key].flatMap { (read ?? expression)(&section, $0) }
    }
}

extension SpecificationNode {
    /// A value as if it stood in a file; within it, entries that are null are left out.
    fileprivate init(_ value: Value, at range: SourceRange, isOutermost: Bool = true) {
        switch value.kind {
        case .map(let map, _):
            let entries = map.filter { isOutermost || !$0.value.isNull }.map {
                Entry(
                    key: $0.key, keyRange: range,
                    value: SpecificationNode($0.value, at: range, isOutermost: false))
            }
            self.init(.mapping(entries), at: range)
        case .list(let elements, _):
            let nodes = elements.map { SpecificationNode($0, at: range, isOutermost: false) }
            self.init(.sequence(nodes), at: range)
        default:
            self.init(
                .scalar(Scalar(text: value.asText ?? "", style: .doubleQuoted, value: value)), at: range)
        }
    }
}

extension Value {
    /// What a node says, its texts taken as they are.
    fileprivate init(_ node: SpecificationNode) {
        switch node.content {
        case .scalar(let scalar): self = scalar.value
        case .sequence(let nodes): self = .tuple(nodes.map { Value($0) })
        case .mapping(let entries): self = .object(ValueMap(entries.map { ($0.key, Value($0.value)) }))
        }
    }
}
