import Foundation
import LibvirtFixtures
import PlumbModel
import ProviderAPI
import Testing
import WatchFixtures

@testable import LibvirtProvider

extension LabSuites {
    /// Drift of what a real libvirtd has, told when it happens.
    @Suite(.serialized) struct WatchTests {
        /// A domain, a network, a volume, and the pool that the volume lies in, in this order.
        private struct Watched {
            let resources: [WatchedResource]
            let instance: any ProviderInstance
            let name = "w" + UUID().uuidString.prefix(8).lowercased()

            init(_ instance: any ProviderInstance, pools: URL) async throws {
                self.instance = instance
                let name = name
                func make(_ type: String, _ given: Value) async throws -> WatchedResource {
                    WatchedResource(type: type, state: try await instance.type(type).apply(given))
                }
                let pool = try await make(
                    "libvirt_pool",
                    ["name": .string(name), "target": .string(pools.appendingPathComponent(name).path)])
                let volume = try await make(
                    "libvirt_volume",
                    ["pool": pool.state.values[key: "id"] ?? .null, "name": "v.qcow2", "capacity": "1MiB"])
                let network = try await make("libvirt_network", ["name": .string(name), "mode": "isolated"])
                let domain = try await make(
                    "libvirt_domain",
                    [
                        "name": .string(name), "type": "qemu", "memory": "32MiB", "max_memory": "64MiB",
                        "wait_for_address": false, "shutdown_timeout": 0,
                    ])
                resources = [domain, network, volume, pool]
            }

            var path: String { resources[2].state.values[key: "path"]?.asString ?? "" }

            func remove() async throws {
                for resource in resources {
                    try await instance.type(resource.type).remove(ResourceState(resource.state.values))
                }
                await instance.close()
            }
        }

        /// What others do with virsh.
        @Test(.timeLimit(.minutes(5))) func whatOthersDoIsToldAtOnce() async throws {
            let lab = try await Lab.shared()
            let watched = try await Watched(try lab.instance(), pools: lab.gateway.pools)
            let (server, name, path) = (lab.server, watched.name, watched.path)
            try await ObservedWatch.of(watched.resources, watched.instance) { observed in
                try await observed.expect("began")
                #expect(observed.texts == ["began"])
                var delays: [String: [Duration]] = [:]
                func expect(_ text: String, after words: [String]) async throws {
                    let delay = try await observed.delay(of: text) { try await server.virsh(words: words) }
                    delays[words[0], default: []].append(delay)
                }
                for round in 0..<3 {
                    try await expect("drifted 0", after: ["destroy", name])
                    #expect(observed.state(0)?.values[key: "running"] == false)
                    try await expect("restored 0", after: ["start", name])
                    let ways = round == 0 ? ["--config"] : ["--live", "--config"]
                    try await expect("drifted 0", after: ["setmem", name, "48M"] + ways)
                    #expect(observed.state(0)?.values[key: "memory"] == "48MiB")
                    try await expect("restored 0", after: ["setmem", name, "32M"] + ways)
                    try await expect("drifted 1", after: ["net-destroy", name])
                    #expect(observed.state(1)?.values[key: "running"] == false)
                    try await expect("restored 1", after: ["net-start", name])
                    try await expect("deleted 2", after: ["vol-delete", path])
                    let volume = ["v.qcow2", "1048576", "--format", "qcow2"]
                    try await expect("restored 2", after: ["vol-create-as", name] + volume)
                    // A pool that is stopped hides its volumes, and has them nonetheless.
                    try await expect("drifted 3", after: ["pool-destroy", name])
                    let hidden = try await watched.instance.type("libvirt_volume").read(watched.resources[2].state)
                    #expect(hidden?.values == watched.resources[2].state.values)
                    #expect(observed.texts == ["drifted 3"])
                    try await expect("restored 3", after: ["pool-start", name])
                    #expect(observed.texts == ["restored 3"])
                }
                // The machine may be busy with other tests: the best of the rounds counts.
                for (command, delays) in delays.sorted(by: { $0.key < $1.key }) {
                    print("\(command) is told after \(delays.min() ?? .zero) to \(delays.max() ?? .zero)")
                    #expect(delays.contains { $0 < .seconds(2) }, "\(command): \(delays)")
                }
            }
            try await watched.remove()
        }

        @Test(.timeLimit(.minutes(5))) func whatDriftedBeforeIsToldInTheBeginning() async throws {
            let lab = try await Lab.shared()
            let watched = try await Watched(try lab.instance(), pools: lab.gateway.pools)
            try await lab.server.virsh("vol-delete", watched.path)
            try await lab.server.virsh("net-destroy", watched.name)
            try await ObservedWatch.of(watched.resources, watched.instance) { observed in
                try await observed.expect("began")
                #expect(Set(observed.texts) == ["drifted 1", "deleted 2", "began"])
                #expect(observed.texts.last == "began")
            }
            try await watched.remove()
        }

        /// What changes by itself, and what belongs to others.
        @Test(.timeLimit(.minutes(5))) func whatIsNoDriftIsNotTold() async throws {
            let lab = try await Lab.shared()
            let watched = try await Watched(try lab.instance(), pools: lab.gateway.pools)
            let (server, name) = (lab.server, watched.name)
            try await ObservedWatch.of(watched.resources, watched.instance) { observed in
                try await observed.expect("began")
                // Firmware alone has no driver that would follow.
                try await server.virsh("setmem", name, "24M", "--live")
                try await server.virsh("suspend", name)
                try await server.virsh("resume", name)
                try await server.virsh("reset", name)
                try await server.virsh("vol-create-as", name, "other", "4096")
                try await server.virsh("pool-refresh", name)
                try await server.virsh("vol-delete", "other", "--pool", name)
                try await Task.sleep(for: .seconds(2))
                #expect(observed.texts == ["began"])
                // And it has seen all that.
                try await server.virsh("destroy", name)
                try await observed.expect("drifted 0")
                #expect(observed.texts == ["began", "drifted 0"])
            }
            try await watched.remove()
        }

        /// A machine that really has less memory then, and gets it back.
        @Test(.timeLimit(.minutes(5))) func memoryTakenFromARunningGuestIsTold() async throws {
            let lab = try await Lab.shared()
            let instance = try lab.instance()
            let guest = try await LibvirtServer.guest()
            let name = "b" + UUID().uuidString.prefix(8).lowercased()
            let volumes = try instance.type("libvirt_volume")
            var files: [ResourceState] = []
            for file in [guest.kernel, guest.initrd] {
                files.append(
                    try await volumes.apply([
                        "pool": .string(Lab.pool), "name": .string("\(name)-\(file.lastPathComponent)"),
                        "format": "raw",
                        "content": ["file": .string(file.path), "url": .null, "sha256": .null],
                    ]))
            }
            let ids = files.map { $0.values[key: "id"] ?? .null }
            let declared: Value = [
                "name": .string(name), "type": "qemu", "memory": "160MiB", "shutdown_timeout": 0,
                "boot": ["kernel": ids[0], "initrd": ids[1], "cmdline": "console=ttyS0", "order": .null],
            ]
            let domains = try #require(try instance.type("libvirt_domain") as? DomainType)
            let state = try await domains.apply(declared)
            try await lab.await("cpus=1", in: state)
            let boot = try await lab.boot(of: state)
            let server = lab.server
            let watched = [WatchedResource(type: "libvirt_domain", state: state)]
            try await ObservedWatch.of(watched, instance) { observed in
                try await observed.expect("began")
                var delays: [Duration] = []
                for _ in 0..<3 {
                    delays.append(
                        try await observed.delay(of: "drifted 0") { try await server.virsh("setmem", name, "128M") })
                    for _ in 0..<200 where observed.state(0)?.values[key: "memory"] != "128MiB" {
                        try await Task.sleep(for: .milliseconds(50))
                    }
                    let drifted = try #require(observed.state(0))
                    #expect(drifted.values[key: "memory"] == "128MiB")
                    let healed = try await domains.apply(declared, to: drifted)
                    #expect(healed.values[key: "memory"] == "160MiB")
                    #expect(healed.values[key: "pending"] == .map([:]))
                    try await observed.expect("restored 0")
                }
                print("setmem of a running guest is told after \(delays)")
                #expect(delays.contains { $0 < .seconds(2) }, "\(delays)")

                // One that cannot take it back is not asked for ever.
                try await server.virsh("setmem", name, "128M")
                observed.forget()
                try await observed.expect("drifted 0")
                for _ in 0..<200 where observed.state(0)?.values[key: "memory"] != "128MiB" {
                    try await Task.sleep(for: .milliseconds(50))
                }
                try await server.virsh("suspend", name)
                let paused = try #require(try await domains.read(state))
                let waiting = try await domains.apply(declared, to: paused)
                #expect(waiting.values[key: "memory"] == "160MiB")
                #expect(waiting.values[key: "pending"]?.asMap?.keys == ["memory"])
                try await observed.expect("restored 0")
                #expect(try await domains.plan(declared, waiting).planned == waiting.values, "nothing is left to do")
                try await server.virsh("resume", name)
                for _ in 0..<200 where try await domains.read(state)?.values[key: "pending"] != .map([:]) {
                    try await Task.sleep(for: .milliseconds(50))
                }
                let resumed = try await domains.read(state)
                #expect(resumed?.values[key: "pending"] == .map([:]))
                #expect(resumed?.values[key: "memory"] == "160MiB")
            }
            #expect(try await lab.boot(of: state) == boot, "nothing of it started the guest anew")
            try await domains.remove(state)
            for file in files { try await volumes.remove(file) }
            await instance.close()
        }

        // MARK: - Faults

        /// On a libvirtd of its own, because it kills it.
        @Test(.timeLimit(.minutes(5))) func nothingIsMissedWhenTheGatewayOrLibvirtIsStartedAnew() async throws {
            let server = try await LibvirtServer.separate()
            let old = try GatewayProcess(uri: server.uri)
            try await old.awaitReady()
            let instance = try Lab.instance(["url": .string("unix://\(old.socket)")])
            let watched = try await Watched(instance, pools: old.pools)
            let (name, path) = (watched.name, watched.path)
            try await ObservedWatch.of(watched.resources, instance) { observed in
                try await observed.expect("began")
                old.kill()
                try await observed.expect("interrupted")
                try await server.virsh("destroy", name)
                let new = try GatewayProcess(uri: server.uri, folder: old.folder)
                try await observed.expect("resumed")
                #expect(observed.texts == ["began", "interrupted", "drifted 0", "resumed"])
                observed.forget()

                try await server.kill()
                try await observed.expect("interrupted")
                try FileManager.default.removeItem(atPath: path)
                try await server.restart()
                try await observed.expect("resumed")
                // libvirt lets others in before it has started its pools.
                let told = observed.texts.filter { !$0.hasSuffix(" 3") }
                #expect(told == ["interrupted", "deleted 2", "resumed"])
                // Events of the new libvirtd arrive.
                try await server.virsh("net-destroy", name)
                try await observed.expect("drifted 1")
                observed.forget()
                try await server.virsh("start", name)
                try await observed.expect("restored 0")
                withExtendedLifetime(new) {}
            }
            await instance.close()
            try await server.end()
        }

        private struct Proxied {
            let proxy: FaultyGateway
            let instance: any ProviderInstance

            init(_ lab: Lab) throws {
                proxy = try FaultyGateway.start(before: lab.gateway.socket)
                instance = try Lab.instance(["url": .string(proxy.url)])
            }
        }

        /// Two volumes in the shared pool.
        private func volumes(_ lab: Lab) async throws -> [WatchedResource] {
            let instance = try lab.instance()
            var resources: [WatchedResource] = []
            for _ in 0..<2 {
                let name = "w" + UUID().uuidString.prefix(8).lowercased()
                let given: Value = ["pool": .string(Lab.pool), "name": .string(name), "capacity": "1MiB"]
                let state = try await instance.type("libvirt_volume").apply(given)
                resources.append(WatchedResource(type: "libvirt_volume", state: state))
            }
            await instance.close()
            return resources
        }

        /// What goes wrong with the first stream, and whether everything must be listed again.
        @Test(
            .timeLimit(.minutes(5)),
            arguments: [
                (#""do": "cut", "lines": 4"#, false), (#""do": "cut", "lines": 0"#, false),
                (#""do": "status", "status": 500"#, false), (#""do": "garbage""#, false),
                (#""do": "drip", "pieces": ["<html>no event</html>\n"]"#, false),
                (
                    #""do": "drip", "pieces": ["id: other-5\n\nid: other-6\nevent: vol"], "pause": 1, "then": "close""#,
                    true
                ),
                (#""do": "drip", "pieces": ["event: volume\ndata: no event\n\n"], "pause": 1"#, true),
            ])
        func nothingIsMissedWhateverBecomesOfAStream(_ fault: String, _ isListedAgain: Bool) async throws {
            let lab = try await Lab.shared()
            let resources = try await volumes(lab)
            let proxied = try Proxied(lab)
            try await proxied.proxy.order("[{\"on\": \"GET /v1/events\", \(fault)}]")
            let path = resources[1].state.values[key: "path"]?.asString ?? ""
            try await ObservedWatch.of(resources, proxied.instance) { observed in
                try await observed.expect("began")
                try await lab.server.virsh("vol-delete", path)
                try await observed.expect("deleted 1")
                #expect(observed.texts == ["began", "deleted 1"])
            }
            let lists = try await proxied.proxy.seen().count { $0 == "GET /v1/volumes" }
            #expect(isListedAgain ? lists > 1 : lists == 1, "\(lists) lists")
            await proxied.instance.close()
            try await remove(resources[0], lab)
        }

        private func remove(_ resource: WatchedResource, _ lab: Lab) async throws {
            let instance = try lab.instance()
            try await instance.type(resource.type).remove(ResourceState(resource.state.values))
            await instance.close()
        }

        /// Told once that something may be missed, and once that nothing was.
        @Test(.timeLimit(.minutes(5))) func aLongInterruptionIsTold() async throws {
            let lab = try await Lab.shared()
            let resources = try await volumes(lab)
            let proxied = try Proxied(lab)
            try await proxied.proxy.order(#"[{"on": "GET /v1/events", "do": "status", "status": 503, "times": 7}]"#)
            let path = resources[0].state.values[key: "path"]?.asString ?? ""
            try await ObservedWatch.of(resources, proxied.instance) { observed in
                try await observed.expect("interrupted")
                try await lab.server.virsh("vol-delete", path)
                try await observed.expect("resumed")
                #expect(observed.texts == ["interrupted", "deleted 0", "began", "resumed"])
            }
            await proxied.instance.close()
            try await remove(resources[1], lab)
        }

        /// One that cannot be read hides no other, and is read again.
        @Test(.timeLimit(.minutes(5))) func aListThatFailsIsToldAndTriedAgain() async throws {
            let lab = try await Lab.shared()
            let resources = try await volumes(lab)
            let proxied = try Proxied(lab)
            try await proxied.proxy.order(#"[{"on": "GET /v1/volumes", "do": "status", "status": 403, "times": 2}]"#)
            try await ObservedWatch.of(resources, proxied.instance) { observed in
                try await observed.expect("resumed")
                #expect(observed.texts == ["interrupted", "began", "resumed"])
            }
            await proxied.instance.close()
            for resource in resources { try await remove(resource, lab) }
        }

        @Test func aTokenThatIsRefusedEndsTheWatch() async throws {
            let lab = try await Lab.shared()
            let proxied = try Proxied(lab)
            try await proxied.proxy.order(#"[{"on": "GET /v1/events", "do": "status", "status": 401}]"#)
            let watching = try #require(proxied.instance as? any Watching)
            do {
                try await watching.watch([], into: WatchMailbox())
                Issue.record("it was watched")
            } catch {
                #expect(error.code == .unauthorized)
            }
            await proxied.instance.close()
        }
    }
}
