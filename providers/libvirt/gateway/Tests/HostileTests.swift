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

    /// The same of what is no domain.
    @Test func wordsOfNetworksPoolsAndVolumesStayWords() async throws {
        let gateway = try await TestGateway()
        let pool = try await gateway.makePool()
        let evil = "x'/><ip address='10.0.0.1'/><x a='"
        let network = "/v1/networks/\(TestGateway.newUUID())"
        let refused: [(String, [String: Any])] = [
            (network, ["name": evil]), (network, ["name": "n", "mode": evil]),
            (network, ["name": "n", "bridge": evil]),
            (network, ["name": "n", "cidr": evil]), (network, ["name": "n", "dns": ["domain": evil]]),
            (network, ["name": "n", "dns": ["forwarders": [evil]]]),
            (network, ["name": "n", "dns": ["hosts": [["ip": evil, "names": ["a"]]]]]),
            (network, ["name": "n", "dns": ["hosts": [["ip": "10.0.0.1", "names": [evil]]]]]),
            (network, ["name": "n", "cidr": "10.99.0.0/24", "dhcp": ["start": evil, "end": "10.99.0.9"]]),
            (network, ["name": "n", "cidr": "10.99.0.0/24", "dhcp": ["hosts": [["mac": evil, "ip": "10.99.0.9"]]]]),
            (network, ["name": "n", "cidr": "10.99.0.0/24", "dhcp": ["hosts": [["name": evil, "ip": "10.99.0.9"]]]]),
            ("/v1/pools/\(TestGateway.newUUID())", ["name": evil, "target": "/tmp/x"]),
            ("/v1/pools/\(TestGateway.newUUID())", ["name": "p", "target": gateway.process.pools.path + "/" + evil]),
            ("/v1/pools/\(TestGateway.newUUID())", ["name": "p", "type": evil, "target": "/tmp/x"]),
            ("\(pool.path)/volumes/v", ["capacity": 1024, "format": evil]),
            ("\(pool.path)/volumes/v", ["capacity": evil]),
            ("\(pool.path)/volumes/v", ["backing": ["pool": pool.uuid, "volume": evil]]),
            ("\(pool.path)/volumes/v", ["backing": ["pool": evil, "volume": "v"]]),
        ]
        for (path, body) in refused {
            let reply = try await gateway.ask("PUT", path, body)
            #expect(reply.status == 422, "\(body): \(reply.status) \(reply.text)")
            #expect(try await gateway.ask("GET", path).status == 404)
        }
        // What a guest is told is bytes, whatever they are.
        let image = try await gateway.ask("PUT", "\(pool.path)/cloudinit/c.iso", ["user_data": evil])
        #expect(image.status == 201, "\(image.text)")
        try await gateway.clear(pool: pool.uuid)
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
        let path = gateway.process.socket
        (opened, held) = await RawConnection.open(10_000, keeping: 600) { RawConnection.open(path) }
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

    /// They never get as far as TLS.
    @Test func tooManyConnectionsAreTurnedAwayAtTheOtherDoor() async throws {
        let certificates = try await Certificates()
        defer { certificates.remove() }
        let gateway = try await TestGateway(certificates.doorWords + ["--max-connections", "64"])
        let port = try await gateway.tlsPort()
        let before = gateway.process.peakMemory
        let (opened, held) = await RawConnection.open(2_000, keeping: 600) { RawConnection.open(port: port) }
        #expect(opened > 1_800)
        #expect(gateway.process.peakMemory - before < 64 << 20)
        try await gateway.eventually("some were refused", within: 30) {
            gateway.process.log.contains("connection refused")
        }
        for descriptor in held { close(descriptor) }
        try await gateway.eventually("others come in again", within: 30) {
            (try? await gateway.ask("GET", "/health").status) == 200
        }
        // Those that were closed are still taken from the queue one after the other.
        try await gateway.eventually("others come in again through this door", within: 30) {
            (try? await certificates.status("GET", "https://127.0.0.1:\(port)/v1/pools")) == 200
        }
    }

    /// In the handshake, and in a head after it.
    @Test(.timeLimit(.minutes(2))) func whoeverSendsDropByDropOverTLSIsSentAway() async throws {
        let certificates = try await Certificates()
        defer { certificates.remove() }
        let gateway = try await TestGateway(certificates.doorWords)
        let port = try await gateway.tlsPort()
        // A handshake of 512 bytes is announced.
        let hello: [UInt8] = [0x16, 0x03, 0x01, 0x02, 0x00] + [UInt8](repeating: 1, count: 40)
        let descriptor = try #require(RawConnection.open(port: port))
        defer { close(descriptor) }
        async let inHead = RawConnection.dripsOverTLS(port, certificates)
        #expect(try await RawConnection.drips(hello, into: descriptor) < 25)
        #expect(try await inHead < 40)
        #expect(gateway.process.log.split(separator: "\n").count { $0.contains("connection closed") } >= 2)
        #expect(try await certificates.status("GET", "https://127.0.0.1:\(port)/v1/pools") == 200)
    }

    @Test func whoeverSendsDropByDropIsSentAway() async throws {
        let gateway = try await TestGateway()
        let descriptor = try #require(RawConnection.open(gateway.process.socket))
        defer { close(descriptor) }
        let begin = ContinuousClock.now
        // A head that never ends.
        let head = "GET /health HTTP/1.1\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        let sent = try await RawConnection.drips(Array(head.utf8), into: descriptor)
        let lasted = begin.duration(to: .now)
        #expect(sent < 25, "\(sent)")
        // A drop each second at the fastest; a busy machine sends them later.
        #expect(lasted < .seconds(60))
        #expect(gateway.process.log.contains("connection closed"))
        #expect(try await gateway.ask("GET", "/health").status == 200)
    }
}
