import HTTPTransport
import PlumbModel
import ProviderAPI
import ProviderTesting
import Testing
import ThrowawayServers

/// The types of `apis/cloudflare.yaml` against Cloudflare as its published description has it: the real one cannot run
/// here. What is sent is held against the description's schemas, what comes back has the shape of its examples.
@Suite(.serialized) struct CloudflareConformanceTests {
    static let api: TestedAPI = TestedAPI(name: "cloudflare", server: { try .described(.cloudflare) })
    private static let zone = "023e105f4ecef8ad9ca31a8372d0c353"

    static let records: ProviderConformance = api.conformance(
        "cloudflare_dns_record",
        declared: {
            [
                "zone_id": .string(zone), "name": .string("\($0).Example.com"), "type": "AAAA",
                "content": "2001:DB8:0::1", "comment": "a test", "tags": ["a:1", "b:2"],
            ]
        },
        inPlace: {
            [
                "zone_id": .string(zone), "name": .string("\($0).example.com"), "type": "aaaa",
                "content": "2001:db8::2", "ttl": 300, "proxied": true,
            ]
        },
        replacement: {
            [
                "zone_id": .string(zone), "name": .string("\($0).example.com"), "type": "MX",
                "content": "mail.example.com", "priority": 10,
            ]
        },
        drifts: [
            Drift("somebody changes what it says") { state in
                try await api.demand(
                    "PUT", place(state),
                    [
                        "name": .string(state.text("name").lowercased()), "type": "AAAA", "content": "2001:db8::bad",
                        "ttl": 1,
                    ])
            }
        ],
        place: { place($0) }, importID: { "\(zone)/\($0.text("id"))" }, unimportable: ["name", "type", "content"])

    /// Records that are more than one text.
    static let services: ProviderConformance = api.conformance(
        "cloudflare_dns_record",
        declared: { service($0, ["priority": 1, "weight": 5, "port": 443, "target": "sip.example.com"]) },
        inPlace: {
            service($0, ["priority": 2, "weight": 5, "port": 8443, "target": "sip.example.com"], ["ttl": 120])
        },
        replacement: {
            service($0, ["flags": 0, "tag": "issue", "value": "letsencrypt.org"], ["type": "CAA"])
        },
        drifts: [
            Drift("somebody changes a part") { state in
                try await api.demand(
                    "PUT", place(state),
                    [
                        "name": .string(state.text("name")), "type": "SRV", "ttl": 1,
                        "data": ["priority": 1, "weight": 5, "port": 1, "target": "sip.example.com"],
                    ])
            }
        ],
        place: { place($0) }, importID: { "\(zone)/\($0.text("id"))" }, unimportable: ["name"])

    static let zones: ProviderConformance = api.conformance(
        "cloudflare_zone",
        declared: { ["name": .string("\($0).Example"), "paused": true] },
        inPlace: { ["name": .string("\($0).example"), "type": "partial"] },
        replacement: { ["name": .string("\($0)-other.example")] },
        drifts: [
            Drift("somebody takes it out of its pause") {
                try await api.demand("PATCH", "/zones/\($0.text("id"))", ["paused": false])
            }
        ],
        place: { "/zones/\($0.text("id"))" }, importID: { $0.text("name").lowercased() }, unimportable: ["name"])

    @Test(arguments: services.checks) func recordOfParts(_ check: ConformanceCheck) async throws {
        try await Self.services.run(check)
    }

    @Test(arguments: zones.checks) func zone(_ check: ConformanceCheck) async throws {
        try await Self.zones.run(check)
    }

    /// What Cloudflare writes in its own way is no change.
    @Test(arguments: [
        ("TXT", String(repeating: "v=spf1 ", count: 60)), ("TXT", "\"v=spf1 -all\""),
        ("CNAME", "Elsewhere.Example.net."),
    ]) func aTextIsTheSameInCloudflaresWriting(_ type: String, _ content: String) async throws {
        let instance = try await Self.api.instance()
        let records = try instance.type("cloudflare_dns_record")
        let state = try await records.apply([
            ("zone_id", .string(Self.zone)), ("name", .string("text-\(content.count).example.com")),
            ("type", .string(type)), ("content", .string(content)),
        ])
        #expect(state.text("content") == content)
        #expect(try await records.read(state)?.values == state.values)
        try await records.delete(DeleteRequest(prior: state, intent: "x"))
        await instance.close()
    }

    @Test(arguments: records.checks) func record(_ check: ConformanceCheck) async throws {
        try await Self.records.run(check)
    }

    @Test func aZoneIsFoundByItsName() async throws {
        let instance = try await Self.api.instance()
        let type = try #require(instance.dataTypes.first { $0.name == "cloudflare_zone" })
        let asked: Value = [
            "name": "Example.com", "id": .null, "account_id": .null, "status": .null, "name_servers": .null,
        ]
        let zone = try await type.read(asked)
        #expect(zone[key: "id"] == .string(Self.zone))
        #expect(zone[key: "status"] == "active")
        #expect(zone[key: "name_servers"] == .list(["bob.ns.cloudflare.com", "lola.ns.cloudflare.com"]))
        await instance.close()
    }

    @Test func aRefusalIsToldInCloudflaresWords() async throws {
        let instance = try await Self.api.instance()
        let error = await #expect(throws: ProviderError.self) {
            try await instance.type("cloudflare_dns_record").apply([
                ("zone_id", .string(Self.zone)), ("name", "refused.example.com"), ("type", "CNAME"),
                ("content", "refused.example.com"),
            ])
        }
        #expect(error?.code == .invalid)
        #expect(
            error?.message.contains("CNAME content cannot reference itself. (code 9039)") == true,
            "\(error?.message ?? "")")
        await instance.close()
    }

    private static func service(_ name: String, _ data: Value, _ more: [String: Value] = [:]) -> Value {
        var values = ValueMap([
            ("zone_id", .string(zone)), ("name", .string("_sip._tcp.\(name).example.com")), ("type", "SRV"),
            ("data", data),
        ])
        for (name, value) in more { values[name] = value }
        return .object(values)
    }

    private static func place(_ state: ResourceState) -> String { "/zones/\(zone)/dns_records/\(state.text("id"))" }
}
