import Foundation
import HTTPTransport
import PlumbModel
import Testing
import ThrowawayServers

/// The suites that talk to PowerDNS, one test at a time: on SQLite it answers 500 to some of several writers.
@Suite(
    .serialized, .timeLimit(.minutes(10)),
    .enabled(if: ThrowawayServer.powerdns.isExpected, "PowerDNS is not installed"))
enum PowerDNSSuites {}

/// A PowerDNS that lives as long as the test process, from `Tests/Services/powerdns`.
struct PowerDNSServer: Sendable {
    let url: String
    let key: String
    private let client = HTTPClient()

    static func shared() async throws -> PowerDNSServer { try await started.value }

    private static let started = Task { try await PowerDNSServer() }

    private init() async throws {
        let variables = try await ThrowawayServer.powerdns.environment()
        url = try #require(variables["PDNS_URL"])
        key = try #require(variables["PDNS_KEY"])
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
final class FaultyProxy: Sendable {
    let url: String
    private let process: ThrowawayProcess
    private let client = HTTPClient()

    /// Without a server behind it, it answers with what it was asked.
    init(upstream: Int?) async throws {
        process = try await ThrowawayProcess(
            ThrowawayServer.services.appendingPathComponent("faulty-server"),
            upstream.map { ["--upstream", String($0)] } ?? [])
        url = "http://127.0.0.1:\(try process.port)"
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
