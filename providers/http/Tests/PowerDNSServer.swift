import Foundation
import HTTPTransport
import PlumbModel
import Testing

/// The suites that talk to PowerDNS, one test at a time: on SQLite it answers 500 to some of several writers.
@Suite(.serialized, .enabled(if: PowerDNSServer.isExpected, "PowerDNS is not installed"))
enum PowerDNSSuites {}

/// A PowerDNS that lives as long as the test process, from `Tests/Services/powerdns`.
struct PowerDNSServer: Sendable {
    let url: String
    let key: String
    private let client = HTTPClient()

    static let services = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Tests/Services")

    /// In CI the tests run, and fail, without the server; elsewhere they are skipped visibly.
    static let isExpected =
        ProcessInfo.processInfo.environment["CI"] != nil
        || FileManager.default.isExecutableFile(atPath: "/usr/sbin/pdns_server")

    static let shared: Result<PowerDNSServer, any Error> = Result { try PowerDNSServer() }

    private init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("pdns-\(UUID().uuidString)")
        let process = Process()
        let output = Pipe()
        process.executableURL = Self.services.appendingPathComponent("powerdns")
        process.arguments = ["up", folder.path, String(ProcessInfo.processInfo.processIdentifier)]
        process.standardOutput = output
        try process.run()
        // Its exit is not waited for: Foundation would wait for the server too, which inherits what it waits on.
        let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let words = text.split(whereSeparator: \.isWhitespace).map { $0.split(separator: "=", maxSplits: 1) }
        func value(_ name: String) -> String? { words.first { $0.count == 2 && $0[0] == name }.map { String($0[1]) } }
        url = try #require(value("PDNS_URL"), "PowerDNS did not start")
        key = try #require(value("PDNS_KEY"))
    }

    var port: Int { URLComponents(string: url)?.port ?? 0 }

    /// Asks past the provider.
    @discardableResult
    func ask(_ method: String, _ path: String, _ body: Value? = nil) async throws -> (status: Int, body: Value) {
        let answer = try await client.send(
            HTTPRequest(
                method, url + "/servers/localhost" + path, headers: ["X-API-Key": key],
                body: Array((body?.json ?? "").utf8), isIdempotent: method != "POST"))
        return (answer.status, (try? Value(json: answer.body)) ?? .null)
    }

    func makeZone(_ name: String) async throws {
        let answer = try await ask("POST", "/zones", ["name": .string(name), "kind": "Native"])
        try #require(answer.status == 201)
    }

    func setRecords(_ zone: String, _ name: String, _ type: String, _ contents: [String], ttl: Int = 60) async throws {
        let records = contents.map { ["content": .string($0), "disabled": false] as Value }
        let set: Value = [
            "name": .string(name), "type": .string(type), "ttl": .number(ttl), "changetype": "REPLACE",
            "records": .tuple(records),
        ]
        let answer = try await ask("PATCH", "/zones/\(zone)", ["rrsets": [set]])
        try #require(answer.status == 204)
    }
}

/// `Tests/Services/faulty-server` before a real server.
final class FaultyProxy: @unchecked Sendable {
    let url: String
    private let process = Process()
    private let input = Pipe()
    private let client = HTTPClient()

    /// Without a server behind it, it answers with what it was asked.
    init(upstream: Int?) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            [
                "python3", PowerDNSServer.services.appendingPathComponent("faulty-server").path,
            ] + (upstream.map { ["--upstream", String($0)] } ?? [])
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
        url = "http://127.0.0.1:\(port)"
    }

    deinit {
        try? input.fileHandleForWriting.close()
    }

    func order(_ orders: String) async throws {
        let answer = try await client.send(HTTPRequest("PUT", url + "/_faults", body: Array(orders.utf8)))
        try #require(answer.status == 204)
    }

    /// Method and target of each request since the last look.
    func seen() async throws -> [String] {
        let answer = try await client.send(HTTPRequest("GET", url + "/_seen"))
        return try (Value(json: answer.body).asList ?? []).map {
            "\($0[key: "method"]?.asString ?? "") \($0[key: "target"]?.asString ?? "")"
        }
    }
}
