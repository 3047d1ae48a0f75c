import Foundation
import HTTPTransport
import PlumbModel
import Testing

@Suite(.timeLimit(.minutes(10))) struct FailureTests {
    private let quick = HTTPClient.Settings(retry: RetryPolicy(attempts: 3, firstPause: .milliseconds(10)))

    @Test func aRefusedConnectionIsRetriedForAll() async throws {
        let client = HTTPClient(quick)
        let error = await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest("POST", "http://127.0.0.1:1/zones", body: [1]))
        }
        #expect(error?.kind == .unreachable)
        #expect(error?.attempts == 3)
        #expect(error?.isOutcomeUnknown == false)
        #expect(error?.message == "POST http://127.0.0.1:1/zones: connection refused (after 3 attempts)")
    }

    @Test func anUnknownHostSaysSo() async throws {
        let client = HTTPClient(.init(retry: .none))
        let error = await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest("GET", "http://user:pw@nowhere.invalid/"))
        }
        #expect(error?.kind == .unreachable)
        #expect(error?.message.hasPrefix("GET http://(sensitive)@nowhere.invalid/: the host name cannot be") == true)
    }

    @Test(arguments: ["drop", "reset", "half"])
    func aLostAnswerIsRetriedOnlyIfIdempotent(_ fault: String) async throws {
        let server = try await FaultyServer()
        let client = HTTPClient(quick)
        try await server.order(#"[{"on": "* /x", "do": "\#(fault)", "times": 2}]"#, of: client)
        let answer = try await client.send(HTTPRequest("PUT", server.url + "/x", body: [65]))
        #expect(answer.status == 200)
        // The order itself went over the connection that is kept, on which libcurl makes one of the attempts.
        #expect(try await server.seen(by: client).filter { $0.method == "PUT" }.count == 3)

        try await server.order(#"[{"on": "* /x", "do": "\#(fault)"}]"#, of: client)
        let error = await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest("POST", server.url + "/x", body: [65]))
        }
        #expect(error?.kind == .interrupted)
        #expect(error?.isOutcomeUnknown == true)
        #expect(try await server.seen(by: client).filter { $0.method == "POST" }.count == 1)
    }

    /// libcurl repeats requests by itself when a kept connection is found closed; one that must not be repeated is not.
    @Test(arguments: [[UInt8(65)], []])
    func noPostIsRepeatedBehindOurBackOnAKeptConnection(_ body: [UInt8]) async throws {
        let server = try await FaultyServer()
        let client = HTTPClient(.init(connectionsPerHost: 1, retry: .none))
        _ = try await client.send(HTTPRequest("GET", server.url + "/warm"))
        try await server.order(#"[{"on": "POST /x", "do": "drop-after", "times": 5}]"#, of: client)
        let error = await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest("POST", server.url + "/x", body: body))
        }
        #expect(error?.isOutcomeUnknown == true)
        let seen = try await server.seen(by: client)
        #expect(seen.count { $0.method == "POST" } == 1)
    }

    @Test func tooManyRequestsAreRepeatedAfterTheAskedTime() async throws {
        let server = try await FaultyServer()
        let client = HTTPClient(quick)
        try await server.order(
            #"[{"on": "POST /x", "do": "status", "status": 429, "headers": {"Retry-After": "1"}}]"#, of: client)
        let start = ContinuousClock.now
        let answer = try await client.send(HTTPRequest("POST", server.url + "/x", body: [65]))
        #expect(answer.status == 200)
        #expect(answer.attempts == 2)
        #expect(ContinuousClock.now - start >= .seconds(1))
    }

    @Test func aLongRetryAfterIsNotWaitedFor() async throws {
        let server = try await FaultyServer()
        let client = HTTPClient(quick)
        try await server.order(
            #"[{"on": "GET /x", "do": "status", "status": 503, "headers": {"Retry-After": "3600"}}]"#, of: client)
        let answer = try await client.send(HTTPRequest("GET", server.url + "/x"))
        #expect(answer.status == 503)
        #expect(answer.attempts == 1)
    }

    @Test(arguments: [
        (503, "GET", 3), (502, "PUT", 3), (503, "POST", 1), (500, "PUT", 3), (500, "POST", 1), (404, "GET", 1),
    ])
    func statusesAreRetriedByTheirMeaning(_ status: Int, _ method: String, _ attempts: Int) async throws {
        let server = try await FaultyServer()
        let client = HTTPClient(quick)
        try await server.order(#"[{"on": "* /x", "do": "status", "status": \#(status), "times": 9}]"#, of: client)
        let answer = try await client.send(HTTPRequest(method, server.url + "/x"))
        #expect(answer.status == status)
        #expect(answer.attempts == attempts)
        #expect(try await server.seen(by: client).filter { $0.target == "/x" }.count == attempts)
    }

    @Test func theRetryBudgetEndsRetries() async throws {
        let server = try await FaultyServer()
        var settings = quick
        settings.retryBudget = 3
        let client = HTTPClient(settings)
        try await server.order(#"[{"on": "* /x", "do": "status", "status": 503, "times": 99}]"#, of: client)
        var attempts: [Int] = []
        for _ in 0..<3 { attempts.append(try await client.send(HTTPRequest("GET", server.url + "/x")).attempts) }
        #expect(attempts == [3, 2, 1])
    }

    @Test func aSilentServerTimesOut() async throws {
        let server = try await FaultyServer()
        let client = HTTPClient(quick)
        try await server.order(#"[{"on": "POST /x", "do": "hang"}]"#, of: client)
        let start = ContinuousClock.now
        let error = await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest("POST", server.url + "/x", body: [65], timeout: .milliseconds(300)))
        }
        #expect(error?.kind == .timeout)
        #expect(error?.isOutcomeUnknown == true)
        #expect(error?.message == "POST \(server.url)/x: no whole answer within 0.3 seconds")
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test func anEndlessAnswerIsCutOff() async throws {
        let server = try await FaultyServer()
        let client = HTTPClient(quick)
        try await server.order(#"[{"on": "GET /x", "do": "large"}]"#, of: client)
        let error = await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest("GET", server.url + "/x", maximumResponseBytes: 100_000))
        }
        #expect(error?.kind == .unreadable)
        #expect(error?.message == "GET \(server.url)/x: the answer is longer than 100000 bytes")
    }

    @Test func whatIsNoHTTPIsUnreadable() async throws {
        let server = try await FaultyServer()
        let client = HTTPClient(quick)
        try await server.order(#"[{"on": "GET /x", "do": "garbage"}]"#, of: client)
        let error = await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest("GET", server.url + "/x"))
        }
        #expect(error?.kind == .unreadable)
    }

    @Test func aMissingCAFileSaysWhich() async throws {
        let client = HTTPClient(.init(tls: TLSSettings(authorities: .file("/nowhere/ca.pem")), retry: .none))
        let server = try await FaultyServer()
        let error = await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest("GET", "https://127.0.0.1:\(server.port)/"))
        }
        #expect(error?.kind == .invalid)
        #expect(error?.message.contains("/nowhere/ca.pem") == true)
    }
}
