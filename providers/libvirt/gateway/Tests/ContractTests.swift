import Foundation
import HTTPTransport
import LibvirtFixtures
import Testing

/// What the gateway answers is what its document says.
@Suite(.enabled(if: LibvirtServer.isExpected))
struct ContractTests {
    @Test func theDocumentIsServed() async throws {
        let gateway = try await TestGateway()
        let document = try await gateway.ask("GET", "/openapi.json")
        #expect(document.json("openapi") as? String == "3.1.0")
        #expect((document.json("paths") as? [String: Any])?.count ?? 0 > 20)
        let metrics = try await gateway.ask("GET", "/metrics")
        #expect(metrics.text.contains("plumb_libvirt_gateway_libvirt_connected 1"))
        #expect(
            metrics.text.contains("plumb_libvirt_gateway_requests_total{operation=\"describe\",status=\"200\"} 1"))
    }

    static let hasSchemathesis =
        ProcessInfo.processInfo.environment["CI"] != nil || LibvirtServer.hasSchemathesis

    /// Some thousand requests, right and wrong, on a libvirtd of its own: they change and remove whatever they find.
    @Test(.enabled(if: hasSchemathesis)) func schemathesisFindsNothing() async throws {
        let server = try await LibvirtServer.separate()
        let gateway = try await TestGateway(on: server)
        let known = try await everything(on: gateway)
        async let amongNothing = LibvirtServer.schemathesis([
            "run", gateway.process.socket, "--phases", "coverage", "--seed", "20",
        ])
        async let onThings = LibvirtServer.schemathesis([
            "run", gateway.process.socket, "--known", known, "v.img", "--phases", "coverage,fuzzing", "--max-examples",
            "10", "--seed", "20",
        ])
        for outcome in [try await amongNothing, try await onThings] {
            #expect(outcome.status == 0, "\(outcome.output.suffix(8000))")
            #expect(outcome.output.contains("35 passed"), "\(outcome.output.suffix(2000))")
        }
        #expect(try await gateway.ask("GET", "/health").status == 200)
        #expect(!gateway.process.log.contains("\"status\":\"500\""))
        try await server.end()
    }

    /// A pool with a volume, a network and a running domain, all of one UUID.
    private func everything(on gateway: TestGateway) async throws -> String {
        let pool = try await gateway.makePool()
        for (path, body) in [
            ("pools/\(pool.uuid)/volumes/v.img", ["capacity": 1 << 20, "format": "raw"]),
            ("networks/\(pool.uuid)", NetworkTests.spec(6)), ("domains/\(pool.uuid)", DomainTests.diskless("known")),
        ] {
            let reply = try await gateway.ask("PUT", "/v1/\(path)", body)
            #expect(reply.status == 201, "\(reply.text)")
        }
        return pool.uuid
    }
}
