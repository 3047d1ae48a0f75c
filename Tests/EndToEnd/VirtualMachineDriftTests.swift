import Foundation
import LibvirtFixtures
import Testing

/// `plumb drift` on a real libvirtd, after what somebody has done with virsh.
@Suite(
    .enabled(
        if: LibvirtServer.isExpected && FileManager.default.isExecutableFile(atPath: GatewayProcess.binary.path),
        "libvirtd, root or the gateway's binary are missing"))
struct VirtualMachineDriftTests {
    private static func spec(_ pools: URL, _ name: String) -> String {
        """
        resources:
          libvirt_pool.p:
            spec: {name: \(name), target: \(pools.path)/\(name)}
          libvirt_volume.v:
            spec: {pool: "${libvirt_pool.p.id}", name: v.qcow2, capacity: 4MiB}
            drift: {mode: heal}
          libvirt_network.n:
            spec: {name: \(name), mode: isolated}
            drift: {mode: heal}
          libvirt_domain.healed:
            spec: {name: \(name)-healed, type: qemu, memory: 32MiB, max_memory: 64MiB, shutdown_timeout: 0}
            drift: {mode: heal}
          libvirt_domain.watched:
            spec: {name: \(name)-watched, type: qemu, memory: 32MiB, shutdown_timeout: 0}
            drift: {mode: warn}
        """
    }

    @Test(.timeLimit(.minutes(5))) func whatVirshDoesIsHealedAsThePolicySays() async throws {
        let server = try await LibvirtServer.shared()
        let gateway = try GatewayProcess(uri: server.uri)
        try await gateway.awaitReady()
        let name = "h" + UUID().uuidString.prefix(8).lowercased()
        let stack = try Stack(
            ["stack.yaml": "stack: heal\nproviders: {libvirt: {url: \"unix://\(gateway.socket)\"}}\n"])
        try stack.write("main.yaml", Self.spec(gateway.pools, name))
        try await stack.apply()
        let same = try await stack.plumb("drift", "--no-color")
        #expect(same.code == 0, "\(same.output)\(same.errors)")

        let volume = gateway.pools.appendingPathComponent("\(name)/v.qcow2").path
        for domain in ["healed", "watched"] { try await server.virsh("destroy", "\(name)-\(domain)") }
        try await server.virsh("setmem", "\(name)-healed", "48M", "--config")
        try await server.virsh("net-destroy", name)
        try await server.virsh("vol-delete", volume)
        let healed = try await stack.plumb("drift", "--heal", "--no-color")
        // The one that is only watched has still drifted.
        #expect(healed.code == 2, "\(healed.output)\(healed.errors)")
        #expect(healed.words.contains("libvirt_domain.watched"), "\(healed.output)\(healed.errors)")
        #expect(try await server.virsh("domstate", "\(name)-healed").contains("running"))
        #expect(try await server.virsh("domstate", "\(name)-watched").contains("shut off"))
        #expect(try await server.virsh("dumpxml", "--inactive", "\(name)-healed").contains(">32768</currentMemory>"))
        #expect(try await server.virsh("net-list", "--name").contains(name))
        #expect(FileManager.default.fileExists(atPath: volume))
        // It is told again and again, and what was healed is not.
        let again = try await stack.plumb("drift", "--heal", "--no-color")
        #expect(again.code == 2)
        #expect(!again.words.contains("libvirt_domain.healed"), "\(again.output)\(again.errors)")

        let destroyed = try await stack.plumb("destroy", "--auto-approve")
        #expect(destroyed.code == 0, "\(destroyed.errors)")
        withExtendedLifetime(gateway) {}
    }
}
