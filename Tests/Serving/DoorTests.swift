import Foundation
import HTTPServing
import HTTPTransport
import NIOCore
import PlumbModel
import Testing

@testable import Serving

/// Where the server listens, and what it does with connections that mean harm.
///
/// How long something takes is the machine's business, but all of it ends: what hangs is ended by the limit.
@Suite(.timeLimit(.minutes(5))) struct DoorTests {
    /// A certificate of our own for 127.0.0.1, by openssl.
    private func certificate() async throws -> (certificate: String, key: String) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let (certificate, key) = (folder.appending(path: "c.pem").path, folder.appending(path: "k.pem").path)
        let made = try await Program.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ])
        try #require(made.status == 0, "\(made.output)")
        return (certificate, key)
    }

    @Test func itServesWithTLS() async throws {
        let files = try await certificate()
        defer { try? FileManager.default.removeItem(atPath: (files.key as NSString).deletingLastPathComponent) }
        try await TestServer.run(
            { settings in
                settings.tls = ServerSettings.TLS(certificate: files.certificate, key: files.key)
            }, tls: TLSSettings(authorities: .file(files.certificate))
        ) { (server: TestServer) async throws in
            #expect(try await server.ask("GET", "/api/v1/me", "viewer-token").status == 200)
            let plain = try await Program.run(["curl", "-s", "--max-time", "10", "http://\(server.place)/healthz"])
            #expect(plain.status != 0)
            let old = try await Program.run([
                "curl", "-sk", "--max-time", "10", "--tls-max", "1.1", "https://\(server.place)/healthz",
            ])
            #expect(old.status != 0)
        }
        try await wrong { $0.tls = ServerSettings.TLS(certificate: files.key, key: files.certificate) }
        let other = try await certificate()
        try await wrong { $0.tls = ServerSettings.TLS(certificate: files.certificate, key: other.key) }
        try await wrong { $0.tls = ServerSettings.TLS(certificate: "/nowhere.pem", key: files.key) }
    }

    /// What answers is told by the certificate; a connection that is open goes on over the old one.
    @Test func aNewCertificateIsTakenOnAndABrokenOneIsNot() async throws {
        let (first, second) = (try await certificate(), try await certificate())
        defer {
            for made in [first, second] {
                try? FileManager.default.removeItem(atPath: (made.key as NSString).deletingLastPathComponent)
            }
        }
        let trust = try Data(contentsOf: URL(filePath: first.certificate))
        let old = TLSSettings(authorities: .bytes(Array(trust)))
        try await TestServer.run(
            { $0.tls = ServerSettings.TLS(certificate: first.certificate, key: first.key) }, tls: old
        ) { (server: TestServer) async throws in
            #expect(try await server.ask("GET", "/healthz").status == 200)
            func knows(_ tls: TLSSettings) async throws -> Bool {
                let client = HTTPClient(.init(tls: tls, proxy: .none, retry: .none))
                let answer: Int?
                do throws(HTTPError) {
                    answer = try await client.send(HTTPRequest("GET", server.base + "/healthz")).status
                } catch {
                    answer = nil
                }
                await client.close()
                return answer == 200
            }
            func replace(_ name: String, with other: String) throws {
                let new = name + ".new"
                try Data(contentsOf: URL(filePath: other)).write(to: URL(filePath: new))
                guard rename(new, name) == 0 else { throw TestServer.Refused() }
            }
            func wait(_ what: String, until isSo: () async throws -> Bool) async throws {
                for _ in 0..<480 {
                    if try await isSo() { return }
                    // Nobody is to close the connection from before because it is idle.
                    #expect(try await server.ask("GET", "/healthz").status == 200)
                    try await Task.sleep(for: .milliseconds(250))
                }
                Issue.record("\(what) did not come in two minutes: \(server.log.text)")
            }
            let new = TLSSettings(authorities: .file(second.certificate))
            // Another certificate without its key is broken.
            try replace(first.certificate, with: second.certificate)
            try await wait("the complaint") { server.log.text.contains("the old one goes on") }
            let (knowsOld, knowsNew) = (try await knows(old), try await knows(new))
            #expect(knowsOld && !knowsNew)
            try replace(first.key, with: second.key)
            try await wait("the new certificate") { try await knows(new) }
            #expect(try await !knows(old))
            // The connection from before is open still.
            #expect(try await server.ask("GET", "/healthz").status == 200)
            // Told to, it looks at once.
            try replace(first.certificate, with: second.key)
            var settings = ServerSettings()
            settings.tls = ServerSettings.TLS(certificate: first.certificate, key: first.key)
            settings.tokens = Array(TestServer.tokens.values)
            await server.server.update(settings)
            // Where its own look has come between, it has said so twice.
            #expect(server.log.text.components(separatedBy: "the old one goes on").count >= 3)
            #expect(try await knows(new))
        }
    }

    private func wrong(_ change: (inout ServerSettings) -> Void) async throws {
        await #expect(throws: Diagnostics.self) { try await TestServer.run(change) { _ in } }
    }

    @Test func tokensDoNotGoOverANetworkInTheClear() async throws {
        for host in ["0.0.0.0", "::", "192.0.2.1", "controller.example.org"] {
            try await wrong { $0.address = .tcp(host: host, port: 0) }
        }
        try await TestServer.run { settings in
            settings.address = .tcp(host: "0.0.0.0", port: 0)
            settings.allowsPlaintext = true
        } _: { (server: TestServer) async throws in
            #expect(server.place.hasPrefix("0.0.0.0:"))
        }
    }

    @Test func itServesOnAUnixSocket() async throws {
        let path = "/tmp/plumb-\(UUID().uuidString.prefix(8)).sock"
        // What a dead server has left is replaced.
        let made = try await Program.run([
            "python3", "-c", "import socket; socket.socket(socket.AF_UNIX).bind('\(path)')",
        ])
        #expect(made.status == 0 && FileManager.default.fileExists(atPath: path))
        try await TestServer.run {
            $0.address = .unix(path: path)
        } _: { (server: TestServer) async throws in
            #expect(try await server.ask("GET", "/api/v1/me", "viewer-token").status == 200)
            #expect(try await server.ask("GET", "/api/v1/me").status == 401)
            #expect(try await server.audit().first?["address"] == "unix")
            let rights = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(rights == 0o600)
            do {
                try await TestServer.run({ $0.address = .unix(path: path) }, { _ in })
                Issue.record("two servers listen on one socket")
            } catch let diagnostics as Diagnostics {
                #expect(diagnostics.all.first?.detail.contains("Another process listens") == true)
            }
        }
        #expect(!FileManager.default.fileExists(atPath: path))
        try await wrong { $0.address = .unix(path: "/tmp/" + String(repeating: "x", count: 120)) }
        // What is no socket stays.
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        try await wrong { $0.address = .unix(path: path) }
        #expect(FileManager.default.fileExists(atPath: path))
        try FileManager.default.removeItem(atPath: path)
    }

    @Test func anAddressThatIsTakenIsSaid() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let port = Int(server.place.split(separator: ":").last ?? "") ?? 0
            do {
                try await TestServer.run({ $0.address = .tcp(host: "127.0.0.1", port: port) }, { _ in })
                Issue.record("two servers listen on one port")
            } catch let diagnostics as Diagnostics {
                let error = diagnostics.all.first
                #expect(error?.summary == "The API cannot be served" && error?.detail.contains(server.place) == true)
            }
        }
    }

    @Test func whoeverSendsDropByDropIsSentAway() async throws {
        try await TestServer.run(limits: { $0.head = .seconds(1) }) { (server: TestServer) async throws in
            let port = server.place.split(separator: ":").last ?? ""
            let slow = try await Program.run([
                "bash", "-c",
                "exec 3<>/dev/tcp/127.0.0.1/\(port); for c in G E T ' ' / h e a l t h z; do printf %s \"$c\" >&3 || exit 7; "
                    + "sleep 0.3; done; timeout 40 cat <&3; [ $? = 124 ] && exit 9; printf 'late\\r\\n' >&3 && sleep 0.2 && printf x >&3; exit 7",
            ])
            #expect(slow.status == 7 || slow.status == 141, "\(slow)")
            #expect(server.log.text.contains("no request came"))
            #expect(try await server.metric("plumb_api_connections_timed_out_total").flatMap { Int($0) } ?? 0 > 0)
        }
    }

    /// Each piece comes in time, and the whole never would.
    @Test func aBodyThatTricklesIsGivenUp() async throws {
        try await TestServer.run(bodySeconds: 1) { (server: TestServer) async throws in
            let port = server.place.split(separator: ":").last ?? ""
            let head =
                "POST /webhooks/github HTTP/1.1\\r\\nHost: x\\r\\nContent-Type: application/json\\r\\nContent-Length: 9999\\r\\n\\r\\n"
            let slow = try await Program.run([
                "bash", "-c",
                "trap '' PIPE; exec 3<>/dev/tcp/127.0.0.1/\(port); printf '\(head)' >&3; "
                    + "(for i in $(seq 30); do printf x >&3 || exit; sleep 0.3; done) 2>/dev/null & timeout 50 head -1 <&3",
            ])
            #expect(slow.output.contains("408"), "\(slow)")
            #expect(try await server.ask("GET", "/healthz").status == 200)
        }
    }

    @Test func headsThatAreTooLongAreRefused() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let long = [("X-Long", String(repeating: "x", count: 40_000))]
            let status: Int?
            do { status = try await server.ask("GET", "/healthz", headers: long).status } catch { status = nil }
            #expect(status.map { [400, 414, 431].contains($0) } ?? true, "\(status ?? 0)")
            #expect(try await server.ask("GET", "/healthz").status == 200)
        }
    }

    /// A request that is being answered when the server is told to stop is answered.
    @Test func itEndsWithItsTask() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            async let answer = server.ask(
                "POST", "/api/v1/stacks/shop-api/sync", "operator-token", body: #"{"reason": "slowly"}"#)
            while !server.plane.isAtWork { try await Task.sleep(for: .milliseconds(10)) }
            await server.server.stop()
            #expect(try await answer.status == 202)
            #expect(server.plane.commands.count == 1)
            await #expect(throws: HTTPError.self) {
                while true {
                    _ = try await server.ask("GET", "/healthz")
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
        }
    }
}
