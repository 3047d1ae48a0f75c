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
                ("zone_id", .string(Self.zone)), ("name", "refused.example.com"), ("type", "MX"), ("content", "mail"),
            ])
        }
        #expect(error?.code == .invalid)
        #expect(
            error?.message.contains("MX records must have a priority. (code 9005)") == true, "\(error?.message ?? "")")
        await instance.close()
    }

    private static func place(_ state: ResourceState) -> String { "/zones/\(zone)/dns_records/\(state.text("id"))" }
}
