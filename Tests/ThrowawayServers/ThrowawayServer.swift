public import Foundation

/// The servers that starters of `Tests/Services` make, each at most once in a test process and ended with it.
public enum ThrowawayServer: String, Sendable {
    case rabbitmq
    case keystone
    /// Plays AWS.
    case moto

    /// In CI the tests run, and fail, without the server; elsewhere they are skipped visibly.
    public var isExpected: Bool {
        if ProcessInfo.processInfo.environment["CI"] != nil { return true }
        return switch self {
        case .rabbitmq: FileManager.default.isExecutableFile(atPath: "/usr/lib/rabbitmq/bin/rabbitmq-server")
        case .keystone, .moto: Self.hasPythonServers
        }
    }

    /// What the starter prints for a shell: where the server is and how to log in. Starts it when first asked.
    public func environment() async throws -> [String: String] {
        switch self {
        case .rabbitmq: try await Self.startedRabbitMQ.value
        case .keystone: try await Self.startedKeystone.value
        case .moto: try await Self.startedMoto.value
        }
    }

    /// The server did not start; its starter has said why on standard error.
    public struct StartFailure: Error, CustomStringConvertible {
        public let description: String
    }

    public static let services = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Services")

    private static let startedRabbitMQ = Task.detached { try await start(.rabbitmq) }
    private static let startedKeystone = Task.detached { try await start(.keystone) }
    private static let startedMoto = Task.detached { try await start(.moto) }

    private static let hasPythonServers: Bool = {
        let process = Process()
        process.executableURL = services.appendingPathComponent("python-servers")
        process.arguments = ["path"]
        process.standardOutput = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    /// A start takes seconds, which no thread of the cooperative pool should wait for.
    private static func start(_ server: ThrowawayServer) async throws -> [String: String] {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try startAndWait(server) })
            }
        }
    }

    private static func startAndWait(_ server: ThrowawayServer) throws -> [String: String] {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("\(server.rawValue)-\(UUID().uuidString)")
        let process = Process()
        let output = Pipe()
        process.executableURL = services.appendingPathComponent(server.rawValue)
        process.arguments = ["up", folder.path, String(ProcessInfo.processInfo.processIdentifier)]
        process.standardOutput = output
        try process.run()
        // Its exit is not waited for: Foundation would wait for the server too, which inherits what it waits on.
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let words = text.split(whereSeparator: \.isWhitespace).map { $0.split(separator: "=", maxSplits: 1) }
        let variables = words.filter { $0.count == 2 }.map { (String($0[0]), String($0[1])) }
        if variables.isEmpty { throw StartFailure(description: "\(server.rawValue) did not start") }
        return Dictionary(variables) { $1 }
    }
}
