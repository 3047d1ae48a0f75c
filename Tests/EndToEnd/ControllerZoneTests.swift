import Foundation
import GitFixtures
import Testing

/// The controller with a real PowerDNS, which tells of nothing by itself: what changes there is found by the clock.
@Suite(.enabled(if: PowerDNS.isExpected, "PowerDNS is not installed")) struct ControllerZoneTests {
    private static let stack = """
        stack: zone
        providers:
          http: {dns: {api: powerdns, base_url: "${env.PDNS_URL}", key: "${env.PDNS_KEY}"}}
        sync: {drift: {mode: heal, every: 1s}}

        """

    private static func specs(_ address: String) -> String {
        """
        resources:
          powerdns_zone.example:
            provider: http.dns
            spec: {name: example.org, nameservers: [ns1.example.net]}
          powerdns_record_set.www:
            provider: http.dns
            spec: {zone: "${powerdns_zone.example.name}", name: www.example.org, type: A, ttl: 300, records: ["\(address)"]}

        """
    }

    @Test func whatIsPushedIsServedWhatIsChangedIsHealedAndARevertRollsBack() async throws {
        let server = try await PowerDNS.start()
        let site = try ControllerSite(
            ["stacks/zone/stack.yaml": Self.stack, "stacks/zone/main.yaml": Self.specs("192.0.2.1")],
            environment: server.environment)
        func served(_ address: String) async throws -> Bool {
            guard try await server.zones().contains("example.org.") else { return false }
            return try await server.addressRecords(of: "example.org.").map(\.addresses) == [[address]]
        }
        let result = try await site.running {
            try await site.wait("the first commit") { try await served("192.0.2.1") }
            try site.write("stacks/zone/main.yaml", Self.specs("192.0.2.2"))
            try site.repository.commit()
            try await site.wait("the second commit") { try await served("192.0.2.2") }
            try await server.set("www.example.org.", in: "example.org.", to: "198.51.100.9")
            #expect(try await served("198.51.100.9"))
            try await site.wait("the heal") { try await served("192.0.2.2") }
            try site.repository.git("revert", "--no-edit", "HEAD")
            try await site.wait("the revert") { try await served("192.0.2.1") }
        }
        #expect(try result.logged("drift is healed").count == 1)
    }
}
