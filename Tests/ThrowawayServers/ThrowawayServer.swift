public import Foundation

/// The servers that starters of `Tests/Services` make, each at most once in a test process and ended with it.
public enum ThrowawayServer: String, Sendable {
    case powerdns
    case rabbitmq
    case keystone
    /// Plays AWS.
    case moto

    /// In CI the tests run, and fail, without the server; elsewhere they are skipped visibly.
    public var isExpected: Bool {
        if ProcessInfo.processInfo.environment["CI"] != nil { return true }
        return switch self {
        case .powerdns: FileManager.default.isExecutableFile(atPath: "/usr/sbin/pdns_server")
        case .rabbitmq: FileManager.default.isExecutableFile(atPath: "/usr/lib/rabbitmq/bin/rabbitmq-server")
        case .keystone, .moto: Self.hasPythonServers
        }
    }

    /// What the starter prints for a shell: where the server is and how to log in. Starts it when first asked.
    public func environment() async throws -> [String: String] {
        switch self {
        case .powerdns: try await Self.startedPowerDNS.value
        case .rabbitmq: try await Self.startedRabbitMQ.value
        case .keystone: try await Self.startedKeystone.value
        case .moto: try await Self.startedMoto.value
        }
    }

    public static let services = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Services")

    private static let startedPowerDNS = Task.detached { try await start(.powerdns) }
    private static let startedRabbitMQ = Task.detached { try await start(.rabbitmq) }
    private static let startedKeystone = Task.detached { try await start(.keystone) }
    private static let startedMoto = Task.detached { try await start(.moto) }

    private static let hasPythonServers: Bool = {
        let script = services.appendingPathComponent("python-servers")
        return (try? ThrowawayProcess.run(script, ["path"]))?.status == 0
    }()

    private static func start(_ server: ThrowawayServer) async throws -> [String: String] {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("\(server.rawValue)-\(UUID().uuidString)")
        let starter = try await ThrowawayProcess(
            services.appendingPathComponent(server.rawValue),
            ["up", folder.path, String(ProcessInfo.processInfo.processIdentifier)], within: .seconds(400))
        return starter.variables
    }
}
