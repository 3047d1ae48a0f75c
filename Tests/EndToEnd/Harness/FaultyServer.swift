import Foundation
import Testing
import ThrowawayServers

/// `Tests/Services/faulty-server` before a real server; it ends with the test.
final class FaultyServer: Sendable {
    let port: Int
    private let process: ThrowawayProcess

    /// - Parameter upstream: the URL of the real server.
    init(before upstream: String) async throws {
        let behind = try #require(URL(string: upstream)?.port)
        process = try await ThrowawayProcess(
            ThrowawayServer.services.appendingPathComponent("faulty-server"), ["--upstream", String(behind)])
        port = try process.port
    }

    /// Hands over the orders: what goes wrong, and how often.
    func order(_ orders: String) async throws {
        let answer = try await LoopbackRequest("POST", "http://127.0.0.1:\(port)/_faults", body: orders).send()
        try #require(answer.status == 204, "\(answer.body)")
    }

    /// Method and target of each request since the last look.
    func seen() async throws -> [String] {
        let process = try ChildProcess(
            "curl", ["-sSf", "http://127.0.0.1:\(port)/_seen"], in: "/", environment: Plumb.environment, deadline: 30)
        let result = await process.result()
        try #require(result.code == 0, "\(result.errors)")
        return try JSONDecoder().decode([Request].self, from: Data(result.output.utf8)).map {
            "\($0.method) \($0.target)"
        }
    }

    private struct Request: Decodable {
        let method: String
        let target: String
    }
}
