import Foundation
import Testing
import ThrowawayServers

/// A PostgreSQL of the test's own, from `Tests/Services/postgresql`; it ends with the test process at the latest.
final class PostgreSQL: Sendable {
    /// In CI the tests run, and fail, without the server; elsewhere they are skipped visibly.
    static let isExpected: Bool = {
        if ProcessInfo.processInfo.environment["CI"] != nil { return true }
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        return versions.contains {
            FileManager.default.isExecutableFile(atPath: "/usr/lib/postgresql/\($0)/bin/postgres")
        }
    }()

    /// `POSTGRES_URL`, of a user who is no superuser, and what else the script tells.
    let environment: [String: String]
    private let folder: URL

    private static let script = Repository.root.appendingPathComponent("Tests/Services/postgresql").path

    static func start() async throws -> PostgreSQL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("plumb-pg-\(UUID().uuidString)")
        let parent = String(ProcessInfo.processInfo.processIdentifier)
        let result = await
            (try ChildProcess(
                script, ["up", folder.path, parent], in: "/", environment: Plumb.environment, deadline: 120)).result()
        try #require(result.code == 0, "PostgreSQL did not start: \(result.errors)")
        let words = result.output.split(whereSeparator: \.isWhitespace).map { $0.split(separator: "=", maxSplits: 1) }
        let variables = words.filter { $0.count == 2 }.map { (String($0[0]), String($0[1])) }
        return PostgreSQL(folder, Dictionary(variables) { $1 })
    }

    private init(_ folder: URL, _ environment: [String: String]) {
        self.folder = folder
        self.environment = environment
    }

    deinit {
        _ = try? ThrowawayProcess.run(URL(fileURLWithPath: Self.script), ["down", folder.path])
        try? FileManager.default.removeItem(at: folder)
    }

    /// - Parameter action: `restart`, `stop` or `start`; what ends the server does so as a crash would.
    func order(_ action: String) async throws {
        let result = await
            (try ChildProcess(
                Self.script, [action, folder.path], in: "/", environment: Plumb.environment, deadline: 120)).result()
        try #require(result.code == 0, "\(action): \(result.errors)")
    }

    /// Ends every connection of those who keep their states here.
    func endConnections() async throws {
        let statement = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'plumb'"
        let arguments = ["-q", "-X", "-t", "-c", statement, environment["POSTGRES_ADMIN_URL"] ?? ""]
        let result = await (try ChildProcess("psql", arguments, in: "/", environment: Plumb.environment, deadline: 60))
            .result()
        try #require(result.code == 0, "\(result.errors)")
    }
}
