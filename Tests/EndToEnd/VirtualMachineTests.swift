import Foundation
import LibvirtFixtures
import Testing

/// Real machines on a libvirtd of their own, and a process that is killed while it makes them.
@Suite(
    .enabled(
        if: LibvirtServer.isExpected && FileManager.default.isExecutableFile(atPath: GatewayProcess.binary.path),
        "libvirtd, root or the gateway's binary are missing"))
struct VirtualMachineTests {
    private static let steps = ["after-call", "before-call", "after-intent", "after-result"]

    /// Killed at one step of the journal after the other, and in the middle of calls: nothing is made twice, nothing is left
    /// that nobody knows of, and what was half written is written again.
    @Test(.timeLimit(.minutes(10))) func aKilledApplyIsFinishedByTheNext() async throws {
        let server = try await LibvirtServer.separate()
        let guest = try await LibvirtServer.guest()
        let gateway = try GatewayProcess(uri: server.uri)
        try await gateway.awaitReady()
        let stack = try Stack(
            copying: "examples/vm-lab",
            environment: [
                "PLUMB_LIBVIRT_URL": "unix://\(gateway.socket)", "PLUMB_VAR_folder": gateway.pools.path,
                "PLUMB_VAR_guest": guest.kernel.deletingLastPathComponent().path,
            ])
        var kills = 0
        for round in 0..<10 {
            let fault = "\(Self.steps[round % Self.steps.count]):\(1 + round % 3)"
            let run = try await stack.plumb("apply", "--auto-approve", environment: ["PLUMB_FAULT": fault])
            if run.signal == SIGKILL { kills += 1 } else { #expect(run.code == 0, "\(fault): \(run.errors)") }
            // At any moment, also within a call: an upload, a start.
            let process = try stack.start(["apply", "--auto-approve"])
            try await Task.sleep(for: .milliseconds(60 + 45 * round))
            process.send(SIGKILL)
            _ = await process.result()
        }
        #expect(kills >= 5, "the kills have to meet something")

        try await stack.apply()
        try await stack.expectNoChanges()
        #expect(try await stack.recorded().count == 14)
        func names(_ words: String) async throws -> [String] {
            let list = try await server.virsh(words, "--all", "--name")
            return list.split(whereSeparator: \.isWhitespace).map(String.init).sorted()
        }
        #expect(try await names("list") == ["lab-api", "lab-db", "lab-web"])
        #expect(try await names("net-list") == ["lab"])
        #expect(try await names("pool-list") == ["lab"])
        let files = try FileManager.default.contentsOfDirectory(atPath: gateway.pools.path + "/lab").sorted()
        #expect(
            files.filter { !$0.hasSuffix(".iso") }
                == ["api.qcow2", "base.qcow2", "db.qcow2", "initrd", "vmlinuz", "web.qcow2"])
        #expect(files.filter { $0.hasSuffix(".iso") }.count == 3)
        for (file, source) in [("vmlinuz", guest.kernel), ("initrd", guest.initrd)] {
            // A volume has whole KiB.
            let content = try Data(contentsOf: source)
            let made = try Data(contentsOf: gateway.pools.appendingPathComponent("lab/\(file)"))
            #expect(made.prefix(content.count) == content && made.dropFirst(content.count).allSatisfy { $0 == 0 })
        }

        let destroyed = try await stack.plumb("destroy", "--auto-approve")
        #expect(destroyed.code == 0, "\(destroyed.errors)")
        for list in ["list", "net-list", "pool-list"] { #expect(try await names(list).isEmpty) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: gateway.pools.path).isEmpty)
        withExtendedLifetime(gateway) {}
    }
}
