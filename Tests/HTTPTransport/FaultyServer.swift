import Foundation
import HTTPTransport
import PlumbModel
import Testing

/// Runs `Tests/Services/faulty-server` for as long as it is held.
final class FaultyServer: @unchecked Sendable {
    struct Seen {
        let method: String
        let target: String
        let body: String
        let connection: Int
    }

    let port: Int
    var url: String { "http://127.0.0.1:\(port)" }
    private let process = Process()
    private let input = Pipe()

    init(_ arguments: [String] = []) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", root.appendingPathComponent("Services/faulty-server").path] + arguments
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    deinit {
        try? input.fileHandleForWriting.close()
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
