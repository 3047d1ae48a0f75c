import Foundation
import HTTPTransport
import LibvirtFixtures
import Testing

/// A host with much on it.
@Suite(.enabled(if: LibvirtServer.isExpected))
struct ManyDomainsTests {
    @Test func twoHundredDomainsAreListedInOneCall() async throws {
        let server = try await LibvirtServer.separate()
        let gateway = try await TestGateway(on: server)
        let uuids = (0..<200).map { _ in TestGateway.newUUID() }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for (index, uuid) in uuids.enumerated() {
                if index >= 16 { _ = try await group.next() }
                group.addTask {
                    var spec = DomainTests.diskless("many-\(index)")
                    spec["running"] = false
                    let reply = try await gateway.ask("PUT", "/v1/domains/\(uuid)", spec)
                    #expect(reply.status == 201, "\(reply.text)")
                    return reply.status
                }
            }
            for try await _ in group {}
        }
        let first = try await gateway.ask("GET", "/v1/domains")
        #expect(Set(first.items.compactMap { $0["uuid"] as? String }) == Set(uuids))
        // Somebody listens, so that the gateway looks at all of them again and again beside it.
        let listener = EventTests.Listener(gateway)
        defer { listener.stop() }
        for _ in 0..<10 { _ = try await gateway.ask("GET", "/v1/domains") }
        let before = gateway.process.peakMemory
        for _ in 0..<20 {
            let again = try await gateway.ask("GET", "/v1/domains")
            #expect(again.items.count == 200)
        }
        #expect(gateway.process.peakMemory - before < 24 << 20, "\(before) \(gateway.process.peakMemory)")
        #expect(gateway.process.peakMemory < 192 << 20, "\(gateway.process.peakMemory)")
        #expect(try await gateway.ask("GET", "/v1/domains?name=many-77").items.count == 1)
        try await server.end()
    }
}
