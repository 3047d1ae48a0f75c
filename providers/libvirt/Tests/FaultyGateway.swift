import Foundation
import HTTPTransport
import PlumbModel
import Synchronization
import Testing

/// `Tests/Services/faulty-server` before the gateway.
final class FaultyGateway: @unchecked Sendable {
    let url: String
    private let process = Process()
    private let input = Pipe()
    private let client = HTTPClient()

    private init(before socket: String) throws {
        process.executableURL =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../Tests/Services/faulty-server").standardized
        process.arguments = ["--upstream", socket]
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
        url = "http://127.0.0.1:\(port)"
    }

    func order(_ orders: String) async throws {
        let answer = try await client.send(HTTPRequest("PUT", url + "/_faults", body: Array(orders.utf8)))
        try #require(answer.status == 204)
    }

    /// `METHOD TARGET` of all that it was asked since the last look.
    func seen() async throws -> [String] {
        let answer = try await client.send(HTTPRequest("GET", url + "/_seen"))
        return try Value(json: answer.body).asList?.compactMap { request in
            "\(request[key: "method"]?.asString ?? "") \(request[key: "target"]?.asString ?? "")"
        } ?? []
    }

    /// They live until the test process ends: an instance does not know of its own.
    private static let all = Mutex<[FaultyGateway]>([])

    static func start(before socket: String) throws -> FaultyGateway {
        let proxy = try FaultyGateway(before: socket)
        all.withLock { $0.append(proxy) }
        return proxy
    }
}
