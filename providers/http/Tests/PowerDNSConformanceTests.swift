import HTTPTransport
import PlumbModel
import ProviderAPI
import ProviderTesting
import Testing

extension PowerDNSSuites {
    @Suite struct PowerDNSConformanceTests {
        static let zones = ProviderConformance(
            type: "powerdns_zone",
            instance: { try instance() },
            declared: { ["name": .string("\($0).example"), "nameservers": ["ns1.example.net", "NS2.example.net."]] },
            inPlace: {
                [
                    "name": .string("\($0).example"), "kind": "Master", "account": "acme",
                    "nameservers": ["ns3.example.net"],
                ]
            },
            replacement: { ["name": .string("\($0)-other.example"), "nameservers": ["ns1.example.net"]] },
            drifts: [
                Drift("somebody changes the account") { state in
                    let answer = try await PowerDNSServer.shared.get().ask(
                        "PUT", "/zones/\(text(state, "id"))", ["account": "somebody"])
                    try #require(answer.status == 204)
                },
                Drift("somebody changes the name servers") { state in
                    let id = text(state, "id")
                    try await PowerDNSServer.shared.get().setRecords(id, id, "NS", ["elsewhere.example.net."])
                },
            ],
            exists: { try await PowerDNSServer.shared.get().ask("GET", "/zones/\(text($0, "id"))").status == 200 },
            importID: { text($0, "name") },
            faulty: { try await faulty($0) })

        static let recordSets = ProviderConformance(
            type: "powerdns_record_set",
            instance: { try instance() },
            declared: {
                [
                    "zone": "sets.example", "name": .string("\($0).sets.example"), "type": "AAAA",
                    "records": ["2001:DB8:0::1", "2001:db8::2"],
                ]
            },
            inPlace: {
                [
                    "zone": "sets.example", "name": .string("\($0).sets.example"), "type": "AAAA", "ttl": 60,
                    "records": ["2001:db8::3"], "comments": [["content": "changed", "account": "me"]],
                ]
            },
            replacement: {
                ["zone": "sets.example", "name": .string("\($0).sets.example"), "type": "A", "records": ["192.0.2.1"]]
            },
            drifts: [
                Drift("somebody changes the records") { state in
                    try await PowerDNSServer.shared.get().setRecords(
                        "sets.example.", text(state, "name") + ".", "AAAA", ["2001:db8::bad"])
                }
            ],
            exists: { state in
                let zone = try await PowerDNSServer.shared.get().ask("GET", "/zones/sets.example.").body
                return (zone[key: "rrsets"]?.asList ?? []).contains { set in
                    set[key: "name"]?.asString == text(state, "name") + "."
                        && set[key: "type"] == state.values[key: "type"]
                }
            },
            importID: { "sets.example/\(text($0, "name"))/\(text($0, "type"))" },
            unimportable: ["zone", "name"],
            faulty: { try await faulty($0) })

        static let metadata = ProviderConformance(
            type: "powerdns_zone_metadata",
            instance: { try instance() },
            declared: {
                ["zone": "sets.example", "kind": .string("x-\($0)"), "values": ["192.0.2.2", "192.0.2.1"]]
            },
            inPlace: { ["zone": "sets.example.", "kind": .string("X-\($0)"), "values": ["192.0.2.3"]] },
            replacement: { ["zone": "sets.example", "kind": .string("X-\($0)-OTHER"), "values": ["192.0.2.1"]] },
            drifts: [
                Drift("somebody changes the values") { state in
                    let answer = try await PowerDNSServer.shared.get().ask(
                        "PUT", metadataPath(state), ["metadata": ["192.0.2.9"]])
                    try #require(answer.status == 200)
                },
                Drift("somebody removes the values") { state in
                    _ = try await PowerDNSServer.shared.get().ask("DELETE", metadataPath(state))
                },
            ],
            exists: { state in
                let answer = try await PowerDNSServer.shared.get().ask("GET", metadataPath(state)).body
                return answer[key: "metadata"]?.asList?.isEmpty == false
            },
            importID: { "sets.example/\(text($0, "kind"))" },
            unimportable: ["kind"],
            faulty: { try await faulty($0) })

        static let keys = ProviderConformance(
            type: "powerdns_tsig_key",
            instance: { try instance() },
            declared: { ["name": .string($0), "algorithm": "HMAC-SHA512"] },
            inPlace: { ["name": .string("\($0)."), "algorithm": "hmac-sha512", "key": "c2VjcmV0"] },
            replacement: { ["name": .string("\($0)-other")] },
            drifts: [
                Drift("somebody removes the key") { state in
                    _ = try await PowerDNSServer.shared.get().ask("DELETE", "/tsigkeys/\(text(state, "id"))")
                }
            ],
            exists: { try await PowerDNSServer.shared.get().ask("GET", "/tsigkeys/\(text($0, "id"))").status == 200 },
            importID: { text($0, "name") },
            unimportable: ["algorithm", "name"],
            faulty: { try await faulty($0) })

        static let cryptokeys = ProviderConformance(
            type: "powerdns_cryptokey",
            instance: { try instance() },
            declared: { _ in ["zone": "signed.example", "active": false, "published": false] },
            inPlace: { _ in ["zone": "signed.example."] },
            replacement: { _ in ["zone": "signed.example", "flags": 256, "algorithm": "RSASHA256", "bits": 2048] },
            drifts: [
                Drift("somebody activates the key") { state in
                    let answer = try await PowerDNSServer.shared.get().ask(
                        "PUT", cryptokeyPath(state), ["active": true, "published": true])
                    try #require(answer.status == 204)
                },
                Drift("somebody removes the key") { state in
                    _ = try await PowerDNSServer.shared.get().ask("DELETE", cryptokeyPath(state))
                },
            ],
            exists: { try await PowerDNSServer.shared.get().ask("GET", cryptokeyPath($0)).status == 200 },
            importID: { "signed.example/\($0.values[key: "id"]?.asInt ?? 0)" },
            faulty: { try await faulty($0) })

        @Test(arguments: cryptokeys.checks) func cryptokey(_ check: ConformanceCheck) async throws {
            _ = try await PowerDNSServer.shared.get().ask(
                "POST", "/zones", ["name": "signed.example.", "kind": "Native"])
            try await Self.cryptokeys.run(check)
        }

        /// A key that is to sign does: the zone is signed from then on, and the parent's records are told.
        @Test func anActiveKeySigns() async throws {
            let server = try PowerDNSServer.shared.get()
            _ = try await server.ask("POST", "/zones", ["name": "active.example.", "kind": "Native"])
            let type = try Self.instance().type("powerdns_cryptokey")
            let state = try await type.apply([("zone", "active.example")])
            #expect(try await server.ask("GET", "/zones/active.example.").body[key: "dnssec"]?.asBool == true)
            #expect(state.values[key: "dnskey"]?.asString?.hasPrefix("257 3 13 ") == true)
            #expect((state.values[key: "ds"]?.asList ?? []).count >= 2)
            let told = state.values.json
            #expect(!told.contains("Private"))
        }

        private static func cryptokeyPath(_ state: ResourceState) -> String {
            "/zones/\(text(state, "zone")).".replacing("..", with: ".")
                + "/cryptokeys/\(state.values[key: "id"]?.asInt ?? 0)"
        }

        @Test(arguments: metadata.checks) func zoneMetadata(_ check: ConformanceCheck) async throws {
            _ = try await PowerDNSServer.shared.get().ask(
                "POST", "/zones", ["name": "sets.example.", "kind": "Native"])
            try await Self.metadata.run(check)
        }

        @Test(arguments: keys.checks) func tsigKey(_ check: ConformanceCheck) async throws {
            try await Self.keys.run(check)
        }

        private static func metadataPath(_ state: ResourceState) -> String {
            "/zones/sets.example./metadata/\(text(state, "kind").uppercased())"
        }

        @Test(arguments: zones.checks) func zone(_ check: ConformanceCheck) async throws {
            try await Self.zones.run(check)
        }

        @Test(arguments: recordSets.checks) func recordSet(_ check: ConformanceCheck) async throws {
            _ = try await PowerDNSServer.shared.get().ask(
                "POST", "/zones", ["name": "sets.example.", "kind": "Native"])
            try await Self.recordSets.run(check)
        }

        private static func instance() throws -> any ProviderInstance {
            let server = try PowerDNSServer.shared.get()
            return try makeInstance(url: server.url, key: server.key)
        }

        private static func text(_ state: ResourceState, _ name: String) -> String {
            state.values[key: name]?.asString ?? ""
        }

        private static func faulty(_ fault: Fault) async throws -> any ProviderInstance {
            let server = try PowerDNSServer.shared.get()
            return try await FaultyInstances.make(fault, upstream: server.port) { url in
                try makeInstance(url: url + "/api/v1", key: server.key, [("timeout", "500ms")])
            }
        }
    }
}
