import Foundation
import LibvirtFixtures
import Testing

/// The real binary on a real libvirtd, while libvirtd or the gateway goes away and comes back.
@Suite(
    .enabled(
        if: LibvirtServer.isExpected && FileManager.default.isExecutableFile(atPath: GatewayProcess.binary.path),
        "libvirtd, root or the gateway's binary are missing"))
struct VirtualMachineOutageTests {
    private static func spec(_ pools: URL) -> String {
        """
        resources:
          libvirt_pool.p:
            spec: {name: outage, target: \(pools.path)/outage}
          libvirt_network.n:
            spec:
              name: outage
              mode: isolated
              cidr: 10.78.0.0/24
              dhcp: {start: 10.78.0.10, end: 10.78.0.99}
          libvirt_volume.image:
            for_each: ${toset(["a", "b"])}
            spec: {pool: "${libvirt_pool.p.id}", name: "${each.key}.img", format: raw, content: {file: image}}
          libvirt_volume.disk:
            for_each: ${toset(["1", "2", "3"])}
            spec: {pool: "${libvirt_pool.p.id}", name: "disk-${each.key}", capacity: 4MiB}
          libvirt_cloudinit.seed:
            for_each: ${toset(["1", "2", "3"])}
            spec: {pool: "${libvirt_pool.p.id}", name: "seed-${each.key}", user_data: "#cloud-config ${each.key}"}
          libvirt_domain.d:
            for_each: ${toset(["1", "2", "3"])}
            spec:
              name: outage-${each.key}
              type: qemu
              firmware: uefi
              memory: 64MiB
              shutdown_timeout: 0
              wait_for_address: false
              disks: [{volume: "${libvirt_volume.disk[each.key].id}"}]
              cloudinit: ${libvirt_cloudinit.seed[each.key].id}
              interfaces: [{network: "${libvirt_network.n.id}"}]
        """
    }

    private static let count = 13

    /// Which of the two goes away, and how.
    private enum Outage: CaseIterable {
        case libvirtIsKilled, gatewayIsKilled, libvirtIsRestarted, gatewayIsRestarted
        /// Until the apply has given up, or somebody has killed it.
        case libvirtStaysAway, gatewayStaysAway

        var isLong: Bool { self == .libvirtStaysAway || self == .gatewayStaysAway }
    }

    /// What there is on the host, by what it is.
    private func leftovers(_ server: LibvirtServer, _ gateway: GatewayProcess) async throws -> [String: [String]] {
        func names(_ list: String) async throws -> [String] {
            let text = try await server.virsh(list, "--all", "--name")
            return text.split(whereSeparator: \.isWhitespace).map(String.init).sorted()
        }
        func files(_ folder: URL) -> [String] {
            ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
        }
        return [
            "domains": try await names("list"), "networks": try await names("net-list"),
            "pools": try await names("pool-list"), "volumes": files(gateway.pools.appendingPathComponent("outage")),
            "folders": files(gateway.pools), "consoles": files(gateway.folder.appendingPathComponent("consoles")),
            "nvram": files(server.folder.appendingPathComponent("server/lib/qemu/nvram")),
        ]
    }

    private func expectAll(_ there: [String: [String]], _ when: String) {
        let domains = (1...3).map { "outage-\($0)" }
        #expect(there["domains"] == domains, "\(when)")
        #expect(there["networks"] == ["outage"] && there["pools"] == ["outage"], "\(when)")
        #expect(there["consoles"]?.count == 3 && there["nvram"]?.count == 3, "\(when): \(there)")
        let volumes = there["volumes"] ?? []
        #expect(volumes.filter { $0.hasPrefix("seed-") }.count == 3, "\(when): \(volumes)")
        #expect(
            volumes.filter { !$0.hasPrefix("seed-") } == ["a.img", "b.img", "disk-1", "disk-2", "disk-3"], "\(when)")
    }

    /// Whatever goes away in the middle of an apply, and whenever: the next apply finishes it, and nothing is made twice or left.
    @Test(.timeLimit(.minutes(15))) func anApplyThatLosesItsHostIsFinishedByTheNext() async throws {
        let server = try await LibvirtServer.separate()
        var gateway = try GatewayProcess(uri: server.uri, network: server.network)
        try await gateway.awaitReady()
        let stack = try Stack(
            ["stack.yaml": "stack: outage\nproviders: {libvirt: {url: \"unix://\(gateway.socket)\"}}\n"])
        try stack.write("main.yaml", Self.spec(gateway.pools))
        let image = Data((0..<24 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) })
        try image.write(to: URL(fileURLWithPath: stack.path("image")))
        // How long an apply takes where nothing happens.
        let whole = try await stack.apply().duration
        #expect(try await stack.plumb("destroy", "--auto-approve").code == 0)
        let rounds = 12
        var (met, finished) = (0, 0)
        for round in 0..<rounds {
            let outage = Outage.allCases[round % Outage.allCases.count]
            let when = "round \(round), \(outage)"
            let process = try stack.start(["apply", "--auto-approve"])
            try await Task.sleep(for: .seconds(whole * (0.1 + 0.85 * Double(round) / Double(rounds))))
            if process.isRunning { met += 1 }
            switch outage {
            case .libvirtIsKilled, .libvirtStaysAway: try await server.kill()
            case .libvirtIsRestarted: try await server.restart()
            case .gatewayIsKilled, .gatewayStaysAway: gateway.kill()
            case .gatewayIsRestarted: #expect(await gateway.stop() == 0)
            }
            try await Task.sleep(for: .milliseconds(700))
            for _ in 0..<120 where outage.isLong && process.isRunning { try await Task.sleep(for: .milliseconds(100)) }
            if outage.isLong { process.send(SIGKILL) }
            switch outage {
            case .libvirtIsKilled, .libvirtStaysAway: try await server.restart()
            case .libvirtIsRestarted: break
            default: gateway = try GatewayProcess(uri: server.uri, folder: gateway.folder, network: server.network)
            }
            let first = await process.result()
            #expect(!first.ranIntoDeadline && (first.signal == nil || outage.isLong), "\(when): \(first.errors)")
            if first.code == 0 { finished += 1 }
            try await gateway.awaitReady()
            let next = try await stack.plumb("apply", "--auto-approve")
            #expect(
                next.code == 0,
                "\(when):\n\(first.output.suffix(2000))\(first.errors)\nthen:\n\(next.output.suffix(2000))\(next.errors)"
            )
            try await stack.expectNoChanges()
            #expect(try await stack.recorded().count == Self.count, "\(when)")
            expectAll(try await leftovers(server, gateway), when)
            for name in ["a.img", "b.img"] {
                let made = try Data(contentsOf: gateway.pools.appendingPathComponent("outage/\(name)"))
                #expect(made == image, "\(when): \(name) is what it was to be")
            }
            let destroyed = try await stack.plumb("destroy", "--auto-approve")
            #expect(destroyed.code == 0, "\(when): \(destroyed.output.suffix(2000))\(destroyed.errors)")
            let left = try await leftovers(server, gateway).filter { !$0.value.isEmpty }
            #expect(left.isEmpty, "\(when): \(left)")
        }
        print("outages: \(met) of \(rounds) met a running apply; \(finished) applies ended well by themselves")
        #expect(met >= rounds / 2 && finished < rounds, "the outages have to meet something")
        try await server.end()
    }
}
