import Foundation
import HTTPTransport
import PlumbModel
import Synchronization
import Testing

@testable import Serving

/// Events, page by page and as they come.
@Suite(.timeLimit(.minutes(5))) struct EventTests {
    @Test func eventsArePagedByNumber() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            for number in 0..<5 { try await server.plane.tell("shop-api", "event \(number)") }
            let newest = try await server.ask("GET", "/api/v1/events?limit=2", "viewer-token").json()
            #expect(newest.items.map { $0["event"]["message"] } == ["event 3", "event 4"])
            var (after, seen): (Int, [String]) = (0, [])
            while true {
                let page = try await server.ask("GET", "/api/v1/events?limit=2&after=\(after)", "viewer-token").json()
                if page.items.isEmpty { break }
                seen += page.items.compactMap { $0["event"]["message"].asString }
                after = page["next"].asInt ?? 0
            }
            #expect(seen == (0..<5).map { "event \($0)" })
        }
    }

    /// Reads a stream until it has so many events, or for some seconds.
    private func read(
        _ server: TestServer, _ token: String, after last: String? = nil, query: String = "", count: Int,
        while body: @escaping @Sendable () async throws -> Void = {}
    ) async throws -> (ids: [String], events: [Value]) {
        var headers: HTTPHeaders = ["Authorization": "Bearer \(token)", "Accept": "text/event-stream"]
        if let last { headers["Last-Event-ID"] = last }
        let stream = try await server.client.stream(
            HTTPRequest("GET", server.base + "/api/v1/events" + query, headers: headers))
        #expect(stream.status == 200)
        #expect(stream.headers["Content-Type"] == "text/event-stream")
        return try await withThrowingTaskGroup(of: (ids: [String], events: [Value])?.self) { group in
            group.addTask {
                var (ids, events): ([String], [Value]) = ([], [])
                for try await line in stream.body.lines() {
                    let line = String(decoding: line, as: UTF8.self)
                    if line.hasPrefix("id: ") { ids.append(String(line.dropFirst(4))) }
                    if line.hasPrefix("data: ") { events.append(try Value(json: String(line.dropFirst(6)))) }
                    if events.count == count { break }
                }
                return (ids, events)
            }
            group.addTask {
                try await body()
                try await Task.sleep(for: .seconds(20))
                return nil
            }
            let first = try await group.next() ?? nil
            group.cancelAll()
            return try #require(first, "the events did not come in time")
        }
    }

    @Test func aStreamTellsWhatHappensAndIsResumed() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            try await server.plane.tell("shop-api", "before")
            let first = try await read(server, "viewer-token", count: 2) {
                try await Task.sleep(for: .milliseconds(300))
                try await server.plane.tell("shop-api", "one")
                try await server.plane.tell("network", "two")
            }
            #expect(first.events.map { $0["event"]["message"] } == ["one", "two"])
            #expect(try await server.metric("plumb_api_event_streams") != nil)
            // Told while nobody listened.
            try await server.plane.tell("shop-api", "three")
            let second = try await read(server, "viewer-token", after: first.ids.last, count: 1)
            #expect(second.events.map { $0["event"]["message"] } == ["three"])
            let third = try await read(server, "shop-viewer-token", query: "?after=0", count: 3)
            #expect(third.events.map { $0["event"]["message"] } == ["before", "one", "three"])
            let ofOne = try await read(server, "viewer-token", query: "?after=0&stack=network", count: 1)
            #expect(ofOne.events.map { $0["event"]["message"] } == ["two"])
        }
    }

    @Test func aStreamEndsWithTheTokenAndWithTheServer() async throws {
        let time = Mutex(TestServer.start)
        var leftOver: HTTPResponseStream?
        try await TestServer.run(now: { time.withLock { $0 } }) { (server: TestServer) async throws in
            let headers: HTTPHeaders = ["Authorization": "Bearer short-token", "Accept": "text/event-stream"]
            let stream = try await server.client.stream(
                HTTPRequest("GET", server.base + "/api/v1/events", headers: headers))
            time.withLock { $0 += 3 }
            try await server.plane.tell("shop-api", "x")
            // It ends: else the lines would have no end.
            for try await _ in stream.body.lines() {}
            #expect(try await server.ask("GET", "/api/v1/me", "short-token").status == 401)
            leftOver = try await server.client.stream(
                HTTPRequest(
                    "GET", server.base + "/api/v1/events",
                    headers: ["Authorization": "Bearer viewer-token", "Accept": "text/event-stream"]))
        }
        // The server has ended although it is open: nothing else ends it but the limit of these tests.
        #expect(leftOver?.status == 200)
    }
}
