import Foundation
import LibvirtFixtures
import PlumbModel
import ProviderAPI
import Testing

@testable import LibvirtProvider

extension LabSuites {
    /// What happens to machines that really run, under emulation.
    @Suite(.serialized) struct DomainTests {
        /// A guest boots from volumes with uploaded content, gets its address, changes in place while it runs, shuts down when
        /// it is asked to, and leaves nothing.
        @Test(.timeLimit(.minutes(10))) func aGuestLivesThroughItsChanges() async throws {
            let lab = try await Lab.shared()
            let instance = try lab.instance()
            let guest = try await LibvirtServer.guest()
            let unique = "g" + UUID().uuidString.prefix(8).lowercased()
            let volumes = try instance.type("libvirt_volume")
            func content(_ file: URL) async throws -> ResourceState {
                try await volumes.apply([
                    "pool": .string(Lab.pool), "name": .string("\(unique)-\(file.lastPathComponent)"), "format": "raw",
                    "content": ["file": .string(file.path), "url": .null, "sha256": .null],
                ])
            }
            let kernel = try await content(guest.kernel)
            let initrd = try await content(guest.initrd)
            func disk(_ name: String, _ capacity: Value) -> Value {
                ["pool": .string(Lab.pool), "name": .string("\(unique)-\(name).qcow2"), "capacity": capacity]
            }
            var root = try await volumes.apply(disk("root", "8MiB"))
            let data = try await volumes.apply(disk("data", "4MiB"))
            let networks = try instance.type("libvirt_network")
            func net(_ hosts: Value) -> Value {
                [
                    "name": .string(unique), "mode": "isolated", "cidr": "10.55.0.0/24",
                    "dhcp": ["start": "10.55.0.10", "end": "10.55.0.90", "hosts": hosts],
                ]
            }
            var network = try await networks.apply(net(.null))
            let images = try instance.type("libvirt_cloudinit")
            let image = try await images.apply([
                "pool": .string(Lab.pool), "name": .string(unique), "user_data": "#cloud-config\n",
                "meta_data": "instance-id: first\n",
            ])
            func id(_ state: ResourceState) -> Value { state.values[key: "id"] ?? .null }
            let domains = try #require(try instance.type("libvirt_domain") as? DomainType)
            func declared(_ changes: [String: Value] = [:]) -> Value {
                var map: ValueMap = [
                    "name": .string(unique), "memory": "160MiB", "max_memory": "256MiB", "max_vcpus": 2,
                    "boot": ["kernel": id(kernel), "initrd": id(initrd), "cmdline": "console=ttyS0", "order": .null],
                    "disks": .list([["volume": id(root)]]), "interfaces": .list([["network": id(network)]]),
                    "cloudinit": id(image), "shutdown_timeout": 60,
                ]
                for (name, value) in changes { map[name] = value }
                return .object(map)
            }
            var state = try await domains.apply(declared())
            #expect(state.values[key: "type"] == "qemu", "KVM is not believed where guests hang on it")
            state = try await ready(domains, state)
            let address = try #require(state.values.list("addresses").first?.asString)
            #expect(address.hasPrefix("10.55.0."))
            let boot = try await lab.boot(of: state)
            #expect(try await lab.console(state).contains("PLUMB-GUEST-CIDATA #cloud-config instance-id: first"))
            #expect(try await lab.console(state).contains("PLUMB-GUEST-ADDRESS \(address) eth0"))

            // In place, and seen by the guest. The network gives the new interface the address that it was told while it ran.
            let mac: Value = "52:54:00:77:00:01"
            let host: Value = ["mac": mac, "ip": "10.55.0.177", "name": .null]
            network = try await networks.apply(net(.list([host])), to: network)
            #expect(network.values.list("pending").isEmpty)
            let grown = declared([
                "vcpus": 2, "memory": "200MiB", "metadata": .map(["role": "db"]), "autostart": true,
                "disks": .list([["volume": id(root)], ["volume": id(data)]]),
                "interfaces": .list([["network": id(network)], ["network": id(network), "mac": mac]]),
            ])
            state = try await domains.apply(grown, to: state)
            #expect(state.values[key: "pending"] == .map([:]))
            root = try await volumes.apply(disk("root", "16MiB"), to: root)
            state = try await ready(domains, state)
            #expect(state.values.list("addresses") == [.string(address), "10.55.0.177"])
            try await lab.await("cpus=2", "disks=3 vda=32768 interfaces=2", in: state)
            let none = try await domains.plan(grown, state)
            #expect(none.planned == state.values, "a second plan changes nothing")

            // What is left out is taken away, and what stays keeps its MAC.
            let macs = state.values.list("macs")
            state = try await domains.apply(declared(["vcpus": 2, "memory": "200MiB"]), to: state)
            #expect(state.values.list("macs") == [macs[0]])
            try await lab.await("disks=2 vda=32768 interfaces=1", in: state)
            #expect(try await lab.boot(of: state) == boot, "nothing of it started the guest anew")

            // Processors are not given back while it runs: the plan says so, and so does what is read.
            let fewer = try await domains.plan(declared(["memory": "200MiB"]), state)
            #expect(fewer.planned[key: "pending"]?.asMap?.keys == ["vcpus"])
            state = try await domains.apply(declared(["memory": "200MiB"]), to: state)
            #expect(state.values[key: "pending"] == fewer.planned[key: "pending"])

            // Off by its own doing, and gone with all that belongs to it.
            state = try await domains.apply(declared(["memory": "200MiB", "running": false]), to: state)
            #expect(state.values[key: "running"] == false && state.values.list("addresses").isEmpty)
            #expect(try await lab.console(state).contains("PLUMB-GUEST-DOWN"), "it was asked, and not turned off")
            let uuid = try #require(id(state).asString)
            try await domains.remove(state)
            try await images.remove(image)
            try await networks.remove(network)
            for volume in [root, data, kernel, initrd] { try await volumes.remove(volume) }
            #expect(try await !lab.has("/v1/domains/\(uuid)"))
            let log = Lab.folder.appendingPathComponent("consoles/\(uuid).log").path
            #expect(!FileManager.default.fileExists(atPath: log))
            let left = try await lab.ask("GET", "/v1/volumes").list("items").compactMap { $0.text("name") }
            #expect(!left.contains { $0.hasPrefix(unique) })
            await instance.close()
        }

        @Test func firmwareMemoryGoesWithItsDomain() async throws {
            let instance = try await Lab.shared().instance()
            let domains = try instance.type("libvirt_domain")
            let name = "u" + UUID().uuidString.prefix(8).lowercased()
            let state = try await domains.apply([
                "name": .string(name), "type": "qemu", "memory": "64MiB", "firmware": "uefi", "shutdown_timeout": 0,
                "wait_for_address": false,
            ])
            let xml = try await Lab.shared().server.virsh("dumpxml", name)
            let path = try #require(xml.firstMatch(of: /<nvram[^>]*>([^<]+)<\/nvram>/)?.output.1)
            let file = try await Lab.shared().server.folder.appendingPathComponent(
                "server/lib/qemu/nvram/\(URL(fileURLWithPath: String(path)).lastPathComponent)"
            ).path
            #expect(FileManager.default.fileExists(atPath: file))
            try await domains.remove(state)
            #expect(!FileManager.default.fileExists(atPath: file))
            await instance.close()
        }

        @Test func aGuestThatCannotStartIsNotLeft() async throws {
            let lab = try await Lab.shared()
            let instance = try lab.instance()
            let networks = try instance.type("libvirt_network")
            let name = "n" + UUID().uuidString.prefix(8).lowercased()
            let network = try await networks.apply(["name": .string(name), "mode": "isolated", "running": false])
            let domains = try instance.type("libvirt_domain")
            let given: Value = [
                "name": .string(name), "type": "qemu", "memory": "32MiB",
                "interfaces": .list([["network": network.values[key: "id"] ?? .null]]),
            ]
            await #expect(throws: ProviderError.self) { try await domains.apply(given) }
            #expect(try await lab.ask("GET", "/v1/domains?name=\(name)").list("items").isEmpty)
            try await networks.remove(network)
            await instance.close()
        }

        /// A volume that cannot be what was asked for is not left half made.
        @Test func aFailedCreationLeavesNothing() async throws {
            let lab = try await Lab.shared()
            let instance = try lab.instance()
            let volumes = try instance.type("libvirt_volume")
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("content-\(UUID().uuidString)")
            try Data(repeating: 7, count: 70_000).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            let name = "f" + UUID().uuidString.prefix(8).lowercased()
            func given(_ format: Value, _ digest: Value) -> Value {
                [
                    "pool": .string(Lab.pool), "name": .string(name), "format": format,
                    "content": ["file": .string(file.path), "url": .null, "sha256": digest],
                ]
            }
            await #expect(throws: ProviderError.self) { try await volumes.apply(given("qcow2", .null)) }
            await #expect(throws: ProviderError.self) {
                try await volumes.apply(given("raw", .string(String(repeating: "0", count: 64))))
            }
            #expect(try await !lab.has("/v1/pools/\(Lab.pool)/volumes/\(name)"))
            // Whole, it says what it holds; what is there already is nobody's to overwrite.
            let state = try await volumes.apply(given("raw", .null))
            #expect(state.values.text("content_sha256")?.utf8.count == 64)
            do {
                _ = try await volumes.apply(given("raw", .null))
                Issue.record("it was made twice")
            } catch let error as ProviderError {
                #expect(error.code == .conflict && error.message.contains("Import it"))
            }
            let shrunk = try await volumes.plan(
                ["pool": .string(Lab.pool), "name": .string(name), "format": "raw", "capacity": "1KiB"], state)
            #expect(!shrunk.replacePaths.isEmpty && shrunk.replaceReason?.contains("never shrinks") == true)
            try await volumes.remove(state)
            await instance.close()
        }

        @Test func somebodysChangeIsNotOverwrittenUnseen() async throws {
            let lab = try await Lab.shared()
            let instance = try lab.instance()
            let domains = try instance.type("libvirt_domain")
            let name = "s" + UUID().uuidString.prefix(8).lowercased()
            func given(_ memory: Value) -> Value {
                ["name": .string(name), "type": "qemu", "memory": memory, "running": false]
            }
            let state = try await domains.apply(given("32MiB"))
            try await lab.server.virsh("setmaxmem", name, "131072", "--config")
            do {
                _ = try await domains.apply(given("48MiB"), to: state)
                Issue.record("it was overwritten")
            } catch let error as ProviderError {
                #expect(error.code == .conflict && error.message.contains("Plan again"))
            }
            try await domains.remove(state)
            await instance.close()
        }

        @Test func dataSourcesTellOfTheHost() async throws {
            let lab = try await Lab.shared()
            let instance = try lab.instance()
            func read(_ name: String, _ declared: Value) async throws -> Value {
                try await #require(instance.dataTypes.first { $0.name == name }).read(declared)
            }
            let host = try await read("libvirt_host", .object(ValueMap()))
            #expect(host[key: "default_domain_type"]?.asString != nil && (host.given("cpus")?.asInt ?? 0) > 0)
            #expect(host.list("domain_types").contains { $0.text("type") == "qemu" && $0.flag("works") == true })
            let volumes = try instance.type("libvirt_volume")
            let name = "i" + UUID().uuidString.prefix(8).lowercased()
            let state = try await volumes.apply(["pool": .string(Lab.pool), "name": .string(name), "capacity": "1MiB"])
            let images = try await read(
                "libvirt_images", ["pool": .string(Lab.pool), "name": .null, "prefix": .string(name), "images": .null])
            #expect(images.list("images").map { $0[key: "id"] } == [state.values[key: "id"]])
            try await volumes.remove(state)
            await instance.close()
        }

        /// Asks until it has its addresses.
        private func ready(_ domains: DomainType, _ state: ResourceState) async throws -> ResourceState {
            for _ in 0..<1200 {
                switch try await domains.readiness(of: state) {
                case .ready(let now): return now
                case .waiting: try await Task.sleep(for: .milliseconds(250))
                case .failed(let why): throw LabFailure(description: why)
                case .gone: throw LabFailure(description: "it is gone")
                }
            }
            throw LabFailure(description: await domains.explainUnreadiness(of: state))
        }
    }
}

/// What the tests waited for did not come.
struct LabFailure: Error, CustomStringConvertible {
    let description: String
}

extension Lab {
    /// All that the guest has written since its start.
    func console(_ state: ResourceState) async throws -> String {
        let id = state.values[key: "id"]?.asString ?? ""
        return try await ask("GET", "/v1/domains/\(id)/console?limit=1048576").text("text") ?? ""
    }

    /// Which boot of the guest it is: another one with each start.
    func boot(of state: ResourceState) async throws -> String {
        let found = try await console(state).matches(of: /PLUMB-GUEST-UP boot=([0-9a-f-]+)/).last
        return String(try #require(found).output.1)
    }

    /// Waits until the last line that says what the guest has says all this.
    func `await`(_ texts: String..., in state: ResourceState) async throws {
        var line = ""
        for _ in 0..<480 {
            let lines = try await console(state).split(whereSeparator: \.isNewline)
            line = lines.last { $0.hasPrefix("PLUMB-GUEST-HAS") && $0.contains("interfaces=") }.map(String.init) ?? ""
            if texts.allSatisfy({ line.contains($0) }) { return }
            try await Task.sleep(for: .milliseconds(250))
        }
        throw LabFailure(description: "the guest has other things than \(texts): \(line)")
    }
}
