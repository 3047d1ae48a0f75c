import Foundation
import HTTPTransport
import PlumbModel
import Testing
import ThrowawayServers

/// `Tests/Services/habits-server`: an API with all the habits at once that an API file can describe.
final class HabitsServer: Sendable {
    let url: String
    private let process: ThrowawayProcess
    private let client = HTTPClient()

    init() async throws {
        process = try await ThrowawayProcess(ThrowawayServer.services.appendingPathComponent("habits-server"))
        url = "http://127.0.0.1:\(try process.port)"
    }

    /// Asks past the provider.
    @discardableResult
    func ask(_ method: String, _ path: String, _ body: Value? = nil) async throws -> Value {
        let answer = try await client.send(
            HTTPRequest(
                method, url + path, headers: ["Content-Type": "application/json"], body: Array((body?.json ?? "").utf8))
        )
        return (try? Value(json: answer.body)) ?? .null
    }

    /// Puts a text as it is.
    func put(_ path: String, _ text: String) async throws {
        let answer = try await client.send(HTTPRequest("PUT", url + path, body: Array(text.utf8)))
        try #require(answer.status == 204)
    }

    /// What was asked since the last look: `method`, `target`, `headers`, `body`.
    func requests() async throws -> [Value] { try await ask("GET", "/_seen").asList ?? [] }

    /// Method and target of each request since the last look.
    func seen() async throws -> [String] {
        try await requests().map { "\($0[key: "method"]?.asString ?? "") \($0[key: "target"]?.asString ?? "")" }
    }
}

extension Value {
    /// The text or number of an attribute, for comparison.
    func text(_ name: String) -> String? {
        self[key: name].flatMap { $0.asString ?? $0.asNumber?.description }
    }
}
