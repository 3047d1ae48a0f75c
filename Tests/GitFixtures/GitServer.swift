import Foundation
import ThrowawayServers

/// Runs `Tests/Services/git-server` for as long as it is held: the repositories of a folder on a loopback port.
public final class GitServer: Sendable {
    public let port: Int
    private let process: ThrowawayProcess

    /// - Parameter arguments: as the script's head describes them.
    public init(_ arguments: String...) async throws {
        process = try await ThrowawayProcess(ThrowawayServer.services.appendingPathComponent("git-server"), arguments)
        port = try process.port
    }

    deinit { process.end() }
}
