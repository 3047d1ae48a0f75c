import Foundation
import HTTPTransport
import PlumbModel
import Testing

/// The suites that talk to nginx, alone or through proxies.
@Suite(.serialized, .enabled(if: WebServers.areExpected, "nginx, tinyproxy or microsocks is not installed"))
enum WebServerSuites {}

/// `Tests/Services/web-servers`, for as long as the test process lives.
final class WebServers: @unchecked Sendable {
    let http: String
    let tls: String
    let mutual: String
    let proxyPort: Int
    let socksPort: Int
    let secureProxyPort: Int
    let socket: String
    let certificates: String
    private let process = Process()
    private let input = Pipe()

    /// In CI the tests run, and fail, without the servers; elsewhere they are skipped visibly.
    static let areExpected =
        ProcessInfo.processInfo.environment["CI"] != nil
        || ["/usr/sbin/nginx", "/usr/bin/tinyproxy", "/usr/bin/microsocks"].allSatisfy {
            FileManager.default.isExecutableFile(atPath: $0)
        }

    /// nginx's stream module makes a TLS server of the proxy.
    static let hasSecureProxy =
        ProcessInfo.processInfo.environment["CI"] != nil
        || FileManager.default.fileExists(atPath: "/usr/lib/nginx/modules/ngx_stream_module.so")

    static let shared: Result<WebServers, any Error> = Result { try WebServers() }

    private init() throws {
        let services = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Services")
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("web-\(UUID().uuidString)")
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", services.appendingPathComponent("web-servers").path, folder.path]
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let told = try Value(json: Array(output.fileHandleForReading.availableData))
        func port(_ name: String) throws -> Int { try #require(told[key: name]?.asInt, "the servers did not start") }
        http = "http://127.0.0.1:\(try port("http"))"
        tls = "https://127.0.0.1:\(try port("tls"))"
        mutual = "https://127.0.0.1:\(try port("mutual"))"
        proxyPort = try port("proxy")
        socksPort = try port("socks")
        secureProxyPort = try port("secure_proxy")
        socket = try #require(told[key: "socket"]?.asString)
        certificates = try #require(told[key: "certificates"]?.asString)
    }

    var authorities: PEMSource { .file(certificates + "/ca.pem") }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: certificates + "/" + name)))
    }

    /// A client that trusts the servers and uses no proxy.
    func client(
        _ tls: TLSSettings = TLSSettings(), proxy: ProxySettings = .none, version: HTTPVersion = .automatic,
        connections: Int = 16, retry: RetryPolicy = .none
    ) -> HTTPClient {
        var tls = tls
        if tls.authorities == nil { tls.authorities = authorities }
        return HTTPClient(
            .init(connectionsPerHost: connections, version: version, tls: tls, proxy: proxy, retry: retry))
    }
}

extension HTTPResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
}
