import Foundation
import HTTPTransport
import LibvirtFixtures
import Testing

/// Who comes in over TLS, and who does not.
@Suite(.enabled(if: LibvirtServer.isExpected))
struct DoorTests {
    private func token(_ role: String) async throws -> (token: String, line: String) {
        let text = try await LibvirtServer.run(GatewayProcess.binary, ["token", "bob", "--role", role])
        let lines = text.split(separator: "\n")
        let token = lines.first?.split(separator: " ").last.map(String.init) ?? ""
        let line = lines.last?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
        return (token, line)
    }

    private func status(
        _ method: String, _ url: String, _ tls: TLSSettings, token: String? = nil, body: [UInt8] = []
    ) async throws -> Int {
        let client = HTTPClient(HTTPClient.Settings(tls: tls, proxy: .none, retry: .none))
        var headers: HTTPHeaders = ["Content-Type": "application/json"]
        if let token { headers["Authorization"] = "Bearer \(token)" }
        let request = HTTPRequest(method, url, headers: headers, body: body)
        return try await client.send(request).status
    }

    @Test func tokensAllowWhatTheySay() async throws {
        let certificates = try await Certificates()
        defer { certificates.remove() }
        let (reader, writer) = (try await token("read"), try await token("write"))
        #expect(reader.line.split(separator: " ").count == 3)
        try "# people\n\(reader.line)\n\(writer.line)\n".write(
            toFile: certificates.path("tokens"), atomically: true, encoding: .utf8)
        let gateway = try await TestGateway([
            "--listen", "127.0.0.1:0", "--certificate", certificates.path("server.pem"), "--key",
            certificates.path("server.key"), "--tokens", certificates.path("tokens"),
        ])
        let base = "https://127.0.0.1:\(try await gateway.tlsPort())"
        let tls = TLSSettings(authorities: .file(certificates.path("ca.pem")))
        #expect(try await status("GET", base + "/v1/pools", tls) == 401)
        #expect(try await status("GET", base + "/v1/pools", tls, token: "wrong") == 401)
        #expect(try await status("GET", base + "/v1/pools", tls, token: reader.token) == 200)
        let path = base + "/v1/pools/\(TestGateway.newUUID())"
        #expect(try await status("PUT", path, tls, token: reader.token, body: Array("{}".utf8)) == 403)
        #expect(try await status("PUT", path, tls, token: writer.token, body: Array("{}".utf8)) == 422)
        #expect(try await status("DELETE", path, tls, token: reader.token) == 403)
        #expect(!gateway.process.log.contains(reader.token))
        #expect(gateway.process.log.contains("\"caller\":\"bob\""))
    }

    @Test func certificatesOfTheAuthorityComeIn() async throws {
        let (certificates, strangers) = (try await Certificates(), try await Certificates())
        defer { for made in [certificates, strangers] { made.remove() } }
        let gateway = try await TestGateway([
            "--listen", "127.0.0.1:0", "--certificate", certificates.path("server.pem"), "--key",
            certificates.path("server.key"), "--client-authorities", certificates.path("ca.pem"),
        ])
        let base = "https://127.0.0.1:\(try await gateway.tlsPort())"
        var tls = TLSSettings(
            authorities: .file(certificates.path("ca.pem")), clientCertificate: .file(certificates.path("client.pem")),
            clientKey: .file(certificates.path("client.key")))
        #expect(try await status("GET", base + "/v1/pools", tls) == 200)
        tls.clientCertificate = nil
        tls.clientKey = nil
        await #expect(throws: HTTPError.self) { try await status("GET", base + "/v1/pools", tls) }
        tls.clientCertificate = .file(strangers.path("client.pem"))
        tls.clientKey = .file(strangers.path("client.key"))
        await #expect(throws: HTTPError.self) { try await status("GET", base + "/v1/pools", tls) }
    }

    @Test func newCertificatesAreTakenOnWhenItIsTold() async throws {
        let (certificates, others) = (try await Certificates(), try await Certificates())
        defer { for made in [certificates, others] { made.remove() } }
        let gateway = try await TestGateway(certificates.doorWords)
        let base = "https://127.0.0.1:\(try await gateway.tlsPort())"
        #expect(try await certificates.status("GET", base + "/v1/pools") == 200)
        await #expect(throws: HTTPError.self) { try await others.status("GET", base + "/v1/pools") }
        for name in ["server.pem", "server.key", "ca.pem"] {
            let text = try Data(contentsOf: URL(fileURLWithPath: others.path(name)))
            try text.write(to: URL(fileURLWithPath: certificates.path(name)), options: .atomic)
        }
        kill(gateway.process.processIdentifier, SIGHUP)
        // Whoever is of the new authority comes in, and whoever is of the old one no longer does.
        try await gateway.eventually("the new certificates are taken on", within: 20) {
            (try? await others.status("GET", base + "/v1/pools")) == 200
        }
        let old = TLSSettings(
            authorities: .file(others.path("ca.pem")), clientCertificate: .file(certificates.path("client.pem")),
            clientKey: .file(certificates.path("client.key")))
        await #expect(throws: HTTPError.self) { try await status("GET", base + "/v1/pools", old) }
        // What is broken is told, and changes nothing.
        try Data("nonsense".utf8).write(to: URL(fileURLWithPath: certificates.path("server.pem")), options: .atomic)
        kill(gateway.process.processIdentifier, SIGHUP)
        try await gateway.eventually("the complaint", within: 20) {
            gateway.process.log.contains("new certificate cannot be used, the old one goes on")
        }
        #expect(try await others.status("GET", base + "/v1/pools") == 200)
    }

    @Test func nothingIsServedWithoutTLS() async throws {
        let text = try await LibvirtServer.run(
            URL(fileURLWithPath: "/bin/sh"),
            ["-c", "\(GatewayProcess.binary.path) serve --listen 127.0.0.1:0 2>&1; echo $?"])
        #expect(text.contains("nothing is served without TLS"))
        #expect(text.hasSuffix("64\n"))
    }
}
