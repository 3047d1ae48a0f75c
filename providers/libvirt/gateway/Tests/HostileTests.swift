import Foundation
import HTTPTransport
import LibvirtFixtures
import Testing

/// Requests that mean harm are refused, and the gateway goes on.
@Suite(.enabled(if: LibvirtServer.isExpected))
struct HostileTests {
    @Test func namesLeadNowhere() async throws {
        let gateway = try await TestGateway()
        let pool = try await gateway.makePool()
        for name in ["..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "a%2fb", ".hidden", "a%00b", "%0a", "a%20b", "%ff"] {
            for path in ["\(pool.path)/volumes/\(name)", "\(pool.path)/cloudinit/\(name)"] {
                let reply = try await gateway.ask("PUT", path, ["capacity": 1024, "user_data": ""])
                #expect([400, 404].contains(reply.status), "\(path): \(reply.status)")
            }
        }
        #expect(try await gateway.ask("GET", "/v1/volumes?pool=\(pool.uuid)").items.isEmpty)
        try await gateway.clear(pool: pool.uuid)
    }

    /// Each text of a domain that is not bound to a pattern of names goes into XML.
    @Test func wordsStayWords() async throws {
        let gateway = try await TestGateway()
        let evil =
            "</description><devices><disk type='file'><source file='/etc/shadow'/></disk></devices><!-- ]]> &quot; &#0; \" ' <"
        let path = "/v1/domains/\(TestGateway.newUUID())"
        var spec = DomainTests.diskless("words-1")
        spec["running"] = false
        spec["description"] = evil
        spec["metadata"] = ["a": evil, "b.c-d_e": "\u{1F600} ü"]
        let made = try await gateway.ask("PUT", path, spec)
        #expect(made.status == 201, "\(made.text)")
        #expect(made.json("description") as? String == evil)
        #expect((made.json("metadata") as? [String: String])?["a"] == evil)
        #expect((made.json("disks") as? [Any])?.isEmpty == true)
        #expect(try await gateway.ask("DELETE", path).status == 204)
        let refused: [(String, Any)] = [
            ("name", evil), ("name", ""), ("name", "../x"), ("type", "xen'"), ("machine", "pc'/>"),
            ("firmware", "/etc/passwd"),
            ("metadata", ["<": "x"]), ("metadata", ["a": "\u{1}"]), ("description", "\u{0}"),
            ("boot", ["cmdline": "a\nb"]),
            ("boot", ["kernel": "/etc/shadow"]), ("boot", ["kernel": ["pool": "x", "volume": "../../etc/shadow"]]),
            ("disks", [["target": "vda", "source": ["path": "/etc/shadow"]]]),
            ("disks", [["target": "vda'", "source": ["pool": TestGateway.newUUID(), "volume": "x"]]]),
            ("disks", [["target": "vda", "source": ["pool": TestGateway.newUUID(), "volume": "x"]]]),
            ("interfaces", [["network": "default"]]), ("interfaces", [["network": TestGateway.newUUID()]]),
            ("interfaces", [["network": TestGateway.newUUID(), "mac": "52:54:00:00:00:01'"]]), ("vcpus", 0),
            ("vcpus", 1e9),
            ("memory", -1), ("memory", "64"), ("devices", "<hostdev/>"), ("hostdevs", [["pci": "0000:00:00.0"]]),
        ]
        for (name, value) in refused {
            var wrong = DomainTests.diskless("words-2")
            wrong[name] = value
            let reply = try await gateway.ask("PUT", path, wrong)
            #expect(reply.status == 422, "\(name) \(value): \(reply.status) \(reply.text)")
            #expect(reply.headers["Content-Type"] == "application/problem+json")
        }
        let xml = Array("<domain type='qemu'/>".utf8)
        #expect(try await gateway.ask("PUT", path + "/xml", raw: xml, "application/xml").status == 403)
        #expect(try await gateway.ask("GET", path).status == 404)
    }

    @Test func bodiesThatAreNoneAreRefused() async throws {
        let gateway = try await TestGateway()
        let path = "/v1/networks/\(TestGateway.newUUID())"
        let deep = Array(String(repeating: "[", count: 100_000).utf8)
        for (body, status) in [
            (Array("{".utf8), 400), (deep, 400), (Array("null".utf8), 422), (Array("[]".utf8), 422),
            ([0xFF, 0xFE], 400),
            (Array("{\"name\": \"\(String(repeating: "x", count: 3 << 20))\"}".utf8), 413),
        ] {
            let reply = try await gateway.ask("PUT", path, raw: body, "application/json")
            #expect(reply.status == status, "\(body.prefix(20))")
        }
        #expect(try await gateway.ask("PUT", path, raw: Array("name: x".utf8), "text/yaml").status == 415)
        #expect(try await gateway.ask("PATCH", path, ["name": "x"]).status == 405)
        let long = try await gateway.ask("GET", "/v1/domains?name=\(String(repeating: "x", count: 20000))")
        #expect([400, 414, 431].contains(long.status))
        #expect(try await gateway.ask("GET", "/health").status == 200)
        #expect(gateway.process.log.contains("\"status\":\"422\""))
    }

    @Test func tooManyConnectionsAreTurnedAway() async throws {
        let gateway = try await TestGateway(["--max-connections", "64"])
        let before = gateway.process.peakMemory
        var held: [Int32] = []
        defer { for descriptor in held { close(descriptor) } }
        let opened: Int
        (opened, held) = await RawConnection.open(10_000, keeping: 600, to: gateway.process.socket)
        #expect(opened > 9_000)
        #expect(gateway.process.peakMemory - before < 64 << 20)
        try await gateway.eventually("some were refused", within: 30) {
            gateway.process.log.contains("connection refused")
        }
        // A flood of connections is none of lines.
        #expect(gateway.process.log.split(separator: "\n").count { $0.contains("connection refused") } < 60)
        for descriptor in held { close(descriptor) }
        held = []
        try await gateway.eventually("others come in again", within: 30) {
            (try? await gateway.ask("GET", "/health").status) == 200
        }
    }

    @Test func whoeverSendsDropByDropIsSentAway() async throws {
        let gateway = try await TestGateway()
        let descriptor = try #require(RawConnection.open(gateway.process.socket))
        defer { close(descriptor) }
        var sent = 0
        let begin = ContinuousClock.now
        // One byte a second, in a head that never ends.
        for byte in "GET /health HTTP/1.1\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".utf8 {
            guard RawConnection.send(descriptor, byte) else { break }
            sent += 1
            try await Task.sleep(for: .seconds(1))
        }
        let lasted = begin.duration(to: .now)
        #expect(sent < 25, "\(sent)")
        #expect(lasted < .seconds(30))
        #expect(gateway.process.log.contains("connection closed"))
        #expect(try await gateway.ask("GET", "/health").status == 200)
    }
}

/// A connection without any HTTP of its own.
enum RawConnection {
    static func open(_ path: String) -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if status == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    /// One after the other, on a thread of its own because that waits. What this process may open bounds how many are there at
    /// once; the others come and go.
    static func open(_ count: Int, keeping kept: Int, to path: String) async -> (opened: Int, held: [Int32]) {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var (opened, held) = (0, [Int32]())
                for _ in 0..<count {
                    guard let descriptor = open(path) else { continue }
                    opened += 1
                    if held.count < kept { held.append(descriptor) } else { close(descriptor) }
                }
                continuation.resume(returning: (opened, held))
            }
        }
    }

    /// False: the other side has closed.
    static func send(_ descriptor: Int32, _ byte: UInt8) -> Bool {
        var byte = byte
        return Foundation.send(descriptor, &byte, 1, Int32(MSG_NOSIGNAL)) == 1
    }
}
