import Foundation
import HTTPTransport
import LibvirtFixtures
import Synchronization
import Testing

/// What somebody does behind the gateway's back is told: within a second where the machine is not busy with other tests.
@Suite(.enabled(if: LibvirtServer.isExpected))
struct EventTests {
    /// Reads events in the background.
    final class Listener: Sendable {
        private let lines = Mutex<[String]>([])
        private let task = Mutex<Task<Void, any Error>?>(nil)

        init(_ gateway: TestGateway, after last: String? = nil) {
            var headers = HTTPHeaders()
            if let last { headers["Last-Event-ID"] = last }
            let request = HTTPRequest("GET", "http://gateway/v1/events", headers: headers, timeout: nil)
            let client = gateway.client
            let started = Task { [weak self] in
                let stream = try await client.stream(request)
                for try await line in stream.body.lines() {
                    self?.add(String(decoding: line, as: UTF8.self))
                }
            }
            task.withLock { $0 = started }
        }

        private func add(_ line: String) { lines.withLock { $0.append(line) } }

        var all: [String] { lines.withLock { $0 } }

        var lastID: String? { all.last { $0.hasPrefix("id: ") }.map { String($0.dropFirst(4)) } }

        func has(_ words: String...) -> Bool {
            all.contains { line in words.allSatisfy { line.contains($0) } }
        }

        func stop() { task.withLock { $0?.cancel() } }
    }

    @Test func othersDoingsAreTold() async throws {
        let gateway = try await TestGateway()
        let pool = try await gateway.makePool()
        #expect(
            try await gateway.ask("PUT", "\(pool.path)/volumes/v.img", ["capacity": 1024, "format": "raw"]).status
                == 201)
        let (uuid, network) = (TestGateway.newUUID(), TestGateway.newUUID())
        #expect(try await gateway.ask("PUT", "/v1/networks/\(network)", NetworkTests.spec(5)).status == 201)
        #expect(try await gateway.ask("PUT", "/v1/domains/\(uuid)", DomainTests.diskless("events-1")).status == 201)
        let listener = Listener(gateway)
        defer { listener.stop() }
        try await gateway.eventually("the stream is open", within: 40) { listener.lastID != nil }
        try await gateway.server.virsh("setmem", uuid, "32M", "--config")
        try await gateway.eventually("setmem is told", within: 30) { listener.has("\"changed\"", uuid) }
        try await gateway.server.virsh("destroy", uuid)
        try await gateway.eventually("destroy is told", within: 30) { listener.has("\"stopped\"", uuid) }
        try await gateway.server.virsh("net-destroy", "n-5")
        try await gateway.eventually("net-destroy is told", within: 30) { listener.has("\"stopped\"", network) }
        let file = gateway.process.pools.appendingPathComponent("\(pool.uuid)/v.img")
        try FileManager.default.removeItem(at: file)
        try await gateway.eventually("a file that is gone is told", within: 30) { listener.has("\"deleted\"", "v.img") }
        #expect(try await gateway.ask("GET", "\(pool.path)/volumes/v.img").status == 404)
        // And the volume can be made again.
        #expect(
            try await gateway.ask("PUT", "\(pool.path)/volumes/v.img", ["capacity": 1024, "format": "raw"]).status
                == 201)
        #expect(try await gateway.ask("DELETE", "/v1/domains/\(uuid)").status == 204)
        #expect(try await gateway.ask("DELETE", "/v1/networks/\(network)").status == 204)
        try await gateway.clear(pool: pool.uuid)
    }

    /// Whoever has seen what was there between two of the gateway's looks is told that it is no more.
    @Test func whatSomebodyHasSeenIsToldWhenItIsNoMore() async throws {
        let gateway = try await TestGateway()
        let uuid = TestGateway.newUUID()
        var spec = DomainTests.diskless("seen-1")
        spec["running"] = false
        #expect(try await gateway.ask("PUT", "/v1/domains/\(uuid)", spec).status == 201)
        let listener = EventTests.Listener(gateway)
        defer { listener.stop() }
        try await gateway.eventually("the stream is open", within: 40) { listener.lastID != nil }
        for round in 1...3 {
            try await gateway.server.virsh("setmem", uuid, "32M", "--config")
            let seen = try await gateway.ask("GET", "/v1/domains/\(uuid)")
            #expect(seen.json("memory") as? Int == 32 << 20)
            let before = listener.all.count
            try await gateway.server.virsh("setmem", uuid, "64M", "--config")
            try await gateway.eventually("round \(round) is told", within: 30) {
                listener.all.dropFirst(before).contains { $0.contains("\"changed\"") && $0.contains(uuid) }
            }
            #expect(try await gateway.ask("GET", "/v1/domains/\(uuid)").json("memory") as? Int == 64 << 20)
        }
        #expect(try await gateway.ask("DELETE", "/v1/domains/\(uuid)").status == 204)
    }

    @Test func whoComesBackHearsWhatWasMissed() async throws {
        let gateway = try await TestGateway()
        let listener = Listener(gateway)
        try await gateway.eventually("the stream is open", within: 40) { listener.lastID != nil }
        let last = listener.lastID
        listener.stop()
        let pool = try await gateway.makePool()
        #expect(
            try await gateway.ask("PUT", "\(pool.path)/volumes/v.img", ["capacity": 1024, "format": "raw"]).status
                == 201)
        let again = Listener(gateway, after: last)
        defer { again.stop() }
        try await gateway.eventually("it is told", within: 30) { again.has("\"started\"", pool.uuid) }
        // Also what libvirt tells nobody.
        try await gateway.eventually("a volume is told", within: 30) { again.has("\"created\"", "v.img") }
        #expect(!again.has("event: reset"))
        // Whoever comes from another run of the gateway has missed what nobody knows.
        let lost = Listener(gateway, after: "otherrun-5")
        defer { lost.stop() }
        try await gateway.eventually("it is reset", within: 30) { lost.has("event: reset") }
        try await gateway.clear(pool: pool.uuid)
    }
}
