import Foundation
import LibvirtFixtures
import PlumbModel
import ProviderAPI
import ProviderTesting
import Testing

@testable import LibvirtProvider

extension LabSuites {
    @Suite struct ConformanceTests {
        static let pools = ProviderConformance(
            type: "libvirt_pool", instance: { try await Lab.shared().instance() },
            declared: { ["name": .string($0), "target": target($0)] },
            inPlace: { ["name": .string($0), "target": target($0), "autostart": false] },
            replacement: { ["name": .string("\($0)-other"), "target": target($0)] },
            drifts: [
                Drift("virsh pool-destroy") { try await Lab.shared().server.virsh("pool-destroy", id($0)) },
                Drift("virsh pool-autostart --disable") {
                    try await Lab.shared().server.virsh("pool-autostart", id($0), "--disable")
                },
                Drift("somebody removes it") {
                    try await Lab.shared().server.virsh("pool-destroy", id($0))
                    try await Lab.shared().server.virsh("pool-undefine", id($0))
                },
            ],
            exists: { try await Lab.shared().has("/v1/pools/\(id($0))") },
            importID: { $0.values[key: "name"]?.asString ?? "" }, faulty: { try await faulty($0) })

        static let networks = ProviderConformance(
            type: "libvirt_network", instance: { try await Lab.shared().instance() },
            declared: { network($0, []) },
            inPlace: { network($0, [["mac": "52:54:00:00:00:01", "ip": .string("\(block($0)).50"), "name": .null]]) },
            replacement: { name in
                var map = network(name, []).asMap ?? ValueMap()
                map["mode"] = "nat"
                return .object(map)
            },
            drifts: [
                Drift("virsh net-destroy") { try await Lab.shared().server.virsh("net-destroy", id($0)) },
                Drift("somebody adds a host") { state in
                    let xml = "<host mac='52:54:00:00:00:02' ip='\(state.values.given("dhcp")?.text("start") ?? "")'/>"
                    try await Lab.shared().server.virsh(
                        "net-update", id(state), "add", "ip-dhcp-host", xml, "--live", "--config")
                },
            ],
            exists: { try await Lab.shared().has("/v1/networks/\(id($0))") },
            importID: { id($0) }, faulty: { try await faulty($0) })

        static let volumes = ProviderConformance(
            type: "libvirt_volume", instance: { try await Lab.shared().instance() },
            declared: { volume($0, "1MiB") }, inPlace: { volume($0, "2MiB") },
            replacement: { name in
                var map = volume(name, "1MiB").asMap ?? ValueMap()
                map["format"] = "raw"
                return .object(map)
            },
            drifts: [
                Drift("virsh vol-delete") { state in
                    try await Lab.shared().server.virsh("vol-delete", state.values[key: "path"]?.asString ?? "")
                }
            ],
            exists: { try await Lab.shared().has(path($0)) }, importID: { id($0) }, faulty: { try await faulty($0) })

        static let images = ProviderConformance(
            type: "libvirt_cloudinit", instance: { try await Lab.shared().instance() },
            declared: { image($0, "#cloud-config\n") }, replacement: { image($0, "#cloud-config\nhostname: other\n") },
            drifts: [
                Drift("virsh vol-delete") { state in
                    try await Lab.shared().server.virsh("vol-delete", state.values[key: "path"]?.asString ?? "")
                },
                Drift("somebody writes another image in its place") { state in
                    let place = VolumeID(id(state))
                    let path = "/v1/pools/\(place?.pool ?? "")/cloudinit/\(place?.name ?? "")"
                    try await Lab.shared().ask("PUT", path, ["user_data": "#!/bin/sh\nexit 1\n"])
                },
            ],
            exists: { try await Lab.shared().has(path($0)) }, importID: { id($0) }, unimportable: ["user_data"],
            faulty: { try await faulty($0) })

        static let domains = ProviderConformance(
            type: "libvirt_domain", instance: { try await Lab.shared().instance() },
            declared: { domain($0, "32MiB") },
            inPlace: { name in
                var map = domain(name, "64MiB").asMap ?? ValueMap()
                map["description"] = "<other> & \"text\""
                map["metadata"] = .map(["role": "test", "owner": "<nobody>"])
                map["autostart"] = true
                return .object(map)
            },
            replacement: { name in
                var map = domain(name, "32MiB").asMap ?? ValueMap()
                map["machine"] = "pc"
                return .object(map)
            },
            drifts: [
                Drift("virsh start") { try await Lab.shared().server.virsh("start", id($0)) },
                Drift("virsh setmaxmem") { state in
                    try await Lab.shared().server.virsh("setmaxmem", id(state), "65536", "--config")
                },
                Drift("virsh undefine") { try await Lab.shared().server.virsh("undefine", id($0)) },
            ],
            exists: { try await Lab.shared().has("/v1/domains/\(id($0))") },
            importID: { $0.values[key: "name"]?.asString ?? "" }, unimportable: ["shutdown_timeout"],
            faulty: { try await faulty($0) })

        @Test(arguments: pools.checks) func poolsConform(_ check: ConformanceCheck) async throws {
            try await Self.pools.run(check)
        }

        @Test(arguments: networks.checks) func networksConform(_ check: ConformanceCheck) async throws {
            try await Self.networks.run(check)
        }

        @Test(arguments: volumes.checks) func volumesConform(_ check: ConformanceCheck) async throws {
            try await Self.volumes.run(check)
        }

        @Test(arguments: images.checks) func imagesConform(_ check: ConformanceCheck) async throws {
            try await Self.images.run(check)
        }

        @Test(arguments: domains.checks) func domainsConform(_ check: ConformanceCheck) async throws {
            try await Self.domains.run(check)
        }

        // MARK: What is declared

        private static func target(_ name: String) -> Value {
            .string(Lab.folder.appendingPathComponent("pools/\(name)").path)
        }

        /// Networks of side by side tests must not have each other's addresses.
        private static func block(_ name: String) -> String {
            let number = name.utf8.reduce(UInt64(7)) { $0 &* 31 &+ UInt64($1) }
            return "10.\(64 + number % 128).\(number / 128 % 250)"
        }

        private static func network(_ name: String, _ hosts: [Value]) -> Value {
            let addresses = block(name)
            return [
                "name": .string(name), "mode": "isolated", "cidr": .string("\(addresses).0/24"),
                "dhcp": [
                    "start": .string("\(addresses).10"), "end": .string("\(addresses).40"),
                    "hosts": hosts.isEmpty ? .null : .list(hosts),
                ],
            ]
        }

        private static func volume(_ name: String, _ capacity: Value) -> Value {
            ["pool": .string(Lab.pool), "name": .string("\(name).qcow2"), "capacity": capacity]
        }

        private static func image(_ name: String, _ text: Value) -> Value {
            ["pool": .string(Lab.pool), "name": .string(name), "user_data": text]
        }

        private static func domain(_ name: String, _ memory: Value) -> Value {
            [
                "name": .string(name), "type": "qemu", "memory": memory, "max_memory": "128MiB", "running": false,
                "shutdown_timeout": 0,
            ]
        }

        /// A gateway whose answer to the next change goes wrong.
        private static func faulty(_ fault: Fault) async throws -> any ProviderInstance {
            let proxy = try FaultyGateway.start(before: try await Lab.shared().gateway.socket)
            let order =
                switch fault {
                case .throttling: #""do": "status", "status": 429, "headers": {"Retry-After": "0"}"#
                case .serverError: #""do": "status", "status": 500"#
                case .timeout: #""do": "hang""#
                case .lostResponse: #""do": "drop-after""#
                }
            try await proxy.order("[{\"on\": \"CHANGE /\", \(order)}]")
            return try Lab.instance(["url": .string(proxy.url), "timeout": fault == .timeout ? 8 : 60])
        }

        // MARK: Looking past the provider

        private static func id(_ state: ResourceState) -> String { state.values[key: "id"]?.asString ?? "" }

        private static func path(_ state: ResourceState) -> String {
            VolumeID(id(state))?.path("volumes") ?? "/nothing"
        }
    }
}
