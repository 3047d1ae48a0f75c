import Foundation
import HTTPTransport
import PlumbModel
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct StreamTests {
    private let patient = HTTPClient.Settings(retry: RetryPolicy(attempts: 3, firstPause: .milliseconds(10)))

    /// The server goes on to say nothing, and what it has said is there.
    @Test(arguments: ["hang", "end"])
    func linesComeAsTheyAreSent(_ end: String) async throws {
        let server = try await FaultyServer()
        let client = HTTPClient(patient)
        let pieces = #"["{\"a\":1}\n{\"b\"", ":2}\r\n", "\nlast"]"#
        try await server.order(
            #"[{"on": "GET /watch", "do": "drip", "pieces": \#(pieces), "pause": 0.1, "then": "\#(end)"}]"#, of: client)
        let stream = try await client.stream(HTTPRequest("GET", server.url + "/watch"))
        #expect(stream.status == 200)
        var lines = stream.body.lines().makeAsyncIterator()
        var seen: [String] = []
        while seen.count < (end == "hang" ? 3 : 4), let line = try await lines.next() {
            seen.append(String(decoding: line, as: UTF8.self))
        }
        #expect(seen == Array([#"{"a":1}"#, #"{"b":2}"#, "", "last"].prefix(end == "hang" ? 3 : 4)))
        if end == "end" { #expect(try await lines.next() == nil) }
    }

    @Test func anEndThatIsNoEndIsAnError() async throws {
        let server = try await FaultyServer()
        let client = HTTPClient(patient)
        try await server.order(#"[{"on": "GET /x", "do": "drip", "pieces": ["one\n"], "then": "close"}]"#, of: client)
        let stream = try await client.stream(HTTPRequest("GET", server.url + "/x"))
        var seen: [[UInt8]] = []
        let error = await #expect(throws: HTTPError.self) {
            for try await chunk in stream.body { seen.append(chunk) }
        }
        #expect(seen == [Array("one\n".utf8)])
        #expect(error?.kind == .interrupted)
    }

    @Test func aStreamThatFallsSilentIsEnded() async throws {
        let server = try await FaultyServer()
        let client = HTTPClient(patient)
        try await server.order(#"[{"on": "GET /x", "do": "drip", "pieces": ["one\n"], "then": "hang"}]"#, of: client)
        let stream = try await client.stream(
            HTTPRequest("GET", server.url + "/x", timeout: nil, idleTimeout: .milliseconds(400)))
        let start = ContinuousClock.now
        let error = await #expect(throws: HTTPError.self) { for try await _ in stream.body {} }
        #expect(error?.kind == .timeout)
        #expect(error?.message == "GET \(server.url)/x: the answer stopped: no byte came for 0.4 seconds")
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test func theFirstByteHasATimeOfItsOwn() async throws {
        let server = try await FaultyServer()
        let client = HTTPClient(.init(retry: .none))
        try await server.order(#"[{"on": "POST /x", "do": "hang", "times": 2}]"#, of: client)
        let start = ContinuousClock.now
        let error = await #expect(throws: HTTPError.self) {
            try await client.send(
                HTTPRequest("POST", server.url + "/x", body: [65], firstByteTimeout: .milliseconds(300)))
        }
        #expect(error?.message == "POST \(server.url)/x: no byte of an answer within 0.3 seconds")
        #expect(error?.isOutcomeUnknown == true)
        let slow = await #expect(throws: HTTPError.self) {
            try await client.stream(HTTPRequest("POST", server.url + "/x", body: [65], timeout: .milliseconds(300)))
        }
        #expect(slow?.message == "POST \(server.url)/x: no answer within 0.3 seconds")
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test func aStreamIsRetriedUntilItsHead() async throws {
        let server = try await FaultyServer()
        let client = HTTPClient(patient)
        try await server.order(#"[{"on": "GET /x", "do": "status", "status": 503, "times": 2}]"#, of: client)
        let stream = try await client.stream(HTTPRequest("GET", server.url + "/x"))
        #expect(stream.attempts == 3)
        #expect(try await stream.whole().echo[key: "target"] == "/x")
    }

    @Test func cancellingTheReaderClosesTheConnection() async throws {
        let server = try await FaultyServer()
        let client = HTTPClient(patient)
        try await server.order(#"[{"on": "GET /x", "do": "drip", "pieces": ["one\n"], "then": "hang"}]"#, of: client)
        let stream = try await client.stream(HTTPRequest("GET", server.url + "/x", timeout: nil))
        let reader = Task { for try await _ in stream.body {} }
        try await Task.sleep(for: .milliseconds(300))
        let start = ContinuousClock.now
        reader.cancel()
        let error = await #expect(throws: HTTPError.self) { try await reader.value }
        #expect(error?.kind == .cancelled)
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test func closingTheClientEndsItsStreams() async throws {
        let server = try await FaultyServer()
        let client = HTTPClient(patient)
        try await server.order(#"[{"on": "GET /x", "do": "drip", "pieces": ["one\n"], "then": "hang"}]"#, of: client)
        let stream = try await client.stream(HTTPRequest("GET", server.url + "/x", timeout: nil))
        async let end: Void = client.close()
        let error = await #expect(throws: HTTPError.self) { for try await _ in stream.body {} }
        #expect(error?.kind == .closed)
        await end
    }

    @Test func openStreamsDoNotKeepRequestsWaiting() async throws {
        let server = try await FaultyServer()
        let client = HTTPClient(.init(connectionsPerHost: 1, retry: .none))
        try await server.order(
            #"[{"on": "GET /watch", "do": "drip", "pieces": ["one\n"], "then": "hang", "times": 3}]"#, of: client)
        var streams: [HTTPResponseStream] = []
        for _ in 0..<3 {
            streams.append(try await client.stream(HTTPRequest("GET", server.url + "/watch", timeout: nil)))
        }
        #expect(try await client.send(HTTPRequest("GET", server.url + "/x")).status == 200)
        withExtendedLifetime(streams) {}
    }
}

extension WebServerSuites {
    /// Downloads and uploads, against nginx.
    @Suite struct LargeBodyTests {
        let servers: WebServers

        init() async throws { servers = try await WebServers.shared() }

        @Test(arguments: [HTTPVersion.http1, .automatic])
        func aDownloadIsHeldBackByItsReader(_ version: HTTPVersion) async throws {
            let client = servers.client(version: version)
            let stream = try await client.stream(HTTPRequest("GET", servers.tls + "/big", timeout: nil))
            #expect(stream.isHTTP2 == (version == .automatic))
            // Time enough to bring all of it if nothing held it back.
            try await Task.sleep(for: .milliseconds(700))
            let before = residentBytes()
            try await Task.sleep(for: .milliseconds(700))
            #expect(residentBytes() - before < 32 << 20)
            // Another request passes the one that is held back.
            #expect(try await client.send(HTTPRequest("GET", servers.tls + "/small")).status == 200)
            var count = 0
            for try await chunk in stream.body { count += chunk.count }
            #expect(count == 64 << 20)
        }

        @Test func lettingGoOfAStreamFreesItsPlace() async throws {
            let client = HTTPClient(.init(streamsPerHost: 1, proxy: .none, retry: .none))
            for _ in 0..<20 {
                let stream = try await client.stream(HTTPRequest("GET", servers.http + "/big", timeout: .seconds(10)))
                var iterator = stream.body.makeAsyncIterator()
                #expect(try await iterator.next()?.isEmpty == false)
            }
        }

        @Test(arguments: [true, false], ["http", "tls"])
        func anUploadIsSentAsItIsMade(_ isLengthKnown: Bool, _ scheme: String) async throws {
            let base = scheme == "http" ? servers.http : servers.tls
            let client = servers.client()
            let chunk = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let stream = RequestBodyStream(length: isLengthKnown ? 50 * chunk.count : nil) {
                AsyncStream { continuation in
                    for _ in 0..<50 { continuation.yield(chunk) }
                    continuation.finish()
                }
            }
            let path = "/files/upload-\(isLengthKnown)"
            let answer = try await client.send(HTTPRequest("PUT", base + path, bodyStream: stream))
            #expect([201, 204].contains(answer.status))
            let stored = try await client.send(HTTPRequest("GET", base + path)).body
            #expect(stored.count == 50 * chunk.count)
            #expect(Array(stored.suffix(chunk.count)) == chunk)
        }

        @Test func aFileIsUploadedAsItIsRead() async throws {
            let client = servers.client()
            let path = servers.certificates + "/files/text"
            for length in [nil, 260_000] {
                let stream = RequestBodyStream.file(path, length: length)
                let answer = try await client.send(HTTPRequest("PUT", servers.http + "/files/copy", bodyStream: stream))
                #expect([201, 204].contains(answer.status))
                #expect(
                    try await client.send(HTTPRequest("GET", servers.http + "/files/copy")).body
                        == servers.bytes("files/text"))
            }
            let error = await #expect(throws: HTTPError.self) {
                try await client.send(
                    HTTPRequest("PUT", servers.http + "/files/none", bodyStream: .file("/nowhere/file")))
            }
            #expect(error?.message.hasSuffix("could not be made: /nowhere/file: no such file or directory") == true)
        }

        @Test func aFileThatIsTooShortEndsTheRequest() async throws {
            let stream = RequestBodyStream.file(servers.certificates + "/files/ok", length: 1000)
            let error = await #expect(throws: HTTPError.self) {
                try await servers.client().send(
                    HTTPRequest("PUT", servers.http + "/files/short", bodyStream: stream, timeout: .seconds(10)))
            }
            #expect(error?.kind == .invalid)
            #expect(error?.message.hasSuffix("the body to send could not be made: it ended after 2 bytes") == true)
        }

        @Test func anUploadThatCannotBeMadeSaysWhy() async throws {
            struct BrokenPipe: Error, CustomStringConvertible { let description = "the disk is gone" }
            let stream = RequestBodyStream {
                AsyncThrowingStream { continuation in
                    continuation.yield([1, 2, 3])
                    continuation.finish(throwing: BrokenPipe())
                }
            }
            let error = await #expect(throws: HTTPError.self) {
                try await servers.client().send(HTTPRequest("PUT", servers.http + "/files/broken", bodyStream: stream))
            }
            #expect(error?.kind == .invalid)
            #expect(error?.message.hasSuffix("the body to send could not be made: the disk is gone") == true)
        }

        @Test func anUploadBeginsAnewWithEachAttempt() async throws {
            let server = try await FaultyServer()
            let client = HTTPClient(.init(proxy: .none, retry: RetryPolicy(attempts: 3, firstPause: .milliseconds(10))))
            try await server.order(#"[{"on": "PUT /x", "do": "status", "status": 503, "times": 2}]"#, of: client)
            let opening = OpeningCounter()
            let stream = RequestBodyStream(length: 6) {
                opening.count()
                return AsyncStream<[UInt8]> { continuation in
                    continuation.yield(Array("abc".utf8))
                    continuation.yield(Array("def".utf8))
                    continuation.finish()
                }
            }
            let answer = try await client.send(HTTPRequest("PUT", server.url + "/x", bodyStream: stream))
            #expect(try answer.echo[key: "body"] == "abcdef")
            #expect(opening.total == 3)
        }

        private func residentBytes() -> Int {
            let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
            return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
        }
    }
}

private final class OpeningCounter: Sendable {
    private let number = Mutex(0)
    var total: Int { number.withLock { $0 } }
    func count() { number.withLock { $0 += 1 } }
}
