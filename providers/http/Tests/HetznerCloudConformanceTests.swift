import PlumbModel
import ProviderAPI
import ProviderTesting
import Testing
import ThrowawayServers

/// Every type of `apis/hcloud.yaml` against Hetzner Cloud as its published description has it: the real one cannot run
/// here. What is sent is held against the description's schemas, what comes back has the shape of its examples.
@Suite(.serialized) struct HetznerCloudConformanceTests {
    static let api: TestedAPI = TestedAPI(name: "hcloud", server: { try .described(.hcloud) }, waitsShortly: true)

    static let servers: ProviderConformance = api.conformance(
        "hcloud_server",
        declared: {
            [
                "name": .string($0), "server_type": "cx23", "image": "debian-12", "location": "nbg1",
                "ssh_keys": ["me"], "labels": ["tier": "web"],
            ]
        },
        inPlace: {
            [
                "name": .string("\($0)-other"), "server_type": "cx33", "image": "debian-12", "location": "nbg1",
                "ssh_keys": ["me"], "backups": true,
            ]
        },
        replacement: { ["name": .string($0), "server_type": "cx23", "image": "debian-12", "ipv4_enabled": false] },
        drifts: [
            Drift("somebody changes the labels") {
                try await api.demand("PUT", "/servers/\($0.text("id"))", ["labels": ["tier": "db"]])
            }
        ],
        place: { "/servers/\($0.text("id"))" }, importID: { $0.text("name") },
        unimportable: ["ssh_keys", "user_data", "root_password"])

    static let volumes: ProviderConformance = api.conformance(
        "hcloud_volume",
        declared: { ["name": .string($0), "size": 10, "location": "fsn1", "format": "ext4"] },
        inPlace: {
            [
                "name": .string("\($0)-other"), "size": 20, "location": "fsn1", "format": "ext4",
                "labels": ["a": "b"],
            ]
        },
        replacement: { ["name": .string($0), "size": 10, "location": "hel1"] },
        drifts: [
            Drift("somebody renames it") {
                try await api.demand("PUT", "/volumes/\($0.text("id"))", ["name": .string($0.text("name") + "-x")])
            }
        ],
        place: { "/volumes/\($0.text("id"))" }, importID: { $0.text("name") })

    static let networks: ProviderConformance = api.conformance(
        "hcloud_network",
        declared: { ["name": .string($0), "ip_range": "10.0.0.0/16", "labels": ["a": "b"]] },
        inPlace: { ["name": .string("\($0)-other"), "ip_range": "10.0.0.0/15", "expose_routes_to_vswitch": true] },
        replacement: { ["name": .string($0), "ip_range": "10.0.0.0/17"] },
        drifts: [
            Drift("somebody removes the labels") {
                try await api.demand("PUT", "/networks/\($0.text("id"))", ["labels": [:]])
            }
        ],
        place: { "/networks/\($0.text("id"))" }, importID: { $0.text("name") })

    static let keys: ProviderConformance = api.conformance(
        "hcloud_ssh_key",
        declared: { ["name": .string($0), "public_key": .string("ssh-ed25519 \($0)\n")] },
        inPlace: { ["name": .string($0), "public_key": .string("ssh-ed25519 \($0)"), "labels": ["a": "b"]] },
        replacement: { ["name": .string($0), "public_key": "ssh-ed25519 other"] },
        drifts: [
            Drift("somebody deletes it") { try await api.demand("DELETE", "/ssh_keys/\($0.text("id"))") }
        ],
        place: { "/ssh_keys/\($0.text("id"))" }, importID: { $0.text("name") }, unimportable: ["public_key"])

    static let firewalls: ProviderConformance = api.conformance(
        "hcloud_firewall",
        declared: {
            [
                "name": .string($0), "apply_to": ["tier=web", "env=prod"],
                "rules": [
                    ["direction": "in", "protocol": "tcp", "port": "22", "source_ips": ["192.0.2.0/24"]],
                    ["direction": "in", "protocol": "icmp", "source_ips": ["0.0.0.0/0", "::/0"]],
                ],
            ]
        },
        inPlace: {
            [
                "name": .string("\($0)-other"), "labels": ["a": "b"], "apply_to": ["env=prod", "tier=db"],
                "rules": [["direction": "out", "protocol": "tcp", "port": "any", "destination_ips": ["0.0.0.0/0"]]],
            ]
        },
        drifts: [
            Drift("somebody removes the rules") {
                try await api.demand("POST", "/firewalls/\($0.text("id"))/actions/set_rules", ["rules": []])
            }
        ],
        place: { "/firewalls/\($0.text("id"))" }, importID: { $0.text("name") })

    static let groups: ProviderConformance = api.conformance(
        "hcloud_placement_group",
        declared: { ["name": .string($0)] },
        inPlace: { ["name": .string("\($0)-other"), "labels": ["a": "b"]] },
        drifts: [
            Drift("somebody renames it") {
                try await api.demand(
                    "PUT", "/placement_groups/\($0.text("id"))", ["name": .string($0.text("name") + "-x")])
            }
        ],
        place: { "/placement_groups/\($0.text("id"))" }, importID: { $0.text("name") })

    static let primaryIPs: ProviderConformance = api.conformance(
        "hcloud_primary_ip",
        declared: { ["name": .string($0), "type": "ipv4", "location": "fsn1", "auto_delete": true] },
        inPlace: { ["name": .string($0), "type": "ipv4", "location": "fsn1", "labels": ["a": "b"]] },
        replacement: { ["name": .string($0), "type": "ipv6", "location": "fsn1"] },
        drifts: [
            Drift("somebody changes the labels") {
                try await api.demand("PUT", "/primary_ips/\($0.text("id"))", ["labels": ["c": "d"]])
            }
        ],
        place: { "/primary_ips/\($0.text("id"))" }, importID: { $0.text("name") })

    static let floatingIPs: ProviderConformance = api.conformance(
        "hcloud_floating_ip",
        declared: { ["name": .string($0), "type": "ipv4", "home_location": "fsn1", "description": "web"] },
        inPlace: { ["name": .string("\($0)-other"), "type": "ipv4", "home_location": "fsn1", "labels": ["a": "b"]] },
        replacement: { ["name": .string($0), "type": "ipv4", "home_location": "hel1"] },
        drifts: [
            Drift("somebody describes it") {
                try await api.demand("PUT", "/floating_ips/\($0.text("id"))", ["description": "somebody's"])
            }
        ],
        place: { "/floating_ips/\($0.text("id"))" }, importID: { $0.text("name") })

    @Test(arguments: groups.checks) func placementGroup(_ check: ConformanceCheck) async throws {
        try await Self.groups.run(check)
    }

    @Test(arguments: primaryIPs.checks) func primaryIP(_ check: ConformanceCheck) async throws {
        try await Self.primaryIPs.run(check)
    }

    @Test(arguments: floatingIPs.checks) func floatingIP(_ check: ConformanceCheck) async throws {
        try await Self.floatingIPs.run(check)
    }

    @Test(arguments: servers.checks) func server(_ check: ConformanceCheck) async throws {
        try await Self.servers.run(check)
    }

    @Test(arguments: volumes.checks) func volume(_ check: ConformanceCheck) async throws {
        try await Self.volumes.run(check)
    }

    @Test(arguments: networks.checks) func network(_ check: ConformanceCheck) async throws {
        try await Self.networks.run(check)
    }

    @Test(arguments: keys.checks) func sshKey(_ check: ConformanceCheck) async throws {
        try await Self.keys.run(check)
    }

    @Test(arguments: firewalls.checks) func firewall(_ check: ConformanceCheck) async throws {
        try await Self.firewalls.run(check)
    }

    /// What joins resources needs them, which a declaration cannot make.
    @Test func serversJoinNetworksAndHaveVolumes() async throws {
        let instance = try await Self.api.instance()
        var made: [(String, ResourceState)] = []
        func make(_ type: String, _ values: [(String, Value)]) async throws -> String {
            let state = try await instance.type(type).apply(values)
            #expect(try await instance.type(type).read(state)?.values == state.values)
            made.append((type, state))
            return state.text("id")
        }
        let address = try await make(
            "hcloud_primary_ip", [("name", "joined"), ("type", "ipv4"), ("location", "fsn1")])
        let group = try await make("hcloud_placement_group", [("name", "joined")])
        let server = try await make(
            "hcloud_server",
            [
                ("name", "joined"), ("server_type", "cx23"), ("image", "debian-12"), ("ipv4_id", .string(address)),
                ("placement_group_id", .string(group)),
            ])
        #expect(made.last?.1.text("root_password") != "")
        _ = try await make("hcloud_firewall", [("name", "joined"), ("server_ids", [.string(server)])])
        let network = try await make("hcloud_network", [("name", "joined"), ("ip_range", "10.0.0.0/16")])
        _ = try await make(
            "hcloud_network_subnet",
            [("network_id", .string(network)), ("ip_range", "10.0.1.0/24"), ("network_zone", "eu-central")])
        _ = try await make(
            "hcloud_network_route",
            [("network_id", .string(network)), ("destination", "10.9.0.0/16"), ("gateway", "10.0.1.9")])
        _ = try await make(
            "hcloud_server_network", [("server_id", .string(server)), ("network_id", .string(network))])
        #expect(made.last?.1.text("ip") == "10.0.1.2")
        let volume = try await make("hcloud_volume", [("name", "joined"), ("size", 10), ("location", "fsn1")])
        _ = try await make(
            "hcloud_volume_attachment", [("volume_id", .string(volume)), ("server_id", .string(server))])
        _ = try await make(
            "hcloud_floating_ip", [("name", "joined"), ("type", "ipv4"), ("server_id", .string(server))])
        #expect(made.last?.1.text("server_id") == server)
        let changes: [(String, String, Value)] = [
            ("hcloud_floating_ip", "server_id", .null), ("hcloud_floating_ip", "server_id", .string(server)),
            ("hcloud_server_network", "alias_ips", ["10.0.1.8", "10.0.1.7"]),
            ("hcloud_server", "placement_group_id", .null), ("hcloud_server", "placement_group_id", .string(group)),
            ("hcloud_firewall", "server_ids", .list([])), ("hcloud_firewall", "server_ids", [.string(server)]),
        ]
        for (type, name, value) in changes {
            let index = try #require(made.firstIndex { $0.0 == type })
            made[index].1 = try await instance.type(type).change(made[index].1, name, to: value)
            #expect(made[index].1.values[key: name]?.json == value.json, "\(type) \(name)")
        }
        for (type, state) in made.reversed() {
            // A second time: what is gone is deleted.
            for _ in 0..<2 { try await instance.type(type).delete(DeleteRequest(prior: state, intent: "x")) }
            #expect(try await instance.type(type).read(state) == nil)
        }
        await instance.close()
    }
}
