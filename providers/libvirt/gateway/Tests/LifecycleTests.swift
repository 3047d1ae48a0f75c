import Foundation
import HTTPTransport
import LibvirtFixtures
import Testing

/// What the gateway does when it or libvirtd begins and ends.
@Suite(.enabled(if: LibvirtServer.isExpected), .serialized)
struct LifecycleTests {
    @Test func theSocketIsItsOwnersAlone() async throws {
        let gateway = try await TestGateway()
        let attributes = try FileManager.default.attributesOfItem(atPath: gateway.process.socket)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        // A second one does not take it over.
        let second = try GatewayProcess(uri: gateway.server.uri, folder: gateway.process.folder)
        try await gateway.eventually("the second one ends", within: 30) { second.log.contains("in use") }
        #expect(try await gateway.ask("GET", "/health").status == 200)
        #expect(await gateway.process.stop() == 0)
        #expect(!FileManager.default.fileExists(atPath: gateway.process.socket))
    }

    @Test func aGatewayThatWasKilledIsReplaced() async throws {
        let gateway = try await TestGateway()
        let pool = try await gateway.makePool()
        let before = try await gateway.ask("GET", pool.path)
        gateway.process.kill()
        let next = try await TestGateway(after: gateway)
        let after = try await next.ask("GET", pool.path)
        #expect(after.etag == before.etag)
        try await next.clear(pool: pool.uuid)
    }

    /// With a libvirtd of its own, because it kills it.
    @Test func libvirtdMayGoAndComeBack() async throws {
        let gateway = try await TestGateway(on: try await LibvirtServer.separate())
        let listener = EventTests.Listener(gateway)
        defer { listener.stop() }
        try await gateway.eventually("the stream is open", within: 40) { listener.lastID != nil }
        let uuid = TestGateway.newUUID()
        #expect(try await gateway.ask("PUT", "/v1/domains/\(uuid)", DomainTests.diskless("outlives")).status == 201)
        try await gateway.server.kill()
        try await gateway.eventually("the gateway has noticed", within: 30) {
            try await gateway.ask("GET", "/health").status == 503
        }
        let refused = try await gateway.ask("GET", "/v1/domains/\(uuid)")
        #expect(refused.status == 503)
        #expect(refused.headers["Retry-After"] != nil)
        try await gateway.server.restart()
        try await gateway.eventually("the gateway is back", within: 30) {
            try await gateway.ask("GET", "/v1/domains/\(uuid)").status == 200
        }
        #expect(try await gateway.ask("GET", "/v1/domains/\(uuid)").json("running") as? Bool == true)
        #expect(listener.has("disconnected"))
        try await gateway.eventually("it is told", within: 30) { listener.has("\"connected\"") }
        // Events of the new libvirtd arrive on the old stream.
        try await gateway.server.virsh("destroy", uuid)
        try await gateway.eventually("events go on", within: 30) { listener.has("\"stopped\"", uuid) }
        #expect(try await gateway.ask("DELETE", "/v1/domains/\(uuid)").status == 204)
    }
}
