import Expressions
import HTTPTransport
import PlumbModel

/// Makes of a template what signs an instance's requests: evaluates what is known when the instance is configured.
struct AuthenticatorMaker {
    let client: HTTPClient
    let baseURL: String
    /// The API file's variables, and `key`.
    let variables: ValueMap
    let timeout: Duration
    let environment: AWSEnvironment

    /// Nil where the template's credential is null: requests are sent without one then.
    func make(_ template: AuthenticationTemplate) throws(Diagnostics) -> (any RequestAuthenticator)? {
        var evaluation = TemplateEvaluation(variables: variables)
        let authenticator = try make(template, &evaluation)
        return evaluation.isUnknown ? UnknownAuthenticator() : authenticator
    }

    private func make(
        _ template: AuthenticationTemplate, _ evaluation: inout TemplateEvaluation
    ) throws(Diagnostics) -> (any RequestAuthenticator)? {
        switch template {
        case .header(let name, let expression):
            return try evaluation.text(expression).map { HeaderAuthenticator(name: name, value: $0) }
        case .query(let name, let expression):
            return try evaluation.text(expression).map { QueryAuthenticator(name: name, value: $0) }
        case .bearer(let expression):
            return try evaluation.text(expression).map { HeaderAuthenticator.bearer($0) }
        case .basic(let user, let password):
            let user = try evaluation.text(user)
            let password = try evaluation.text(password)
            if user == nil, password == nil { return nil }
            return HeaderAuthenticator.basic(user: user ?? "", password: password ?? "")
        case .oauth2(let oauth2): return try make(oauth2, &evaluation)
        case .aws(let aws): return try make(aws, &evaluation)
        case .token(let token): return try make(token, &evaluation)
        }
    }

    private func make(
        _ oauth2: AuthenticationTemplate.OAuth2, _ evaluation: inout TemplateEvaluation
    ) throws(Diagnostics) -> any RequestAuthenticator {
        var parameters: [(String, String)] = []
        let scopes = try evaluation.texts(oauth2.scopes)
        if !scopes.isEmpty { parameters.append(("scope", scopes.joined(separator: " "))) }
        if let audience = try oauth2.audience.flatMap({ (part) throws(Diagnostics) in try evaluation.text(part) }) {
            parameters.append(("audience", audience))
        }
        parameters += try evaluation.pairs(oauth2.parameters)
        let grant = ClientCredentialsGrant(
            client: client, url: try url(oauth2.tokenURL, &evaluation),
            clientID: try evaluation.requiredText(oauth2.clientID, "client_id of oauth2"),
            clientSecret: try evaluation.requiredText(oauth2.clientSecret, "client_secret of oauth2"),
            parameters: parameters, isInForm: oauth2.isInForm, timeout: timeout)
        return TokenAuthenticator { () async throws(HTTPError) in try await grant.token() }
    }

    private func make(
        _ aws: AuthenticationTemplate.AWS, _ evaluation: inout TemplateEvaluation
    ) throws(Diagnostics) -> any RequestAuthenticator {
        func text(_ part: ValueExpression?) throws(Diagnostics) -> String? {
            guard let part else { return nil }
            return try evaluation.text(part)
        }
        let service = try evaluation.requiredText(aws.service, "service of aws")
        guard let region = try text(aws.region) ?? environment.region else {
            throw Diagnostics(
                .error(
                    "Missing region",
                    "aws has no region: give `region`, or set AWS_REGION. Services without regions take us-east-1.",
                    at: aws.range))
        }
        let key = try text(aws.accessKey)
        let secret = try text(aws.secretKey)
        let source: AWSCredentialSource
        if let key, let secret {
            source = .fixed(AWSCredentials(accessKey: key, secretKey: secret, sessionToken: try text(aws.sessionToken)))
        } else {
            source = .environment(environment, profile: try text(aws.profile))
        }
        return AWSAuthenticator(service: service, region: region, source: source)
    }

    private func make(
        _ token: AuthenticationTemplate.Token, _ evaluation: inout TemplateEvaluation
    ) throws(Diagnostics) -> any RequestAuthenticator {
        var request = HTTPRequest(
            token.method, try url(token.url, &evaluation), isIdempotent: true, timeout: timeout,
            hidesResponseBody: true)
        request.headers["Accept"] = "application/json"
        if let form = token.form {
            request.headers["Content-Type"] = "application/x-www-form-urlencoded"
            request.body = FormText.bytes(try evaluation.pairs(form))
        } else if let body = token.body {
            request.headers["Content-Type"] = "application/json"
            request.body = Array(try evaluation.value(body).withoutNullEntries.json.utf8)
        }
        for (name, value) in try evaluation.pairs(token.headers) { request.headers[name] = value }
        // Whatever stands in it may be what the token is given for.
        request.secrets = try evaluation.allTexts([token.headers, token.body, token.form])
        let grant = DescribedGrant(client: client, request: request, token: token, variables: variables)
        return TokenAuthenticator(header: token.header, prefix: token.prefix) { () async throws(HTTPError) in
            try await grant.token()
        }
    }

    /// Absolute, or after the instance's own place.
    private func url(
        _ expression: ValueExpression, _ evaluation: inout TemplateEvaluation
    ) throws(Diagnostics) -> String {
        let text = try evaluation.requiredText(expression, "the place of the token")
        if text.hasPrefix("http://") || text.hasPrefix("https://") { return text }
        if text.hasPrefix("/") || evaluation.isUnknown { return baseURL + text }
        throw Diagnostics(
            .error(
                "Invalid URL",
                "The place that a token comes from must begin with https://, or with \"/\" after the instance's base_url.",
                at: expression.range))
    }
}

/// Evaluates a template's parts, and notes whether any of them is not known yet.
struct TemplateEvaluation {
    let variables: ValueMap
    private(set) var isUnknown = false

    init(variables: ValueMap) {
        self.variables = variables
    }

    mutating func value(_ expression: ValueExpression) throws(Diagnostics) -> Value {
        let value = try Evaluator(scope: CredentialScope(variables: variables)).evaluate(expression).deeplyUnmarked
        guard value.isWhollyKnown else {
            isUnknown = true
            return .null
        }
        return value
    }

    /// Nil where it is null.
    mutating func text(_ expression: ValueExpression) throws(Diagnostics) -> String? {
        let value = try value(expression)
        if value.isNull { return nil }
        if let text = value.asText { return text }
        throw Diagnostics(
            .error("Wrong kind of value", "This part of auth must be a string.", at: expression.range))
    }

    /// Empty while it is unknown.
    mutating func requiredText(_ expression: ValueExpression, _ what: String) throws(Diagnostics) -> String {
        if let text = try text(expression), !text.isEmpty { return text }
        if isUnknown { return "" }
        throw Diagnostics(
            .error(
                "Missing credential",
                "The value of \(what) is empty: give what it is made of in the instance's settings.",
                at: expression.range))
    }

    mutating func texts(_ expression: ValueExpression?) throws(Diagnostics) -> [String] {
        guard let expression else { return [] }
        let value = try value(expression)
        if let text = value.asText { return [text] }
        let texts = (value.asList ?? []).map(\.asText)
        guard !texts.contains(nil), value.isNull || value.asList != nil else {
            throw Diagnostics(
                .error("Wrong kind of value", "This part of auth must be a list of strings.", at: expression.range))
        }
        return texts.compactMap(\.self)
    }

    /// The entries of a mapping of texts; those that are null are left out.
    mutating func pairs(_ expression: ValueExpression?) throws(Diagnostics) -> [(String, String)] {
        guard let expression else { return [] }
        let value = try value(expression)
        if value.isNull { return [] }
        let entries = (value.asMap ?? ValueMap()).filter { !$0.value.isNull }.map { ($0.key, $0.value.asText) }
        guard value.asMap != nil, !entries.contains(where: { $0.1 == nil }) else {
            throw Diagnostics(
                .error("Wrong kind of value", "This part of auth must be a mapping of strings.", at: expression.range))
        }
        return entries.map { ($0.0, $0.1 ?? "") }
    }

    mutating func allTexts(_ expressions: [ValueExpression?]) throws(Diagnostics) -> [String] {
        var texts: [String] = []
        for expression in expressions.compactMap(\.self) { texts += try value(expression).texts }
        return texts
    }
}

/// What the expressions of `auth` see: the instance's variables, and the answer to a request for a token.
struct CredentialScope: EvaluationScope {
    let variables: ValueMap
    var response: Value = .null

    var files: (any SpecificationSource)? { nil }

    func value(of reference: Reference, at range: SourceRange) throws(Diagnostics) -> Value {
        switch reference {
        case .variable(let name): return variables[name] ?? .null
        case .resource(let address) where address.type == "response": return response[key: address.name] ?? .null
        default: preconditionFailure("The reader lets only names through that are known here.")
        }
    }

    func value(
        of resource: ResourceAddress, instance key: InstanceKey, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        let whole = try value(of: .resource(resource), at: range)
        let element: Value? =
            switch key {
            case .name(let name): whole[key: name]
            case .index(let index): (whole.asList ?? []).indices.contains(index) ? whole.asList?[index] : nil
            }
        if let element { return element }
        throw Diagnostics(.error("Missing element", "There is no element \(key) in \(resource).", at: range))
    }
}

/// Stands for credentials that come from a resource which does not exist yet.
struct UnknownAuthenticator: RequestAuthenticator {
    func sign(_ request: inout HTTPRequest) throws(HTTPError) {
        throw HTTPError(
            .unauthorized,
            "\(request.summary): the credentials are not known yet, because they come from a resource that does not exist"
        )
    }
}
