import HTTPTransport
import PlumbModel
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct AuthenticatorTests {
    private let server: FaultyServer
    private let client = HTTPClient(.init(retry: RetryPolicy(attempts: 3, firstPause: .milliseconds(10))))

    init() async throws { server = try await FaultyServer() }

    /// Tokens with numbers: `token-1`, `token-2`.
    private final class Mint: Sendable {
        private let count = Mutex(0)
        let lifetime: Duration?
        var made: Int { count.withLock { $0 } }

        init(lifetime: Duration? = nil) {
            self.lifetime = lifetime
        }

        var authenticator: TokenAuthenticator {
            TokenAuthenticator { () async throws(HTTPError) in
                try? await Task.sleep(for: .milliseconds(100))
                let number = self.count.withLock { count in
                    count += 1
                    return count
                }
                return AccessToken("token-\(number)", lifetime: self.lifetime)
            }
        }
    }

    private func authorization(_ response: HTTPResponse) throws -> Value? {
        try response.echo[key: "headers"]?[key: "Authorization"]
    }

    @Test func staticProofsAreSent() async throws {
        let basic = HTTPRequest(
            "GET", server.url + "/x", authenticator: HeaderAuthenticator.basic(user: "Aladdin", password: "open sesame")
        )
        #expect(try authorization(await client.send(basic)) == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        let query = HTTPRequest(
            "GET", server.url + "/x?a=1#end", authenticator: QueryAuthenticator(name: "api key", value: "a&b"))
        #expect(try await client.send(query).echo[key: "target"] == "/x?a=1&api%20key=a%26b")
    }

    @Test func aTokenIsFetchedOnceForAll() async throws {
        let mint = Mint()
        let authenticator = mint.authenticator
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    let answer = try await client.send(
                        HTTPRequest("GET", server.url + "/x", authenticator: authenticator))
                    #expect(try authorization(answer) == "Bearer token-1")
                }
            }
            try await group.waitForAll()
        }
        #expect(mint.made == 1)
    }

    @Test func aRefusedTokenIsReplacedOnceForAll() async throws {
        let mint = Mint()
        let authenticator = mint.authenticator
        // The first token, whoever comes with it and however late.
        try await server.order(
            #"[{"on": "POST /x Authorization: Bearer token-1", "do": "status", "status": 401, "times": 99}]"#,
            of: client)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let answer = try await client.send(
                        HTTPRequest("POST", server.url + "/x", body: [65], authenticator: authenticator))
                    #expect(answer.status == 200)
                    #expect(answer.attempts <= 2)
                }
            }
            try await group.waitForAll()
        }
        #expect((2...3).contains(mint.made))
    }

    @Test func aSecondRefusalIsTheAnswer() async throws {
        try await server.order(#"[{"on": "GET /x", "do": "status", "status": 401, "times": 9}]"#, of: client)
        let token = HTTPRequest("GET", server.url + "/x", authenticator: Mint().authenticator)
        let answer = try await client.send(token)
        #expect(answer.status == 401)
        #expect(answer.attempts == 2)
        // What never changes is not tried again.
        let fixed = HTTPRequest("GET", server.url + "/x", authenticator: HeaderAuthenticator.bearer("fixed"))
        #expect(try await client.send(fixed).attempts == 1)
    }

    @Test func aTokenIsReplacedBeforeItEnds() async throws {
        let mint = Mint(lifetime: .milliseconds(300))
        let request = HTTPRequest("GET", server.url + "/x", authenticator: mint.authenticator)
        let first = try authorization(await client.send(request))
        try await Task.sleep(for: .milliseconds(600))
        let second = try authorization(await client.send(request))
        #expect(first == "Bearer token-1")
        #expect(second != first)
    }

    @Test func withoutCredentialsNothingIsSent() async throws {
        let authenticator = TokenAuthenticator { () async throws(HTTPError) in
            throw HTTPError(.unauthorized, "the plug-in says no")
        }
        let error = await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest("POST", server.url + "/x", body: [65], authenticator: authenticator))
        }
        #expect(error?.kind == .unauthorized)
        #expect(error?.isOutcomeUnknown == false)
        #expect(try await server.seen(by: client).isEmpty)
    }

    @Test func cancellationEndsTheWaitForAToken() async throws {
        let authenticator = TokenAuthenticator { () async throws(HTTPError) in
            do { try await Task.sleep(for: .seconds(60)) } catch { throw HTTPError(.cancelled, "cancelled") }
            return AccessToken("late")
        }
        let tasks = (0..<3).map { _ in
            Task { try await client.send(HTTPRequest("GET", server.url + "/x", authenticator: authenticator)) }
        }
        try await Task.sleep(for: .milliseconds(200))
        let start = ContinuousClock.now
        for task in tasks { task.cancel() }
        for task in tasks {
            let error = await #expect(throws: HTTPError.self) { try await task.value }
            #expect(error?.kind == .cancelled)
        }
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test func aTokenWithALineBreakIsNoHeader() async throws {
        let evil = HeaderAuthenticator.bearer("good\r\nX-Evil: 1")
        let error = await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest("GET", server.url + "/x", authenticator: evil))
        }
        #expect(error?.kind == .invalid)
        #expect(error?.message.contains("good") == false)
    }

    @Test func theWireLogKnowsSecretsByTheirNames() async throws {
        let lines = LineCollector()
        let client = HTTPClient(.init(wireLog: WireLog { lines.append($0) }))
        let body =
            #"{"user": "bob", "password": "hush-1", "list": {"api_keys": 1, "client_secrets": ["hush-2", "hush-3"]}, "pin": "ok", "accessToken": 12345678, "token": null, "sub": {"x-auth-token": "hu\"sh-4"}}"#
        _ = try await client.send(
            HTTPRequest(
                "POST", server.url + "/x?page=2&access_token=hush-5", body: Array(body.utf8), hidesResponseBody: true))
        _ = try await client.send(
            HTTPRequest(
                "POST", server.url + "/x", headers: ["X-Vault-Token": "hush-6"],
                body: Array("grant_type=client_credentials&client_secret=hush-7".utf8), hidesResponseBody: true))
        _ = try await client.send(
            HTTPRequest(
                "GET", server.url + "/x", authenticator: HeaderAuthenticator.basic(user: "u", password: "hush-8"),
                hidesResponseBody: true))
        let log = lines.text
        #expect(!log.contains("hush") && !log.contains("12345678") && !log.contains("dTpodXNo"))
        for text in [
            #""user": "bob""#, #""pin": "ok""#, #""token": null"#, #""password": "(sensitive)""#,
            "/x?page=2&access_token=(sensitive)", "grant_type=client_credentials&client_secret=(sensitive)",
            #"["(sensitive)", "(sensitive)"]"#,
        ] {
            #expect(log.contains(text), "\(text)")
        }
    }
}
