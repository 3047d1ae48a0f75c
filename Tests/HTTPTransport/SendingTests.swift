import Foundation
import HTTPTransport
import PlumbModel
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct SendingTests {
    @Test func sendsMethodHeadersAndBody() async throws {
        let server = try await FaultyServer()
        let client = HTTPClient(.init(userAgent: HTTPClient.userAgent(version: "1.2.3")))
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let body = method == "GET" ? "" : "{\"a\": \"ä\(method)\"}"
            let answer = try await client.send(
                HTTPRequest(
                    method, server.url + "/a%2Fb?c=%26", headers: ["X-One": "1", "Content-Type": "application/json"],
                    body: Array(body.utf8)))
            let echo = try answer.echo
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "application/json")
            #expect(echo[key: "method"]?.asString == method)
            #expect(echo[key: "target"] == "/a%2Fb?c=%26")
            #expect(echo[key: "body"]?.asString == body)
            #expect(echo[key: "headers"]?[key: "X-One"] == "1")
            #expect(echo[key: "headers"]?[key: "User-Agent"] == "plumbline/1.2.3")
            #expect(echo[key: "headers"]?[key: "Content-Type"] == "application/json")
            #expect(echo[key: "headers"]?[key: "Expect"] == nil)
        }
        await client.close()
    }

    @Test func sendsALargeBodyWhole() async throws {
        let server = try await FaultyServer()
        let client = HTTPClient()
        let body = Array(repeating: UInt8(ascii: "x"), count: 3_000_000)
        for method in ["PUT", "POST"] {
            let answer = try await client.send(HTTPRequest(method, server.url + "/", body: body))
            #expect(try answer.echo[key: "body"]?.asString?.utf8.count == body.count)
        }
    }

    @Test func keepsConnectionsAndBoundsThem() async throws {
        let server = try await FaultyServer()
        let client = HTTPClient(.init(connectionsPerHost: 4))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<100 {
                group.addTask {
                    let answer = try await client.send(HTTPRequest("GET", server.url + "/\(index)"))
                    #expect(try answer.echo[key: "target"]?.asString == "/\(index)")
                }
            }
            try await group.waitForAll()
        }
        let seen = try await server.seen(by: client)
        #expect(seen.count == 100)
        #expect(Set(seen.map(\.connection)).count <= 4)
    }

    @Test func speaksOverAUnixSocket() async throws {
        let path = NSTemporaryDirectory() + "plumb-\(UUID().uuidString.prefix(8)).sock"
        let server = try await FaultyServer(["--unix", path])
        defer { unlink(path) }
        let client = HTTPClient(.init(unixSocket: path))
        let answer = try await client.send(HTTPRequest("GET", "http://nowhere.invalid/x"))
        #expect(try answer.echo[key: "target"] == "/x")
        withExtendedLifetime(server) {}
    }

    @Test func refusesWhatCannotBeSentAsItIs() async throws {
        let client = HTTPClient()
        let wrong = [
            HTTPRequest("GET", "ftp://host/x"), HTTPRequest("GET", "http:///x"), HTTPRequest("GET", "http://a/b c"),
            HTTPRequest("GE T", "http://host/"), HTTPRequest("GET", "http://host/", headers: ["A": "b\r\nEvil: 1"]),
        ]
        for request in wrong {
            let error = await #expect(throws: HTTPError.self) { try await client.send(request) }
            #expect(error?.kind == .invalid)
        }
    }

    @Test func cancellationEndsTheTransfer() async throws {
        let server = try await FaultyServer()
        let client = HTTPClient()
        try await server.order(#"[{"on": "* /hang", "do": "hang", "times": 2}]"#, of: client)
        let task = Task { () async throws(HTTPError) in try await client.send(HTTPRequest("GET", server.url + "/hang"))
        }
        // Long enough for the request to be on its way, also on a busy machine.
        try await Task.sleep(for: .milliseconds(1500))
        let start = ContinuousClock.now
        task.cancel()
        let error = await #expect(throws: HTTPError.self) { try await task.value }
        #expect(error?.kind == .cancelled)
        #expect(error?.isOutcomeUnknown == true)
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test func aCancelledTaskSendsNothing() async throws {
        let server = try await FaultyServer()
        let client = HTTPClient()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await client.send(HTTPRequest("GET", server.url + "/never"))
        }
        let error = await #expect(throws: HTTPError.self) { try await task.value }
        #expect(error?.kind == .cancelled)
        #expect(error?.isOutcomeUnknown == false)
        #expect(try await server.seen(by: client).isEmpty)
    }

    @Test func cancellationEndsWaitingForAConnection() async throws {
        let server = try await FaultyServer()
        let client = HTTPClient(.init(connectionsPerHost: 1))
        try await server.order(#"[{"on": "GET /hang", "do": "hang", "times": 1}]"#, of: client)
        let first = Task { try await client.send(HTTPRequest("GET", server.url + "/hang")) }
        try await Task.sleep(for: .milliseconds(200))
        let second = Task { try await client.send(HTTPRequest("GET", server.url + "/second")) }
        try await Task.sleep(for: .milliseconds(100))
        second.cancel()
        let error = await #expect(throws: HTTPError.self) { try await second.value }
        #expect(error?.isOutcomeUnknown == false)
        first.cancel()
        _ = await first.result
        #expect(try await server.seen(by: client).map(\.target) == ["/hang"])
    }

    @Test func closingFailsWhatIsUnderWayAndWhatComesAfter() async throws {
        let server = try await FaultyServer()
        let client = HTTPClient()
        try await server.order(#"[{"on": "GET /hang", "do": "hang"}]"#, of: client)
        let task = Task { try await client.send(HTTPRequest("GET", server.url + "/hang")) }
        try await Task.sleep(for: .milliseconds(200))
        await client.close()
        let during = await #expect(throws: HTTPError.self) { try await task.value }
        #expect(during?.kind == .closed)
        let after = await #expect(throws: HTTPError.self) { try await client.send(HTTPRequest("GET", server.url)) }
        #expect(after?.kind == .closed)
        await client.close()
    }

    @Test func theWireLogShowsNoSecret() async throws {
        let server = try await FaultyServer()
        let lines = LineCollector()
        let client = HTTPClient(.init(wireLog: WireLog { text in lines.append(text) }))
        var request = HTTPRequest(
            "POST", server.url + "/x?token=s3cr3t%22", headers: ["X-API-Key": "k3y-of-mine", "X-Note": "a s3cr3t\""],
            body: Array(#"{"password": "s3cr3t\""}"#.utf8), secrets: ["s3cr3t\""])
        _ = try await client.send(request)
        request.hidesResponseBody = true
        _ = try await client.send(request)
        let log = lines.text
        #expect(log.contains("wire 1 > POST \(server.url)/x?token=(sensitive)\n"))
        #expect(log.contains("wire 1 > X-API-Key: (sensitive)\n"))
        #expect(log.contains("wire 1 > X-Note: a (sensitive)\n"))
        #expect(log.contains(#"wire 1 > {"password": "(sensitive)"}"#))
        #expect(log.contains("wire 1 < 200 OK after"))
        #expect(log.contains("bytes that may hold secrets"))
        #expect(!log.contains("s3cr3t"))
        // The echo in the first answer's body holds the key's header, which only its name tells to be secret.
        #expect(log.components(separatedBy: "k3y-of-mine").count <= 2)
    }
}

/// Keeps what the wire log wrote.
final class LineCollector: Sendable {
    private let lines = Mutex("")
    var text: String { lines.withLock { $0 } }
    func append(_ text: String) { lines.withLock { $0 += text } }
}
