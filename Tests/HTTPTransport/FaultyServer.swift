import Foundation
import Glibc
import HTTPTransport
import PlumbModel
import Testing
import ThrowawayServers

/// Runs `Tests/Services/faulty-server` for as long as it is held.
final class FaultyServer: Sendable {
    struct Seen {
        let method: String
        let target: String
        let body: String
        let connection: Int
    }

    let port: Int
    var url: String { "http://127.0.0.1:\(port)" }
    private let process: ThrowawayProcess

    init(_ arguments: [String] = []) async throws {
        process = try await ThrowawayProcess(
            ThrowawayServer.services.appendingPathComponent("faulty-server"), arguments)
        port = try process.port
    }

    /// A date as HTTP writes it, so many seconds from now.
    static func date(in seconds: Int) -> String {
        var time = time_t(Date.now.timeIntervalSince1970) + seconds
        var parts = tm()
        gmtime_r(&time, &parts)
        var text = [CChar](repeating: 0, count: 64)
        let length = strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
        return String(decoding: text.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// `orders`: JSON as the script's head describes it.
    func order(_ orders: String, of client: HTTPClient) async throws {
        let answer = try await client.send(HTTPRequest("PUT", url + "/_faults", body: Array(orders.utf8)))
        #expect(answer.status == 204)
    }

    func seen(by client: HTTPClient) async throws -> [Seen] {
        let answer = try await client.send(HTTPRequest("GET", url + "/_seen"))
        return try (Value(json: answer.body).asList ?? []).map { one in
            Seen(
                method: one[key: "method"]?.asString ?? "", target: one[key: "target"]?.asString ?? "",
                body: one[key: "body"]?.asString ?? "", connection: one[key: "connection"]?.asInt ?? 0)
        }
    }
}

extension HTTPResponse {
    /// What the server says it was asked, where it had no orders.
    var echo: Value { get throws { try Value(json: body) } }
}
