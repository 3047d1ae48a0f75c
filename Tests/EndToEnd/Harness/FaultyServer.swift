import Foundation
import Testing

/// `Tests/Services/faulty-server` before a real server; it ends with the test.
final class FaultyServer: Sendable {
    let port: Int
    /// What it says ends when the other end of its input is let go.
    private let input = Pipe()

    /// - Parameter upstream: the URL of the real server.
    init(before upstream: String) throws {
        let behind = try #require(URL(string: upstream)?.port)
        let process = Process()
        process.executableURL = Repository.root.appendingPathComponent("Tests/Services/faulty-server")
        process.arguments = ["--upstream", String(behind)]
        process.standardInput = input
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    deinit { try? input.fileHandleForWriting.close() }

    /// Hands over the orders: what goes wrong, and how often.
    func order(_ orders: String) async throws {
        let answer = try await LoopbackRequest("POST", "http://127.0.0.1:\(port)/_faults", body: orders).send()
        try #require(answer.status == 204, "\(answer.body)")
    }
}
