import Foundation
import Testing

/// Renames, imports and removals of zones and records on a real DNS server.
@Suite(.serialized, .enabled(if: PowerDNS.isExpected, "PowerDNS is not installed"))
struct ZoneRefactoringTests {
    private static let stackFile = """
        stack: zones
        providers: {http: {dns: {api: powerdns, base_url: "${env.PDNS_URL}", key: "${env.PDNS_KEY}"}}}
        """

    private func stack(_ spec: String) async throws -> (PowerDNS, Stack) {
        let server = try await PowerDNS.start()
        let files = ["stack.yaml": Self.stackFile, "main.yaml": spec]
        return (server, try Stack(files, environment: server.environment))
    }

    @Test func zonesAreRenamedFromCountToNamesAndKeepTheirSerials() async throws {
        let (server, stack) = try await stack(
            """
            resources:
              powerdns_zone.z:
                count: 2
                spec: {name: "z${count.index}.example.org", nameservers: [ns1.example.net]}
            """)
        try await stack.apply()
        try stack.write(
            "main.yaml",
            """
            resources:
              powerdns_zone.site:
                for_each: {a: z0, b: z1}
                spec: {name: "${each.value}.example.org", nameservers: [ns1.example.net]}
            moved:
              - {from: 'powerdns_zone.z[0]', to: 'powerdns_zone.site["a"]'}
              - {from: 'powerdns_zone.z[1]', to: 'powerdns_zone.site["b"]'}
            """)
        let applied = try await stack.apply()
        #expect(applied.words.contains("2 moved."), "\(applied.output)")
        #expect(try await server.zones() == ["z0.example.org.", "z1.example.org."])
        try await stack.expectNoChanges()
    }

    @Test func aZoneIsForgottenImportedAndDestroyed() async throws {
        let zone = """
            resources:
              powerdns_zone.z: {spec: {name: example.org, nameservers: [ns1.example.net]}}

            """
        let (server, stack) = try await stack(zone)
        try await stack.apply()
        try stack.write("main.yaml", "removed: [{from: powerdns_zone.z, destroy: false}]\n")
        #expect(try await stack.apply().words.contains("1 forgotten."))
        #expect(try await server.zones() == ["example.org."])
        // Not by its name: that is refused, since it is there already.
        try stack.write("main.yaml", zone)
        let refused = try await stack.plumb("apply", "--auto-approve")
        #expect(refused.code == 1)
        try stack.write(
            "main.yaml", zone.replacing("ns1", with: "ns2") + "import: [{to: powerdns_zone.z, id: example.org}]\n")
        let applied = try await stack.apply()
        #expect(applied.words.contains("1 changed, 1 imported."), "\(applied.output)")
        try await stack.expectNoChanges()
        try stack.write("main.yaml", "removed: [{from: powerdns_zone.z}]\n")
        #expect(try await stack.apply().words.contains("1 destroyed."))
        #expect(try await server.zones() == [])
    }

    @Test func theCommandImportsAZoneAndItsRecords() async throws {
        let (server, stack) = try await stack(
            """
            resources:
              powerdns_zone.z: {spec: {name: example.org, nameservers: [ns1.example.net]}}
              powerdns_record_set.www:
                spec:
                  zone: ${powerdns_zone.z.name}
                  name: www.example.org
                  type: A
                  ttl: 300
                  records: [192.0.2.1, 192.0.2.2]
            """)
        try await stack.apply()
        let forgotten = try await stack.plumb("state", "rm", "powerdns_zone.z", "powerdns_record_set.www")
        #expect(forgotten.code == 0, "\(forgotten.errors)")
        try stack.remove("main.yaml")
        let ids = [("powerdns_zone.z", "example.org"), ("powerdns_record_set.www", "example.org/www.example.org/A")]
        for (number, (address, id)) in ids.enumerated() {
            let result = try await stack.plumb(
                "import", address, id, "--out", stack.path("imported-\(number).yaml"))
            #expect(result.code == 0, "\(result.errors)")
        }
        try await stack.expectNoChanges()
        #expect(stack.read("imported-1.yaml")?.contains("ttl: 300") == true)
        #expect(try await server.zones() == ["example.org."])
    }
}
