import Foundation
import HTTPTransport
import PlumbModel
import Testing

/// `Tests/Services/habits-server`: an API with all the habits at once that an API file can describe.
final class HabitsServer: @unchecked Sendable {
    let url: String
    private let process = Process()
    private let input = Pipe()
    private let client = HTTPClient()

    init() throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", PowerDNSServer.services.appendingPathComponent("habits-server").path]
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

    /// Asks past the provider.
    @discardableResult
    func ask(_ method: String, _ path: String, _ body: Value? = nil) async throws -> Value {
        let answer = try await client.send(
            HTTPRequest(
                method, url + path, headers: ["Content-Type": "application/json"], body: Array((body?.json ?? "").utf8))
        )
        return (try? Value(json: answer.body)) ?? .null
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
