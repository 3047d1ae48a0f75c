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
            ["region": "fra1", "name": .string($0), "size": 20, "filesystem_type": "ext4", "tags": ["a", "c"]]
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
        importID: { "shared.example/\($0.text("id"))" }, unimportable: ["type", "name", "value"])

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
            [
                "name": .string($0),
                "inbound_rules": [
                    ["protocol": "tcp", "ports": "443", "load_balancer_ids": ["4de7ac8b-495b-4884-9a69-1050c6793cd6"]],
                    ["protocol": "tcp", "ports": "80", "action": "deny", "tags": ["web"]],
                ],
            ]
        },
        drifts: [
            Drift("somebody removes the rules") {
                try await api.demand(
                    "PUT", "/firewalls/\($0.text("id"))", ["name": .string($0.text("name")), "inbound_rules": []])
            }
        ],
        place: { "/firewalls/\($0.text("id"))" }, importID: { $0.text("id") })

    static let networks: ProviderConformance = api.conformance(
        "digitalocean_vpc",
        declared: { ["name": .string($0), "region": "fra1", "description": "inside"] },
        inPlace: { ["name": .string("\($0)-other"), "region": "fra1"] },
        replacement: { ["name": .string($0), "region": "fra1", "ip_range": "10.20.0.0/16"] },
        drifts: [
            Drift("somebody renames it") {
                try await api.demand("PATCH", "/vpcs/\($0.text("id"))", ["name": .string($0.text("name") + "-x")])
            }
        ],
        place: { "/vpcs/\($0.text("id"))" }, importID: { $0.text("id") })

    static let balancers: ProviderConformance = api.conformance(
        "digitalocean_load_balancer",
        declared: {
            balancer($0, ["health_check": ["protocol": "tcp", "port": 443], "redirect_http_to_https": true])
        },
        inPlace: {
            balancer(
                $0,
                [
                    "size_unit": 3, "tag": "web",
                    "sticky_sessions": ["type": "cookies", "cookie_name": "DO-LB", "cookie_ttl_seconds": 300],
                ])
        },
        replacement: { balancer($0, ["network": "INTERNAL"]) },
        drifts: [
            Drift("somebody sends other traffic") { state in
                try await api.demand(
                    "PUT", "/load_balancers/\(state.text("id"))",
                    [
                        "name": .string(state.text("name")), "region": "fra1",
                        "forwarding_rules": [
                            ["entry_protocol": "tcp", "entry_port": 22, "target_protocol": "tcp", "target_port": 22]
                        ],
                    ])
            }
        ],
        place: { "/load_balancers/\($0.text("id"))" }, importID: { $0.text("id") })

    @Test(arguments: networks.checks) func vpc(_ check: ConformanceCheck) async throws {
        try await Self.networks.run(check)
    }

    @Test(arguments: balancers.checks) func loadBalancer(_ check: ConformanceCheck) async throws {
        try await Self.balancers.run(check)
    }

    /// DigitalOcean tells no dot at the end of a name, and names within the domain without it.
    @Test(arguments: ["mail.elsewhere.example.", "mail.shared.example.", "mail", "shared.example."])
    func namesAreTheSameInDigitalOceansWriting(_ value: String) async throws {
        try await Self.api.ask("POST", "/domains", ["name": "shared.example"])
        let instance = try await Self.api.instance()
        let type = try instance.type("digitalocean_record")
        let state = try await type.apply([
            ("domain", "shared.example"), ("type", "CNAME"), ("name", "alias"), ("value", .string(value)),
        ])
        #expect(state.text("value") == value)
        #expect(try await type.read(state)?.values == state.values)
        try await type.delete(DeleteRequest(prior: state, intent: "x"))
        await instance.close()
    }

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

    private static func balancer(_ name: String, _ more: [String: Value]) -> Value {
        let rules: Value = [
            ["entry_protocol": "https", "entry_port": 443, "target_protocol": "https", "target_port": 443]
        ]
        var values = ValueMap([("name", .string(name)), ("region", "fra1"), ("forwarding_rules", rules)])
        for (name, value) in more { values[name] = value }
        return .object(values)
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
