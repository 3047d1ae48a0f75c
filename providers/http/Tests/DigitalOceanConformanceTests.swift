import HTTPTransport
import PlumbModel
import ProviderAPI
import ProviderTesting
import Testing
import ThrowawayServers

/// Every type of `apis/digitalocean.yaml` against DigitalOcean as its published description has it: the real one cannot
/// run here. What is sent is held against the description's schemas, what comes back has the shape of its examples.
@Suite(.serialized) struct DigitalOceanConformanceTests {
    static let api: TestedAPI = TestedAPI(
        name: "digitalocean", server: { try .described(.digitalocean) }, waitsShortly: true)

    static let droplets: ProviderConformance = api.conformance(
        "digitalocean_droplet",
        declared: { machine($0, ["tags": ["web", "prod"], "ssh_keys": ["289794"], "user_data": "#cloud-config"]) },
        inPlace: {
            machine(
                "\($0)-renamed",
                [
                    "size": "s-2vcpu-2gb", "backups": true, "tags": ["prod", "db"], "ssh_keys": ["289794"],
                    "user_data": "#cloud-config",
                ])
        },
        replacement: { machine($0, ["image": "debian-12-x64"]) },
        drifts: [
            Drift("somebody renames it") { state in
                let answer = try await api.ask(
                    "POST", "/droplets/\(state.text("id"))/actions", ["type": "rename", "name": "somebodys"])
                let action = answer.body[key: "action"]?[key: "id"]?.asInt ?? 0
                for _ in 0..<2 { try await api.demand("GET", "/actions/\(action)") }
            },
            Drift("somebody removes a tag") { state in
                try await api.demand(
                    "DELETE", "/tags/web/resources",
                    ["resources": [["resource_id": .string(state.text("id")), "resource_type": "droplet"]]])
            },
        ],
        place: { "/droplets/\($0.text("id"))" }, importID: { $0.text("id") }, unimportable: ["ssh_keys", "user_data"])

    static let volumes: ProviderConformance = api.conformance(
        "digitalocean_volume",
        declared: {
            ["region": "fra1", "name": .string($0), "size": 10, "filesystem_type": "ext4", "tags": ["b", "a"]]
        },
        inPlace: {
            ["region": "fra1", "name": .string($0), "size": 20, "filesystem_type": "ext4", "tags": ["a", "b"]]
        },
        replacement: { ["region": "fra1", "name": .string($0), "size": 5] },
        drifts: [
            Drift("somebody deletes it") { try await api.demand("DELETE", "/volumes/\($0.text("id"))") }
        ],
        place: { "/volumes/\($0.text("id"))" }, importID: { $0.text("id") })

    static let domains: ProviderConformance = api.conformance(
        "digitalocean_domain",
        declared: { ["name": .string("\($0).Example")] },
        replacement: { ["name": .string("\($0)-other.example")] },
        drifts: [
            Drift("somebody deletes it") {
                try await api.demand("DELETE", "/domains/\($0.text("name").lowercased())")
            }
        ],
        place: { "/domains/\($0.text("name").lowercased())" }, importID: { $0.text("name").lowercased() },
        unimportable: ["name"])

    static let records: ProviderConformance = api.conformance(
        "digitalocean_record",
        declared: {
            [
                "domain": "shared.example", "type": "MX", "name": .string($0), "value": "mail.example.", "priority": 10,
            ]
        },
        inPlace: {
            [
                "domain": "shared.example", "type": "mx", "name": .string("\($0)-other"), "value": "post.example.",
                "priority": 20, "ttl": 60,
            ]
        },
        replacement: { ["domain": "shared.example", "type": "AAAA", "name": .string($0), "value": "2001:DB8:0::1"] },
        drifts: [
            Drift("somebody changes what it says") { state in
                try await api.demand(
                    "PUT", "/domains/shared.example/records/\(state.text("id"))",
                    ["type": "MX", "data": "elsewhere.example."])
            }
        ],
        place: { "/domains/shared.example/records/\($0.text("id"))" },
        importID: { "shared.example/\($0.text("id"))" }, unimportable: ["type", "name"])

    static let keys: ProviderConformance = api.conformance(
        "digitalocean_ssh_key",
        declared: { ["name": .string($0), "public_key": .string("ssh-ed25519 \($0) me@example\n")] },
        inPlace: { ["name": .string("\($0)-other"), "public_key": .string("ssh-ed25519 \($0) me@example")] },
        replacement: { ["name": .string($0), "public_key": .string("ssh-ed25519 other\($0)")] },
        drifts: [
            Drift("somebody renames it") {
                try await api.demand("PUT", "/account/keys/\($0.text("id"))", ["name": "somebody's"])
            }
        ],
        place: { "/account/keys/\($0.text("id"))" }, importID: { $0.text("id") }, unimportable: ["public_key"])

    static let firewalls: ProviderConformance = api.conformance(
        "digitalocean_firewall",
        declared: {
            [
                "name": .string($0), "tags": ["web"],
                "inbound_rules": [
                    ["protocol": "tcp", "ports": "22", "addresses": ["192.0.2.0/24"]],
                    ["protocol": "icmp", "addresses": ["0.0.0.0/0", "::/0"]],
                ],
                "outbound_rules": [["protocol": "tcp", "addresses": ["0.0.0.0/0"]]],
            ]
        },
        inPlace: {
            ["name": .string($0), "inbound_rules": [["protocol": "tcp", "ports": "443", "tags": ["balancer"]]]]
        },
        drifts: [
            Drift("somebody removes the rules") {
                try await api.demand("PUT", "/firewalls/\($0.text("id"))", ["name": .string($0.text("name"))])
            }
        ],
        place: { "/firewalls/\($0.text("id"))" }, importID: { $0.text("id") })

    @Test(arguments: droplets.checks) func droplet(_ check: ConformanceCheck) async throws {
        try await Self.droplets.run(check)
    }

    @Test(arguments: volumes.checks) func volume(_ check: ConformanceCheck) async throws {
        try await Self.volumes.run(check)
    }

    @Test(arguments: domains.checks) func domain(_ check: ConformanceCheck) async throws {
        try await Self.domains.run(check)
    }

    @Test(arguments: records.checks) func record(_ check: ConformanceCheck) async throws {
        try await Self.api.ask("POST", "/domains", ["name": "shared.example"])
        try await Self.records.run(check)
    }

    @Test(arguments: keys.checks) func sshKey(_ check: ConformanceCheck) async throws {
        try await Self.keys.run(check)
    }

    @Test(arguments: firewalls.checks) func firewall(_ check: ConformanceCheck) async throws {
        try await Self.firewalls.run(check)
    }

    /// An attachment needs what it attaches, which a declaration cannot make.
    @Test func aVolumeIsAttachedAndDetached() async throws {
        let instance = try await Self.api.instance()
        let droplet = try await instance.type("digitalocean_droplet").apply([
            ("name", "attached"), ("region", "fra1"), ("size", "s-1vcpu-1gb"), ("image", "debian-12-x64"),
        ])
        let volume = try await instance.type("digitalocean_volume").apply([
            ("name", "attached"), ("region", "fra1"), ("size", 10),
        ])
        let type = try instance.type("digitalocean_volume_attachment")
        let attached = try await type.apply([
            ("volume_id", .string(volume.text("id"))), ("droplet_id", .string(droplet.text("id"))),
        ])
        #expect(try await type.read(attached) == attached)
        let seen = try await instance.type("digitalocean_volume").read(volume)
        #expect(seen?.values[key: "droplet_ids"] == .list([.string(droplet.text("id"))]))
        try await type.delete(DeleteRequest(prior: attached, intent: "x"))
        #expect(try await type.read(attached) == nil)
        try await type.delete(DeleteRequest(prior: attached, intent: "x"))
        try await instance.type("digitalocean_volume").delete(DeleteRequest(prior: volume, intent: "x"))
        try await instance.type("digitalocean_droplet").delete(DeleteRequest(prior: droplet, intent: "x"))
        await instance.close()
    }

    private static func machine(_ name: String, _ more: [String: Value]) -> Value {
        var values = ValueMap([
            ("name", .string(name)), ("region", "fra1"), ("size", "s-1vcpu-1gb"), ("image", "ubuntu-24-04-x64"),
        ])
        for (name, value) in more { values[name] = value }
        return .object(values)
    }
}

extension TestedAPI.Server {
    /// One that `Tests/Services/described-api` plays.
    static func described(_ api: DescribedAPI, _ settings: [(String, Value)] = []) throws -> TestedAPI.Server {
        TestedAPI.Server(
            url: try api.url(), headers: ["Authorization": "Bearer \(DescribedAPI.token)"], key: DescribedAPI.token,
            settings: settings)
    }
}
