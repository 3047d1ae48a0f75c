import HTTPTransport
import PlumbModel
import ProviderAPI
import Testing

@testable import HTTPProvider

@Suite(.timeLimit(.minutes(10))) struct AuthenticationTests {
    private static let oauth2 = """
        auth:
          oauth2:
            token_url: /oauth/token
            client_id: the client
            client_secret: ${var.key}
            scopes: [things.read, things.write]
            audience: things
            parameters: {resource: "https://things", nothing: null}
        """

    private static let login = """
        auth:
          token:
            request: {post: /v3/auth/tokens, body: {user: "${var.user}", password: "${var.key}"}}
            value: ${response.headers["x-subject-token"]}
            expires: ${response.body.token.expires_at}
            header: X-Auth-Token
        """

    private func make(_ count: Int, with instance: any ProviderInstance) async throws {
        let type = try instance.type("test_thing")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<count {
                group.addTask { _ = try await type.apply([("name", .string("thing-\(index)")), ("note", "x")]) }
            }
            try await group.waitForAll()
        }
    }

    @Test(arguments: ["basic", "post"])
    func clientCredentialsAreExchangedForOneToken(_ way: String) async throws {
        let server = try await TokenServer()
        let auth = Self.oauth2 + (way == "basic" ? "" : "\n    client_auth: post")
        try await make(12, with: server.instance(auth: auth))
        let given = try await server.given()
        #expect(given.tokens == 1)
        #expect(given.form[key: "grant_type"] == "client_credentials")
        #expect(given.form[key: "scope"] == "things.read things.write")
        #expect(given.form[key: "audience"] == "things")
        #expect(given.form[key: "resource"] == "https://things")
        #expect(given.form[key: "nothing"] == nil)
        #expect((given.form[key: "client_secret"] == nil) == (way == "basic"))
    }

    @Test(arguments: [oauth2, login])
    func aRevokedTokenIsReplaced(_ auth: String) async throws {
        let server = try await TokenServer()
        let instance = try server.instance(auth: auth, key: auth == Self.login ? "pw-0f-bob" : "s3cr3t/+ &")
        try await make(3, with: instance)
        try await server.revoke()
        try await make(8, with: instance)
        #expect(try await (2...3).contains(server.given().tokens))
    }

    @Test(arguments: [oauth2, login])
    func aTokenIsReplacedBeforeItEnds(_ auth: String) async throws {
        let server = try await TokenServer(lifetime: 2)
        let instance = try server.instance(auth: auth, key: auth == Self.login ? "pw-0f-bob" : "s3cr3t/+ &")
        try await make(3, with: instance)
        try await Task.sleep(for: .seconds(2))
        try await make(3, with: instance)
        #expect(try await server.given().tokens >= 2)
    }

    @Test(arguments: [oauth2, login])
    func whoIsNotBelievedIsToldWithoutTheSecret(_ auth: String) async throws {
        let server = try await TokenServer()
        let instance = try server.instance(auth: auth, key: "wr0ng-secret")
        let error = await #expect(throws: ProviderError.self) { try await make(1, with: instance) }
        #expect(error?.code == .unauthorized)
        #expect(error?.isOutcomeUnknown == false)
        let message = error?.message ?? ""
        #expect(message.contains(auth == Self.login ? "/v3/auth/tokens: no token: 401" : "/oauth/token: no token: 401"))
        #expect(
            message.contains(
                auth == Self.login ? "requires authentication" : "nobody knows the client with (sensitive)"))
        #expect(!message.contains("wr0ng"))
    }

    @Test func anAnswerWithoutTheTokenSaysWhere() async throws {
        let server = try await TokenServer()
        let auth = Self.login.replacing("x-subject-token", with: "x-other")
        let error = await #expect(throws: ProviderError.self) {
            try await make(1, with: server.instance(auth: auth, key: "pw-0f-bob"))
        }
        #expect(error?.code == .unauthorized)
        #expect(error?.message.contains("my.yaml:6:14") == true, "\(error?.message ?? "")")
    }

    @Test func theInstanceMaySayItInstead() async throws {
        let server = try await TokenServer()
        let settings: Value = [
            "oauth2": [
                "token_url": "/oauth/token", "client_id": "the client", "client_secret": "s3cr3t/+ &", "scopes": "a b",
                "audience": .null,
            ]
        ]
        try await make(2, with: server.instance(auth: "auth: {bearer: wrong}", [("auth", settings)]))
        #expect(try await server.given().form[key: "scope"] == "a b")
        // Texts of settings are texts, whatever they look like.
        let literal = try await sent([("auth", ["header": "X-Key", "value": "${var.key}"])])
        #expect(literal[key: "X-Key"] == "${var.key}")
    }

    @Test func everyKindIsSent() async throws {
        #expect(try await sent([("auth", ["bearer": "t0ken"])])[key: "Authorization"] == "Bearer t0ken")
        let basic = try await sent([("auth", ["basic": ["user": "Aladdin", "password": "open sesame"]])])
        #expect(basic[key: "Authorization"] == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        let aws = try await sent([
            ("auth", ["aws": ["service": "sqs", "region": "eu", "access_key_id": "AK", "secret_access_key": "sk"]])
        ])
        let authorization = aws[key: "Authorization"]?.asString ?? ""
        #expect(authorization.hasPrefix("AWS4-HMAC-SHA256 Credential=AK/"))
        #expect(authorization.contains("/eu/sqs/aws4_request, SignedHeaders=accept;content-type;host;x-amz-date, "))
        #expect(aws[key: "X-Amz-Date"]?.asString?.utf8.count == 16)
        #expect(try await target([("auth", ["query": "api_key", "value": "a&b"])]) == "/things?api_key=a%26b")
        // What is null is not sent.
        #expect(try await sent([("auth", ["bearer": .null])])[key: "Authorization"] == nil)
    }

    @Test func credentialsThatAreNotKnownYetAreNotGuessed() async throws {
        let server = try await TokenServer()
        let instance = try server.instance(auth: "auth: {bearer: \"${var.key}\"}", [("key", .unknown())])
        let error = await #expect(throws: ProviderError.self) { try await make(1, with: instance) }
        #expect(error?.code == .unauthorized)
        #expect(error?.message.contains("the credentials are not known yet") == true)
    }

    // MARK: - What is wrong

    struct Wrong: Sendable, CustomTestStringConvertible {
        let auth: String
        let place: String
        let text: String
        var testDescription: String { auth }
    }

    @Test(arguments: [
        Wrong(auth: "auth: {berer: x}", place: "3:8", text: "Auth has no key \"berer\". Did you mean \"bearer\"?"),
        Wrong(auth: "auth: {}", place: "3:7", text: "Auth must say one of header, query, bearer"),
        Wrong(auth: "auth: {bearer: a, basic: {user: a, password: b}}", place: "3:7", text: "Auth must say one of"),
        Wrong(auth: "auth: {header: X}", place: "3:7", text: "Auth must have \"value\""),
        Wrong(auth: "auth: {bearer: x, value: y}", place: "3:19", text: "Auth by bearer has no value"),
        Wrong(auth: "auth: {basic: {user: x}}", place: "3:15", text: "Auth by basic must have \"password\""),
        Wrong(auth: "auth: {bearer: \"${var.kye}\"}", place: "3:19", text: "Did you mean \"key\"?"),
        Wrong(auth: "auth: {bearer: \"${response.body}\"}", place: "3:19", text: "\"response\" means nothing here"),
        Wrong(
            auth: "auth: {oauth2: {token_url: x, client_id: a, client_secret: b, client_auth: pots}}", place: "3:76",
            text: "Did you mean \"post\"?"),
        Wrong(
            auth: "auth: {oauth2: {token_url: x, client_id: a, secret: b}}", place: "3:45", text: "no key \"secret\""),
        Wrong(auth: "auth: {aws: {region: eu}}", place: "3:13", text: "Auth by aws must have \"service\""),
        Wrong(auth: "auth: {aws: {service: s3, access_key_id: a}}", place: "3:13", text: "go together"),
        Wrong(auth: "auth: {token: {value: x}}", place: "3:15", text: "Auth by token must have \"request\""),
        Wrong(
            auth: "auth: {token: {request: {post: /x, body: {}, form: {}}, value: x}}", place: "3:52",
            text: "has a body or a form, not both"),
        Wrong(auth: "auth: {token: {request: {patch: /x}, value: x}}", place: "3:26", text: "no key \"patch\""),
        Wrong(auth: "auth: bearer", place: "3:7", text: "Auth must be a mapping, not a string"),
        // What only its value tells to be wrong.
        Wrong(
            auth: "auth: {oauth2: {token_url: oauth, client_id: a, client_secret: b}}", place: "3:28",
            text: "must begin with https://"),
        Wrong(
            auth: "auth: {oauth2: {token_url: /x, client_id: \"\", client_secret: b}}", place: "3:43",
            text: "client_id of oauth2 is empty"),
        Wrong(auth: "auth: {bearer: [a]}", place: "3:16", text: "must be a string"),
    ])
    func whatIsWrongIsToldAtItsPlace(_ wrong: Wrong) throws {
        let problems = #expect(throws: Diagnostics.self) {
            try makeInstance(
                api: "./my.yaml", url: "http://localhost", key: "the-s3cret",
                files: ["my.yaml": TokenServer.file(auth: wrong.auth)])
        }
        let told = (problems?.all ?? []).map { "\($0.source?.description ?? "") \($0.detail)" }
        #expect(told.contains { $0.hasPrefix("my.yaml:\(wrong.place)") && $0.contains(wrong.text) }, "\(told)")
        #expect(!told.contains { $0.contains("the-s3cret") })
    }

    struct WrongSetting: Sendable {
        let key: String
        let value: Value
        let text: String
    }

    @Test(arguments: [
        WrongSetting(key: "auth", value: ["berer": "the-s3cret"], text: "Did you mean \"bearer\"?"),
        WrongSetting(key: "auth", value: ["token": ["value": "x"]], text: "Auth has no key \"token\""),
        WrongSetting(key: "auth", value: "the-s3cret", text: "Auth must be a mapping, not a string"),
        WrongSetting(key: "auth", value: ["bearer": ["the-s3cret": 1]], text: "must be a string"),
        WrongSetting(key: "proxy", value: "the-s3cret:3128", text: "`proxy` must begin with http://"),
        WrongSetting(key: "no_proxy", value: ["a"], text: "`no_proxy` goes with `proxy`"),
        WrongSetting(key: "client_key", value: "the-s3cret.key", text: "`client_key` goes with `client_certificate`"),
        WrongSetting(key: "server_name", value: "a:443", text: "must be a host name without a port"),
    ])
    func aWrongSettingIsTold(_ setting: WrongSetting) {
        let problems = #expect(throws: Diagnostics.self) {
            try HTTPProvider().configure(configuration([("api", "powerdns"), (setting.key, setting.value)]))
        }
        let details = (problems?.all ?? []).map(\.detail)
        #expect(details.contains { $0.contains(setting.text) }, "\(details)")
        #expect(!details.contains { $0.contains("the-s3cret") })
    }

    // MARK: - What a server sees

    /// The headers of a creation.
    private func sent(_ settings: [(String, Value)]) async throws -> Value {
        try await echo(settings)[key: "headers"] ?? .null
    }

    private func target(_ settings: [(String, Value)]) async throws -> String? {
        try await echo(settings)[key: "target"]?.asString
    }

    private func echo(_ settings: [(String, Value)]) async throws -> Value {
        let server = try await FaultyProxy(upstream: nil)
        let file = TokenServer.file(auth: "auth: {bearer: x}").replacing(
            "create: {post: /things, ",
            with: "create: {post: /things, live: \"${ {name = self.name, note = jsonencode(response.body)} }\", ")
        let instance = try makeInstance(
            api: "./my.yaml", url: server.url, key: "the-key", settings, files: ["my.yaml": file])
        let state = try await instance.type("test_thing").apply([("name", "a"), ("note", "")])
        return try Value(json: Array((state.values[key: "note"]?.asString ?? "").utf8))
    }
}
