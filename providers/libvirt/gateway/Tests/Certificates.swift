import Foundation
import HTTPTransport
import LibvirtFixtures

/// Certificates of an authority of our own, by openssl.
struct Certificates {
    let folder: URL

    init() async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "certs-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let script = """
            set -e; cd "\(folder.path)"
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=Test CA" -days 2 -keyout ca.key -out ca.pem
            for name in server client; do
                openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" -keyout $name.key -out $name.csr
                echo "subjectAltName=DNS:localhost,IP:127.0.0.1" >$name.ext
                openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile $name.ext -out $name.pem
            done 2>/dev/null
            """
        _ = try await LibvirtServer.run(URL(fileURLWithPath: "/bin/sh"), ["-c", "(\(script)) 2>/dev/null"])
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// A gateway started with these lets in whoever has the client's certificate.
    var doorWords: [String] {
        [
            "--listen", "127.0.0.1:0", "--certificate", path("server.pem"), "--key", path("server.key"),
            "--client-authorities", path("ca.pem"),
        ]
    }

    /// What somebody with the client's certificate is answered.
    func status(_ method: String, _ url: String) async throws -> Int {
        let tls = TLSSettings(
            authorities: .file(path("ca.pem")), clientCertificate: .file(path("client.pem")),
            clientKey: .file(path("client.key")))
        let client = HTTPClient(HTTPClient.Settings(tls: tls, proxy: .none, retry: .none))
        defer { Task { await client.close() } }
        return try await client.send(HTTPRequest(method, url)).status
    }
}

extension TestGateway {
    /// Where it listens with TLS.
    func tlsPort() async throws -> Int {
        var port: Int?
        try await eventually("it listens with TLS", within: 30) {
            let line = process.log.split(separator: "\n").first { $0.contains("\"door\":\"tls\"") }
            port = line?.split(separator: "\"").first { $0.hasPrefix("127.0.0.1:") }.flatMap { Int($0.dropFirst(10)) }
            return port != nil
        }
        return port ?? 0
    }
}
