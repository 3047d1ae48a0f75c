import Foundation
import HTTPTransport
import LibvirtFixtures
import Testing

/// Networks on the real libvirtd.
@Suite(.enabled(if: LibvirtServer.isExpected))
struct NetworkTests {
    /// Each test has a network address of its own: they run at the same time.
    static func spec(_ number: Int, hosts: [[String: String]] = []) -> [String: Any] {
        [
            "name": "n-\(number)", "cidr": "10.90.\(number).0/24",
            "dhcp": ["start": "10.90.\(number).100", "end": "10.90.\(number).200", "hosts": hosts],
        ]
    }

    @Test func hostsChangeWhileTheNetworkRuns() async throws {
        let gateway = try await TestGateway()
        let path = "/v1/networks/\(TestGateway.newUUID())"
        let made = try await gateway.ask("PUT", path, NetworkTests.spec(1))
        #expect(made.status == 201, "\(made.text)")
        #expect(made.json("mode") as? String == "nat")
        #expect(try await gateway.ask("PUT", path, NetworkTests.spec(1)).etag == made.etag)
        let host = ["mac": "52:54:00:11:22:33", "ip": "10.90.1.7", "name": "seven"]
        var spec = NetworkTests.spec(1, hosts: [host])
        spec["dns"] = ["hosts": [["ip": "10.90.1.8", "names": ["eight.test", "acht.test"]]]]
        let changed = try await gateway.ask("PUT", path, spec, ["If-Match": made.etag])
        #expect(changed.status == 200, "\(changed.text)")
        #expect(changed.json("status", "pending") as? [String] == [])
        // The running network has it, not just its definition.
        let live = try await gateway.server.virsh("net-dumpxml", "n-1")
        #expect(live.contains("52:54:00:11:22:33") && live.contains("acht.test"))
        #expect(try await gateway.ask("PUT", path, spec).etag == changed.etag)
        let back = try await gateway.ask("PUT", path, NetworkTests.spec(1))
        #expect(back.etag == made.etag)
        var wider = NetworkTests.spec(1)
        wider["dhcp"] = ["start": "10.90.1.50", "end": "10.90.1.200"]
        let pending = try await gateway.ask("PUT", path, wider)
        #expect(pending.json("status", "pending") as? [String] == ["/dhcp"])
        #expect(try await gateway.ask("DELETE", path).status == 204)
        #expect(try await gateway.ask("GET", path).status == 404)
    }

    @Test func whatCannotBeIsRefusedWithItsPlace() async throws {
        let gateway = try await TestGateway()
        let path = "/v1/networks/\(TestGateway.newUUID())"
        let cases: [(String, [String: Any])] = [
            (
                "/dhcp/start",
                ["name": "n-2", "cidr": "10.90.2.0/24", "dhcp": ["start": "10.91.2.1", "end": "10.90.2.9"]]
            ),
            ("/dhcp", ["name": "n-2", "cidr": "10.90.2.0/24", "dhcp": ["start": "10.90.2.9"]]),
            ("/cidr", ["name": "n-2", "dhcp": ["start": "10.90.2.1", "end": "10.90.2.9"]]),
            ("/cidr", ["name": "n-2", "cidr": "10.90.2.0/33"]),
            (
                "/dhcp/end",
                ["name": "n-2", "cidr": "10.90.2.0/24", "dhcp": ["start": "10.90.2.9", "end": "10.90.2.2"]]
            ),
            ("/bridge", ["name": "n-2", "mode": "bridge"]),
            ("/nmae", ["nmae": "n-2", "name": "n-2"]),
        ]
        for (pointer, spec) in cases {
            let reply = try await gateway.ask("PUT", path, spec)
            #expect(reply.status == 422, "\(reply.text)")
            let errors = reply.json("errors") as? [[String: String]] ?? []
            #expect(errors.contains { $0["pointer"] == pointer }, "\(reply.text)")
        }
        let bridged = try await gateway.ask("PUT", path, ["name": "n-2", "mode": "bridge", "bridge": "docker0"])
        #expect(bridged.status == 403)
        #expect(try await gateway.ask("GET", path).status == 404)
    }
}
