import Foundation

/// A forge, played by `Tests/Services/forge-server`, which holds all it is asked and all it answers against the models that
/// others have made of the forges' APIs. Each is played at most once in a test process and ends with it.
public enum PlayedForge: String, Sendable, CaseIterable {
    case github, gitlab, gitea

    /// The only token that is let in, of the user `plumb-bot`.
    public static let token = "a-token"

    /// In CI the tests run, and fail, without what it needs; elsewhere they are skipped visibly.
    public static let isExpected = ThrowawayServer.moto.isExpected

    public func port() async throws -> Int { try await Self.running.port(of: self) }

    /// Where its API begins.
    public func api() async throws -> String {
        let path =
            switch self {
            case .github: ""
            case .gitlab: "/api/v4"
            case .gitea: "/api/v1"
            }
        return "http://127.0.0.1:\(try await port())\(path)"
    }

    private static let running = RunningForges()
}

/// The processes, by what they play; each lives as long as it is held here.
private actor RunningForges {
    private var starts: [PlayedForge: Task<ThrowawayProcess, any Error>] = [:]

    func port(of forge: PlayedForge) async throws -> Int {
        let start =
            starts[forge]
            ?? Task {
                try await ThrowawayProcess(
                    ThrowawayServer.services.appendingPathComponent("forge-server"), [forge.rawValue])
            }
        starts[forge] = start
        return try await start.value.port
    }
}
