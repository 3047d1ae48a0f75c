import Foundation
import GitFixtures
import LibvirtFixtures
import PlumbModel
import Testing

/// The controller with a real libvirtd: a guest that somebody ends runs again when it happens, and not at the next check.
@Suite(
    .enabled(
        if: LibvirtServer.isExpected && FileManager.default.isExecutableFile(atPath: GatewayProcess.binary.path),
        "libvirtd, root or the gateway's binary are missing"))
struct ControllerGuestTests {
    @Test(.timeLimit(.minutes(5))) func aGuestThatIsDestroyedRunsAgainAtOnce() async throws {
        let server = try await LibvirtServer.shared()
        let gateway = try GatewayProcess(uri: server.uri)
        try await gateway.awaitReady()
        let name = "c" + UUID().uuidString.prefix(8).lowercased()
        let site = try ControllerSite([
            "stacks/vm/stack.yaml": """
            stack: vm
            providers: {libvirt: {url: "unix://\(gateway.socket)"}}
            sync: {drift: {mode: heal, every: 1h}}

            """,
            "stacks/vm/main.yaml": """
            resources:
              libvirt_domain.guest:
                spec: {name: \(name), type: qemu, memory: 32MiB, max_memory: 64MiB, shutdown_timeout: 0}

            """,
        ])
        func isRunning() async throws -> Bool {
            // Before it is defined, virsh fails.
            ((try? await server.virsh("domstate", name)) ?? "").hasPrefix("running")
        }
        var times: [Double] = []
        let result = try await site.running {
            try await site.wait("the guest", seconds: 60) { try await isRunning() }
            // The watch begins when the apply is over.
            try await Task.sleep(for: .seconds(3))
            for round in 0..<2 {
                try await server.virsh("destroy", name)
                times.append(try await site.wait("the start after end \(round)", seconds: 60) { try await isRunning() })
                try await Task.sleep(for: .seconds(2))
            }
            // Something else of it.
            try await server.virsh("setmem", name, "48M", "--config")
            times.append(
                try await site.wait("the memory", seconds: 60) {
                    try await server.virsh("dumpxml", "--inactive", name).contains(">32768</currentMemory>")
                })
        }
        print("what virsh did to a guest was healed after \(times.sorted()) s")
        #expect(times.sorted()[times.count / 2] < 10, "\(times)")
        #expect(try result.logged("drift is healed").count >= 3)
        _ = try? await server.virsh("destroy", name)
        _ = try? await server.virsh("undefine", name, "--nvram")
        withExtendedLifetime(gateway) {}
    }
}
