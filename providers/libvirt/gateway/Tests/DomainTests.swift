import Foundation
import HTTPTransport
import LibvirtFixtures
import Testing

/// Virtual machines under emulation on the real libvirtd.
@Suite(.enabled(if: LibvirtServer.isExpected))
struct DomainTests {
    /// Without a disk: firmware is all that runs.
    static func diskless(_ name: String) -> [String: Any] {
        ["name": name, "type": "qemu", "vcpus": 1, "memory": 64 << 20]
    }

    @Test func aRealMachineComesUpAndChangesInPlace() async throws {
        let gateway = try await TestGateway()
        let guest = try await LibvirtServer.guest()
        let pool = try await gateway.makePool()
        for (name, file) in [("vmlinuz", guest.kernel), ("initrd", guest.initrd)] {
            let size = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int ?? 0
            let path = "\(pool.path)/volumes/\(name)"
            #expect(try await gateway.ask("PUT", path, ["capacity": size, "format": "raw"]).status == 201)
            #expect(try await gateway.upload(file, to: path).status == 200)
        }
        #expect(
            try await gateway.ask("PUT", "\(pool.path)/cloudinit/seed.iso", ["user_data": "#cloud-config 4711\n"])
                .status == 201)
        for name in ["a.qcow2", "b.qcow2"] {
            #expect(try await gateway.ask("PUT", "\(pool.path)/volumes/\(name)", ["capacity": 8 << 20]).status == 201)
        }
        let network = TestGateway.newUUID()
        #expect(try await gateway.ask("PUT", "/v1/networks/\(network)", NetworkTests.spec(3)).status == 201)
        let uuid = TestGateway.newUUID()
        let path = "/v1/domains/\(uuid)"
        func volume(_ name: String) -> [String: String] { ["pool": pool.uuid, "volume": name] }
        var spec: [String: Any] = [
            "name": "real-\(uuid.prefix(8))", "type": "qemu", "vcpus": 1, "max_vcpus": 2, "memory": 192 << 20,
            "max_memory": 256 << 20,
            "boot": ["kernel": volume("vmlinuz"), "initrd": volume("initrd"), "cmdline": "console=ttyS0 quiet"],
            "disks": [
                ["target": "vda", "source": volume("a.qcow2")],
                ["target": "sda", "device": "cdrom", "source": volume("seed.iso")],
            ],
            "interfaces": [["network": network]], "metadata": ["owner": "a <b> & \"c\" 'd'"], "description": "d & <e>",
        ]
        let made = try await gateway.ask("PUT", path, spec)
        #expect(made.status == 201, "\(made.text)")
        #expect((made.json("metadata") as? [String: String])?["owner"] == "a <b> & \"c\" 'd'")
        let mac = (made.json("interfaces") as? [[String: String]])?.first?["mac"]
        var console = ""
        try await gateway.eventually("the guest has an address", within: 90) {
            console = try await gateway.ask("GET", path + "/console").json("text") as? String ?? ""
            return console.contains("PLUMB-GUEST-ADDRESS")
        }
        #expect(console.contains("PLUMB-GUEST-UP boot="))
        #expect(console.contains("PLUMB-GUEST-CIDATA #cloud-config 4711"))
        // dnsmasq writes a lease down after it has given it.
        var addresses: [[String: Any]] = []
        try await gateway.eventually("the lease is told", within: 30) {
            addresses = try await gateway.ask("GET", path + "/addresses").items
            return !addresses.isEmpty
        }
        #expect(addresses.first?["mac"] as? String == mac)
        #expect(console.contains("PLUMB-GUEST-ADDRESS \(addresses.first?["ip"] as? String ?? "?")"))
        // Sent again, nothing is different.
        let same = try await gateway.ask("PUT", path, spec)
        #expect(same.etag == made.etag)
        let start = same.json("status", "id") as? Int
        // What somebody takes from the running guest is given back to it.
        try await gateway.server.virsh("setmem", uuid, "128M")
        func has(_ memory: Int) async throws -> Bool {
            try await gateway.ask("GET", path).json("status", "memory") as? Int == memory
        }
        try await gateway.eventually("the guest has given it", within: 60) { try await has(128 << 20) }
        let less = try await gateway.ask("POST", path + "/changes", spec)
        #expect((less.json("changes") as? [[String: String]])?.map { $0["attribute"] } == ["/memory"])
        let restored = try await gateway.ask("PUT", path, spec, ["If-Match": made.etag])
        #expect(restored.json("status", "memory") as? Int == 192 << 20, "\(restored.text)")
        #expect(restored.json("status", "pending") as? [String] == [])
        #expect(restored.json("status", "id") as? Int == start)
        spec["vcpus"] = 2
        spec["disks"] = [
            ["target": "vda", "source": volume("a.qcow2")], ["target": "vdb", "source": volume("b.qcow2")],
            ["target": "sda", "device": "cdrom", "source": volume("seed.iso")],
        ]
        spec["interfaces"] = [["network": network], ["network": network, "mac": "52:54:00:aa:bb:cc"]]
        spec["metadata"] = ["owner": "somebody else"]
        let foreseen = try await gateway.ask("POST", path + "/changes", spec)
        let moments = (foreseen.json("changes") as? [[String: String]] ?? []).map {
            "\($0["attribute"] ?? "") \($0["when"] ?? "")"
        }
        #expect(moments.sorted() == ["/disks now", "/interfaces now", "/metadata now", "/vcpus now"])
        let changed = try await gateway.ask("PUT", path, spec, ["If-Match": made.etag])
        #expect(changed.status == 200, "\(changed.text)")
        #expect(changed.json("status", "pending") as? [String] == [])
        #expect(changed.json("status", "vcpus") as? Int == 2)
        #expect(changed.json("status", "id") as? Int == start)
        // The disk that a guest has open grows, and is not taken from it.
        let grown = try await gateway.ask("PUT", "\(pool.path)/volumes/b.qcow2", ["capacity": 16 << 20])
        #expect(grown.json("capacity") as? Int == 16 << 20, "\(grown.text)")
        #expect(try await gateway.ask("DELETE", "\(pool.path)/volumes/b.qcow2").status == 409)
        spec["disks"] = [
            ["target": "vda", "source": volume("a.qcow2")],
            ["target": "sda", "device": "cdrom", "source": volume("seed.iso")],
        ]
        spec["interfaces"] = [["network": network]]
        let back = try await gateway.ask("PUT", path, spec)
        #expect(back.json("status", "pending") as? [String] == [], "\(back.text)")
        #expect(back.json("status", "id") as? Int == start)
        #expect(try await gateway.ask("DELETE", "\(pool.path)/volumes/b.qcow2").status == 204)
        // It is asked to shut down, and does.
        let gone = try await gateway.ask("DELETE", path + "?shutdown_timeout=60")
        #expect(gone.status == 202)
        let task = gone.headers["Location"] ?? ""
        let ended = try await gateway.ask("GET", task + "?wait=60", timeout: .seconds(90))
        #expect(ended.json("state") as? String == "succeeded", "\(ended.text)")
        #expect(try await gateway.ask("GET", path).status == 404)
        let consoles = gateway.process.folder.appendingPathComponent("consoles").path
        #expect(try FileManager.default.contentsOfDirectory(atPath: consoles).isEmpty)
        #expect(try await gateway.ask("DELETE", "/v1/networks/\(network)").status == 204)
        try await gateway.clear(pool: pool.uuid)
    }

    @Test func firmwareWithItsMemoryGoesWithTheDomain() async throws {
        let gateway = try await TestGateway()
        let path = "/v1/domains/\(TestGateway.newUUID())"
        var spec = DomainTests.diskless("uefi-1")
        spec["firmware"] = "uefi"
        let made = try await gateway.ask("PUT", path, spec)
        #expect(made.status == 201, "\(made.text)")
        #expect(made.json("firmware") as? String == "uefi")
        let nvram = gateway.server.folder.appendingPathComponent("server/lib/qemu/nvram").path
        let before = (try? FileManager.default.contentsOfDirectory(atPath: nvram)) ?? []
        #expect(before.contains { $0.contains("uefi-1") })
        #expect(try await gateway.ask("PUT", path, spec).etag == made.etag)
        #expect(try await gateway.ask("DELETE", path).status == 204)
        let after = (try? FileManager.default.contentsOfDirectory(atPath: nvram)) ?? []
        #expect(!after.contains { $0.contains("uefi-1") })
    }

    @Test func whatTakesAnotherMachineIsRefused() async throws {
        let gateway = try await TestGateway()
        let path = "/v1/domains/\(TestGateway.newUUID())"
        var spec = DomainTests.diskless("kinds-1")
        let made = try await gateway.ask("PUT", path, spec)
        #expect(made.status == 201, "\(made.text)")
        spec["machine"] = "pc"
        let refused = try await gateway.ask("PUT", path, spec)
        #expect(refused.status == 409)
        #expect((refused.json("errors") as? [[String: String]])?.first?["pointer"] == "/machine")
        spec["machine"] = nil
        spec["max_memory"] = 128 << 20
        let later = try await gateway.ask("PUT", path, spec)
        #expect(later.json("status", "pending") as? [String] == ["/max_memory"])
        spec["running"] = false
        let off = try await gateway.ask("PUT", path, spec)
        #expect(off.json("running") as? Bool == false)
        spec["running"] = true
        let on = try await gateway.ask("PUT", path, spec)
        #expect(on.json("status", "pending") as? [String] == [])
        #expect(try await gateway.ask("PUT", "/v1/domains/\(TestGateway.newUUID())", spec).status == 409)
        for action in ["suspend", "resume", "reset", "force-off", "force-off", "start", "start"] {
            #expect(try await gateway.ask("POST", path + "/actions", ["action": action]).status == 200, "\(action)")
        }
        #expect(try await gateway.ask("DELETE", path).status == 204)
    }

    @Test func aStartThatFailsLeavesNothing() async throws {
        let gateway = try await TestGateway()
        let network = TestGateway.newUUID()
        var net = NetworkTests.spec(4)
        net["running"] = false
        #expect(try await gateway.ask("PUT", "/v1/networks/\(network)", net).status == 201)
        let path = "/v1/domains/\(TestGateway.newUUID())"
        var spec = DomainTests.diskless("fails-1")
        spec["interfaces"] = [["network": network]]
        let refused = try await gateway.ask("PUT", path, spec)
        #expect(refused.status == 409, "\(refused.text)")
        #expect(refused.json("libvirt", "code") as? Int != nil)
        #expect(try await gateway.ask("GET", path).status == 404)
        #expect(try await gateway.ask("DELETE", "/v1/networks/\(network)").status == 204)
    }

    @Test func theHostTellsWhatRunsGuests() async throws {
        let gateway = try await TestGateway()
        let host = try await gateway.ask("GET", "/v1/host")
        #expect(host.status == 200, "\(host.text)")
        let types = host.json("domain_types") as? [[String: Any]] ?? []
        #expect(types.contains { $0["type"] as? String == "qemu" && $0["works"] as? Bool == true })
        let works = types.first { $0["type"] as? String == "kvm" }?["works"] as? Bool ?? false
        #expect(host.json("default_domain_type") as? String == (works ? "kvm" : "qemu"))
        #expect((host.json("firmwares") as? [String])?.contains("bios") == true)
    }
}
