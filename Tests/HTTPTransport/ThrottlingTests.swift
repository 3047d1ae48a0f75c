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

    private func impatient(_ places: Int = 16) -> HTTPClient {
        HTTPClient(
            .init(
                connectionsPerHost: places,
                retry: RetryPolicy(
                    attempts: 2, firstPause: .milliseconds(50), longestPause: .milliseconds(200),
                    longestThrottling: .milliseconds(600))))
    }

    /// All that wait fail together, and not one after the other; the server is not asked by each of them again.
    @Test func aHostThatRefusesEverythingIsGivenUp() async throws {
        let server = try FaultyServer()
        let client = impatient()
        try await server.order(
            #"[{"on": "POST /x", "do": "status", "status": 429, "body": "slow  down, s3cret", "times": 100000}]"#,
            of: client)
        let start = ContinuousClock.now
        let errors = await withTaskGroup(of: HTTPError?.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    do {
                        _ = try await client.send(
                            HTTPRequest("POST", server.url + "/x", body: [65], secrets: ["s3cret"]))
                        return nil
                    } catch {
                        return error as? HTTPError
                    }
                }
            }
            return await group.reduce(into: [HTTPError?]()) { $0.append($1) }
        }
        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(errors.allSatisfy { $0?.kind == .throttled && $0?.isOutcomeUnknown == false })
        let message = try #require(errors.first??.message)
        #expect(
            message.hasPrefix("POST \(server.url)/x: given up: http://127.0.0.1:\(server.port) has refused all that "))
        #expect(message.hasSuffix("the last answer was 429 Too Many Requests: slow down, (sensitive)"), "\(message)")
        let seen = try await server.seen(by: client).filter { $0.target == "/x" }
        #expect((2...60).contains(seen.count), "\(seen.count) requests")
    }

    /// What comes after that fails at once; one request at a time finds out that the host answers again.
    @Test func aHostThatIsGivenUpIsTriedNowAndThen() async throws {
        let server = try FaultyServer()
        let client = impatient()
        let request = HTTPRequest("POST", server.url + "/x", body: [65])
        try await server.order(#"[{"on": "POST /x", "do": "status", "status": 429, "times": 100000}]"#, of: client)
        await #expect(throws: HTTPError.self) { try await client.send(request) }
        _ = try await server.seen(by: client)
        let start = ContinuousClock.now
        var failures = 0
        while ContinuousClock.now - start < .seconds(1) {
            await #expect(throws: HTTPError.self) { try await client.send(request) }
            failures += 1
        }
        let asked = try await server.seen(by: client).filter { $0.target == "/x" }.count
        #expect(failures > 50)
        #expect((1...10).contains(asked), "\(asked) requests")
        try await server.order("[]", of: HTTPClient(quick))
        try await Task.sleep(for: .milliseconds(500))
        for _ in 0..<20 { #expect(try await client.send(request).status == 200) }
    }

    /// Reads are answered all the while, and do not keep what changes something waiting for ever.
    @Test func readsAndChangesAreGivenUpApart() async throws {
        let server = try FaultyServer()
        let client = impatient()
        try await server.order(#"[{"on": "POST /x", "do": "status", "status": 429, "times": 100000}]"#, of: client)
        let refused = Task { try await client.send(HTTPRequest("POST", server.url + "/x", body: [65])) }
        let reads = Task {
            var statuses: Set<Int> = []
            while !Task.isCancelled {
                let answer = try? await client.send(HTTPRequest("GET", server.url + "/x"))
                // The last one is cut off.
                if !Task.isCancelled { statuses.insert(answer?.status ?? 0) }
                try? await Task.sleep(for: .milliseconds(20))
            }
            return statuses
        }
        let error = await #expect(throws: HTTPError.self) { try await refused.value }
        #expect(error?.kind == .throttled)
        reads.cancel()
        #expect(await reads.value == [200])
    }

    /// An answer now and then, be it to another request, begins the count anew; and one that is refused each time does not
    /// keep the others from being asked.
    @Test func aHostThatAnswersNowAndThenIsNotGivenUp() async throws {
        let server = try FaultyServer()
        let client = impatient(1)
        try await server.order(#"[{"on": "POST /x", "do": "status", "status": 429, "times": 12}]"#, of: client)
        async let patient = client.send(HTTPRequest("POST", server.url + "/x", body: [65]))
        let others = Task {
            while !Task.isCancelled {
                _ = try await client.send(HTTPRequest("POST", server.url + "/other", body: [65]))
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
        // Of its own it may be refused for longer than that: it is its answer then.
        let answer = try await patient
        others.cancel()
        #expect([200, 429].contains(answer.status))
        #expect(answer.attempts > 3)
        try? await others.value
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
