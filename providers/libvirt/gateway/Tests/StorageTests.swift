import Foundation
import HTTPTransport
import LibvirtFixtures
import Testing

/// Pools, volumes and images on the real libvirtd.
@Suite(.enabled(if: LibvirtServer.isExpected))
struct StorageTests {
    @Test func aPoolIsMadeReadChangedAndRemoved() async throws {
        let gateway = try await TestGateway()
        let pool = try await gateway.makePool()
        let again = try await gateway.ask("GET", pool.path)
        #expect(again.status == 200)
        #expect(again.json("running") as? Bool == true)
        #expect(again.json("autostart") as? Bool == true)
        let target = again.json("target") as? String ?? ""
        let name = again.json("name") as? String ?? ""
        let same = try await gateway.ask("PUT", pool.path, ["name": name, "target": target])
        #expect(same.status == 200)
        #expect(same.etag == again.etag)
        let stopped = try await gateway.ask(
            "PUT", pool.path, ["name": name, "target": target, "autostart": false, "running": false])
        #expect(stopped.json("running") as? Bool == false)
        #expect(stopped.etag != again.etag)
        #expect(try await gateway.ask("PUT", pool.path, ["name": "other", "target": target]).status == 409)
        #expect(try await gateway.ask("DELETE", pool.path).status == 204)
        #expect(try await gateway.ask("GET", pool.path).status == 404)
        #expect(!FileManager.default.fileExists(atPath: target))
    }

    @Test func aPoolLiesNowhereElse() async throws {
        let gateway = try await TestGateway()
        let link = gateway.process.pools.appendingPathComponent("link").path
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/etc")
        for target in ["/etc", "\(gateway.process.pools.path)/../x", "\(link)/x", "/", "relative"] {
            let uuid = TestGateway.newUUID()
            let reply = try await gateway.ask(
                "PUT", "/v1/pools/\(uuid)", ["name": "p-\(uuid.prefix(8))", "target": target])
            #expect(reply.status == 422, "\(target): \(reply.text)")
            #expect(try await gateway.ask("GET", "/v1/pools/\(uuid)").status == 404)
        }
        #expect(!FileManager.default.fileExists(atPath: "/etc/x"))
    }

    @Test func volumesGrowAndAreGuardedByTheirVersions() async throws {
        let gateway = try await TestGateway()
        let pool = try await gateway.makePool()
        let path = "\(pool.path)/volumes/base.qcow2"
        let made = try await gateway.ask("PUT", path, ["capacity": 10 << 20], ["If-None-Match": "*"])
        #expect(made.status == 201)
        #expect(made.json("capacity") as? Int == 10 << 20)
        #expect(try await gateway.ask("PUT", path, ["capacity": 10 << 20], ["If-None-Match": "*"]).status == 412)
        #expect(try await gateway.ask("GET", path, nil, ["If-None-Match": made.etag]).status == 304)
        let grown = try await gateway.ask("PUT", path, ["capacity": 20 << 20], ["If-Match": made.etag])
        #expect(grown.status == 200)
        #expect(grown.json("capacity") as? Int == 20 << 20)
        #expect(try await gateway.ask("PUT", path, ["capacity": 30 << 20], ["If-Match": made.etag]).status == 412)
        #expect(try await gateway.ask("PUT", path, ["capacity": 1 << 20]).status == 409)
        let overlay = try await gateway.ask(
            "PUT", "\(pool.path)/volumes/top.qcow2", ["backing": ["pool": pool.uuid, "volume": "base.qcow2"]])
        #expect(overlay.status == 201, "\(overlay.text)")
        #expect(overlay.json("backing", "volume") as? String == "base.qcow2")
        #expect(overlay.json("backing", "path") == nil)
        let all = try await gateway.ask("GET", "/v1/volumes?pool=\(pool.uuid)")
        #expect(all.items.count == 2)
        #expect(try await gateway.ask("DELETE", path, nil, ["If-Match": "\"old\""]).status == 412)
        #expect(try await gateway.ask("DELETE", path).status == 204)
        #expect(try await gateway.ask("DELETE", path).status == 404)
        // Its pool is not empty.
        #expect(try await gateway.ask("DELETE", pool.path).status == 409)
        try await gateway.clear(pool: pool.uuid)
    }

    @Test func whatIsUploadedComesBackAndMemoryStays() async throws {
        let gateway = try await TestGateway()
        let pool = try await gateway.makePool()
        let size = 256 << 20
        let file = gateway.process.folder.appendingPathComponent("big")
        let piece = Data(repeating: 0xA5, count: 1 << 20)
        _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        let handle = try FileHandle(forWritingTo: file)
        for _ in 0..<(size >> 20) { handle.write(piece) }
        let before = gateway.process.peakMemory
        let path = "\(pool.path)/volumes/big.img"
        #expect(try await gateway.ask("PUT", path, ["capacity": size, "format": "raw"]).status == 201)
        let up = try await gateway.upload(file, to: path)
        #expect(up.status == 200, "\(up.text)")
        #expect(up.json("bytes") as? Int == size)
        let stream = try await gateway.client.stream(
            HTTPRequest("GET", "http://gateway\(path)/content", timeout: .seconds(300)))
        var count = 0
        for try await chunk in stream.body { count += chunk.count }
        #expect(count == size)
        #expect(gateway.process.peakMemory - before < 64 << 20, "\(before) \(gateway.process.peakMemory)")
        // What is shorter leaves nothing of it behind.
        #expect(
            try await gateway.ask("PUT", path + "/content", raw: Array("short".utf8), "application/octet-stream").status
                == 200)
        let short = try await gateway.client.stream(
            HTTPRequest("GET", "http://gateway\(path)/content", timeout: .seconds(300)))
        var sum = 0
        for try await chunk in short.body { sum += chunk.reduce(0) { $0 + Int($1) } }
        #expect(sum == "short".utf8.reduce(0) { $0 + Int($1) })
        let smaller = "\(pool.path)/volumes/small.img"
        #expect(try await gateway.ask("PUT", smaller, ["capacity": 1 << 20, "format": "raw"]).status == 201)
        #expect(try await gateway.upload(file, to: smaller).status == 409)
        try await gateway.clear(pool: pool.uuid)
    }

    /// libvirt's library would keep what it got from libvirtd, and nobody took, in memory.
    @Test func whoReadsSlowlyFillsNoMemory() async throws {
        let gateway = try await TestGateway()
        let pool = try await gateway.makePool()
        let path = "\(pool.path)/volumes/long.img"
        #expect(try await gateway.ask("PUT", path, ["capacity": 512 << 20, "format": "raw"]).status == 201)
        let before = gateway.process.peakMemory
        var held: [Int32] = []
        defer { for descriptor in held { close(descriptor) } }
        for _ in 0..<4 {
            let descriptor = try #require(RawConnection.open(gateway.process.socket))
            held.append(descriptor)
            for byte in "GET \(path)/content HTTP/1.1\r\nHost: gateway\r\n\r\n".utf8 {
                #expect(RawConnection.send(descriptor, byte))
            }
        }
        try await gateway.eventually("bytes were sent", within: 30) {
            let line = try await gateway.ask("GET", "/metrics").text.split(separator: "\n").first {
                $0.hasPrefix("plumb_libvirt_gateway_volume_bytes_sent_total ")
            }
            return (line?.split(separator: " ").last.flatMap { Int($0) } ?? 0) > 4 << 18
        }
        try await Task.sleep(for: .seconds(2))
        #expect(gateway.process.peakMemory - before < 96 << 20, "\(before) \(gateway.process.peakMemory)")
        for descriptor in held { close(descriptor) }
        held = []
        try await gateway.clear(pool: pool.uuid)
    }

    @Test func anImageForCloudInitIsTheSameForTheSameContent() async throws {
        let gateway = try await TestGateway()
        let pool = try await gateway.makePool()
        let path = "\(pool.path)/cloudinit/seed.iso"
        let spec = ["user_data": "#cloud-config\nhostname: a\n", "network_config": "version: 2\n"]
        let made = try await gateway.ask("PUT", path, spec)
        #expect(made.status == 201, "\(made.text)")
        let again = try await gateway.ask("PUT", path, spec)
        #expect(again.status == 200)
        #expect(again.etag == made.etag)
        let other = try await gateway.ask(
            "PUT", path, ["user_data": "#cloud-config\nhostname: b\n"], ["If-Match": made.etag])
        #expect(other.status == 200)
        #expect(other.json("sha256") as? String != made.json("sha256") as? String)
        let back = try await gateway.ask("PUT", path, spec)
        #expect(back.json("sha256") as? String == made.json("sha256") as? String)
        #expect(try await gateway.ask("DELETE", path).status == 204)
        #expect(try await gateway.ask("GET", path).status == 404)
        // A disk is no image, and is not replaced by one.
        #expect(
            try await gateway.ask("PUT", "\(pool.path)/volumes/disk", ["capacity": 1 << 20, "format": "raw"]).status
                == 201)
        #expect(try await gateway.ask("PUT", "\(pool.path)/cloudinit/disk", spec).status == 409)
        try await gateway.clear(pool: pool.uuid)
    }

    /// libvirt does not look into a pool while one of its volumes is written.
    @Test func uploadsOfOnePoolMayOverlapAndVolumesAreMadeMeanwhile() async throws {
        let gateway = try await TestGateway()
        let pool = try await gateway.makePool()
        let file = gateway.process.folder.appendingPathComponent("some")
        try Data(repeating: 0x5A, count: 24 << 20).write(to: file)
        let image = gateway.process.folder.appendingPathComponent("image")
        try await LibvirtServer.run(
            URL(fileURLWithPath: "/usr/bin/qemu-img"), ["create", "-q", "-f", "qcow2", image.path, "77M"])
        let all = try await withThrowingTaskGroup(of: TestGateway.Reply.self) { group in
            for index in 0..<6 {
                group.addTask {
                    let path = "\(pool.path)/volumes/up-\(index)"
                    let made = try await gateway.ask("PUT", path, ["capacity": 24 << 20, "format": "raw"])
                    guard made.status == 201 else { return made }
                    return try await gateway.upload(file, to: path)
                }
                group.addTask {
                    let path = "\(pool.path)/volumes/image-\(index)"
                    let made = try await gateway.ask("PUT", path, ["capacity": 1 << 20])
                    guard made.status == 201 else { return made }
                    return try await gateway.upload(image, to: path)
                }
                group.addTask {
                    let path = "\(pool.path)/volumes/made-\(index)"
                    let made = try await gateway.ask("PUT", path, ["capacity": 1 << 20])
                    guard made.status == 201 else { return made }
                    return try await gateway.ask("PUT", path, ["capacity": 2 << 20])
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for reply in all { #expect(reply.status == 200, "\(reply.text)") }
        let volumes = try await gateway.ask("GET", "/v1/volumes?pool=\(pool.uuid)").items
        #expect(volumes.count == 18)
        // What was uploaded last is seen as it is: a disk of another size.
        for volume in volumes where (volume["name"] as? String ?? "").hasPrefix("image-") {
            #expect(volume["capacity"] as? Int == 77 << 20)
        }
        #expect(try await gateway.ask("POST", "\(pool.path)/refresh").status == 200)
        try await gateway.clear(pool: pool.uuid)
        #expect(try await gateway.ask("GET", pool.path).status == 404)
    }

    /// An image that names a file of the host, as somebody would make it who wants to read that file.
    private func evilImages(_ gateway: TestGateway) async throws -> [(name: String, file: URL)] {
        let secret = gateway.process.folder.appendingPathComponent("secret")
        try Data(repeating: 7, count: 65536).write(to: secret)
        var images: [(String, URL)] = []
        for (name, options) in [
            ("backed.qcow2", ["-b", secret.path, "-F", "raw"]),
            ("apart.qcow2", ["-o", "data_file=\(secret.path).data"]),
        ] {
            let image = gateway.process.folder.appendingPathComponent(name)
            try await LibvirtServer.run(
                URL(fileURLWithPath: "/usr/bin/qemu-img"),
                ["create", "-q", "-f", "qcow2"] + options + [image.path, "1M"])
            images.append((name, image))
        }
        return images
    }

    @Test func anImageThatLeadsOutOfThePoolsIsNotTaken() async throws {
        let gateway = try await TestGateway()
        let pool = try await gateway.makePool()
        for (name, file) in try await evilImages(gateway) {
            let path = "\(pool.path)/volumes/\(name)"
            #expect(try await gateway.ask("PUT", path, ["capacity": 1 << 20]).status == 201)
            let before = try await gateway.ask("GET", path)
            let refused = try await gateway.upload(file, to: path)
            #expect(refused.status == 422, "\(name): \(refused.text)")
            #expect(refused.text.contains("qemu-img convert"))
            #expect(try await gateway.ask("GET", path).etag == before.etag)
            // Nor as what a raw disk holds.
            let raw = "\(pool.path)/volumes/raw-\(name)"
            #expect(try await gateway.ask("PUT", raw, ["capacity": 1 << 20, "format": "raw"]).status == 201)
            #expect(try await gateway.upload(file, to: raw).status == 422)
            #expect(try await gateway.ask("GET", raw).json("format") as? String == "raw")
        }
        try await gateway.clear(pool: pool.uuid)
    }

    /// What somebody else has put into a pool.
    @Test func anImageThatLeadsOutOfThePoolsReachesNoGuest() async throws {
        let gateway = try await TestGateway()
        let pool = try await gateway.makePool()
        for (name, file) in try await evilImages(gateway) {
            let place = gateway.process.pools.appendingPathComponent("\(pool.uuid)/\(name)")
            try FileManager.default.copyItem(at: file, to: place)
            #expect(try await gateway.ask("POST", "\(pool.path)/refresh").status == 200)
            let domain = try await gateway.ask(
                "PUT", "/v1/domains/\(TestGateway.newUUID())",
                [
                    "name": "evil-\(pool.uuid.prefix(8))", "type": "qemu", "vcpus": 1, "memory": 64 << 20,
                    "running": false,
                    "disks": [["target": "vda", "source": ["pool": pool.uuid, "volume": name]]],
                ])
            #expect(domain.status == 422, "\(name): \(domain.text)")
            #expect(domain.text.contains("lies in no pool") || domain.text.contains("another file"), "\(domain.text)")
        }
        try await gateway.clear(pool: pool.uuid)
    }
}
