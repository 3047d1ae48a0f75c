import Foundation
import HTTPTransport
import PlumbModel
import Testing

@Suite struct ThrottlingTests {
    private let quick = HTTPClient.Settings(
        retry: RetryPolicy(attempts: 2, firstPause: .milliseconds(10), longestPause: .milliseconds(40)))

    /// A refusal is no attempt: far more of them than attempts lose nothing, and cost no budget.
    @Test func aStormLosesNothing() async throws {
        let server = try FaultyServer()
        var settings = quick
        settings.retryBudget = 1
        let client = HTTPClient(settings)
        try await server.order(#"[{"on": "POST /x", "do": "status", "status": 429, "times": 40}]"#, of: client)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<100 {
                group.addTask {
                    try await client.send(HTTPRequest("POST", server.url + "/x", body: Array("\(index)".utf8))).status
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 200, count: 100))
        let seen = try await server.seen(by: client).filter { $0.target == "/x" }
        #expect(seen.count == 140)
        #expect(Set(seen.map(\.body)).count == 100)
    }

    @Test func streamsWaitAtTheGateToo() async throws {
        let server = try FaultyServer()
        let client = HTTPClient(quick)
        try await server.order(
            #"[{"on": "GET /x", "do": "status", "status": 429, "headers": {"Retry-After": "1"}}]"#, of: client)
        let start = ContinuousClock.now
        #expect(try await client.stream(HTTPRequest("GET", server.url + "/x")).attempts == 2)
        #expect(ContinuousClock.now - start >= .seconds(1))
    }

    /// One answer slows all requests to the host down, not only its own.
    @Test func theWholeHostWaits() async throws {
        let server = try FaultyServer()
        let client = HTTPClient(quick)
        try await server.order(
            #"[{"on": "GET /x", "do": "status", "status": 429, "headers": {"Retry-After": "1"}}]"#, of: client)
        let start = ContinuousClock.now
        async let refused = client.send(HTTPRequest("GET", server.url + "/x"))
        try await Task.sleep(for: .milliseconds(200))
        async let other = client.send(HTTPRequest("GET", server.url + "/other"))
        #expect(try await other.status == 200)
        #expect(ContinuousClock.now - start >= .seconds(1))
        #expect(try await refused.attempts == 2)
    }

    @Test(arguments: [
        #"{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}"#,
        #"{"RateLimit": "limit=9, remaining=0, reset=1"}"#,
        #"{"ratelimit": "\"default\";r=0;t=1"}"#, #"{"RateLimit-Remaining": "0", "RateLimit-Reset": "EPOCH"}"#,
    ])
    func aSpentQuotaIsWaitedFor(_ headers: String) async throws {
        let server = try FaultyServer()
        let client = HTTPClient(quick)
        let soon = Int(Date.now.timeIntervalSince1970.rounded(.up)) + 4
        let told = headers.replacing("EPOCH", with: String(soon))
        try await server.order(#"[{"on": "GET /x", "do": "status", "status": 200, "headers": \#(told)}]"#, of: client)
        let start = ContinuousClock.now
        for _ in 0..<2 { #expect(try await client.send(HTTPRequest("GET", server.url + "/x")).attempts == 1) }
        if headers.contains("EPOCH") {
            #expect(Date.now.timeIntervalSince1970 >= Double(soon))
        } else {
            #expect(ContinuousClock.now - start >= .milliseconds(300))
        }
    }

    @Test func aRefusalForAQuotaIsNoRefusalForGood() async throws {
        let server = try FaultyServer()
        let client = HTTPClient(quick)
        let headers = #"{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}"#
        try await server.order(
            #"[{"on": "POST /x", "do": "status", "status": 403, "headers": \#(headers)}]"#, of: client)
        #expect(try await client.send(HTTPRequest("POST", server.url + "/x", body: [65])).attempts == 2)
        try await server.order(#"[{"on": "POST /x", "do": "status", "status": 403}]"#, of: client)
        #expect(try await client.send(HTTPRequest("POST", server.url + "/x", body: [65])).status == 403)
    }

    @Test func aDateIsUnderstoodToo() async throws {
        let server = try FaultyServer()
        let client = HTTPClient(quick)
        let start = ContinuousClock.now
        let date = Process()
        let output = Pipe()
        date.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        date.arguments = ["LC_ALL=C", "date", "-u", "-d", "4 seconds", "+%a, %d %b %Y %H:%M:%S GMT"]
        date.standardOutput = output
        try date.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            .trimmingCharacters(in: .newlines)
        try await server.order(
            #"[{"on": "POST /x", "do": "status", "status": 503, "headers": {"Retry-After": "\#(text)"}}]"#, of: client)
        #expect(try await client.send(HTTPRequest("POST", server.url + "/x", body: [65])).attempts == 2)
        #expect(ContinuousClock.now - start >= .seconds(2))
    }

    @Test func endlessRefusalBecomesTheAnswer() async throws {
        let server = try FaultyServer()
        let client = HTTPClient(
            .init(retry: RetryPolicy(attempts: 2, firstPause: .milliseconds(50), longestThrottling: .milliseconds(500)))
        )
        try await server.order(#"[{"on": "GET /x", "do": "status", "status": 429, "times": 1000}]"#, of: client)
        let answer = try await client.send(HTTPRequest("GET", server.url + "/x"))
        #expect(answer.status == 429)
        #expect((2...20).contains(answer.attempts))
    }

    @Test func cancellationEndsTheWaitAtTheGate() async throws {
        let server = try FaultyServer()
        let client = HTTPClient(quick)
        try await server.order(
            #"[{"on": "GET /x", "do": "status", "status": 429, "headers": {"Retry-After": "30"}}]"#, of: client)
        let task = Task { try await client.send(HTTPRequest("GET", server.url + "/x")) }
        try await Task.sleep(for: .milliseconds(400))
        let start = ContinuousClock.now
        task.cancel()
        let error = await #expect(throws: HTTPError.self) { try await task.value }
        #expect(error?.kind == .cancelled)
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    /// What one host costs another does not pay.
    @Test func budgetsAreKeptPerHost() async throws {
        let server = try FaultyServer()
        let other = try FaultyServer()
        let client = HTTPClient(
            .init(retry: RetryPolicy(attempts: 3, firstPause: .milliseconds(10)), retryBudget: 2))
        for each in [server, other] {
            try await each.order(#"[{"on": "* /x", "do": "status", "status": 503, "times": 99}]"#, of: client)
        }
        var attempts: [Int] = []
        for url in [server.url, server.url, other.url] {
            attempts.append(try await client.send(HTTPRequest("GET", url + "/x")).attempts)
        }
        #expect(attempts == [3, 1, 3])
    }
}

extension WebServerSuites {
    /// nginx's own limit: ten requests a second, without saying when to come again.
    @Suite struct LimitedServerTests {
        @Test func aLimitedServerGetsThemAll() async throws {
            let servers = try WebServers.shared.get()
            let client = servers.client(connections: 16, retry: RetryPolicy(attempts: 2))
            let start = ContinuousClock.now
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<40 {
                    group.addTask { try await client.send(HTTPRequest("GET", servers.http + "/limited")).status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == Array(repeating: 200, count: 40))
            #expect(ContinuousClock.now - start > .seconds(3))
        }
    }
}
