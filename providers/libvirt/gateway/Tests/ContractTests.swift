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

    /// Some thousand requests, right and wrong, on a libvirtd of its own: they make and remove whatever they find.
    @Test(.enabled(if: hasSchemathesis)) func schemathesisFindsNothing() async throws {
        let server = try await LibvirtServer.separate()
        let gateway = try await TestGateway(on: server)
        let outcome = try await LibvirtServer.schemathesis([
            "run", gateway.process.socket, "--checks", "all", "--exclude-checks", "unsupported_method",
            "--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--seed", "20", "--workers", "2",
        ])
        #expect(outcome.status == 0, "\(outcome.output.suffix(6000))")
        #expect(outcome.output.contains("No issues found"), "\(outcome.output.suffix(2000))")
        #expect(try await gateway.ask("GET", "/health").status == 200)
        #expect(!gateway.process.log.contains("\"status\":\"500\""))
        try await server.end()
    }
}
