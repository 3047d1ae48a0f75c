import Foundation

/// A PostgreSQL of the tests' own, from `Tests/Services/postgresql`; it ends with the test process at the latest.
public final class PostgreSQLServer: Sendable {
    /// In CI the tests run, and fail, without the server; elsewhere they are skipped visibly.
    public static let isExpected: Bool = {
        if ProcessInfo.processInfo.environment["CI"] != nil { return true }
        let versions = try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")
        return (versions ?? []).contains {
            FileManager.default.isExecutableFile(atPath: "/usr/lib/postgresql/\($0)/bin/postgres")
        }
    }()

    /// The one that tests share which do it no harm: each uses a schema of its own.
    public static func shared() async throws -> PostgreSQLServer { try await sharedServer.value }

    private static let sharedServer = Task { try await PostgreSQLServer() }

    /// Of a user who is no superuser, with the password.
    public let url: String
    /// Of the superuser.
    public let adminURL: String
    /// The certificate that vouches for `localhost`.
    public let authority: String
    public let port: String
    private let folder: URL

    public init() async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("plumb-postgresql-\(UUID().uuidString)")
        let parent = String(ProcessInfo.processInfo.processIdentifier)
        let output = try await PostgreSQLServer.run(PostgreSQLServer.script, ["up", folder.path, parent])
        var variables: [String: String] = [:]
        for word in output.split(whereSeparator: \.isWhitespace) {
            let parts = word.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
        }
        guard let url = variables["POSTGRES_URL"], let adminURL = variables["POSTGRES_ADMIN_URL"],
            let authority = variables["POSTGRES_CA"], let port = variables["POSTGRES_PORT"]
        else { throw PostgreSQLFixtureFailure("the script printed \(output)") }
        (self.url, self.adminURL, self.authority, self.port) = (url, adminURL, authority, port)
    }

    deinit {
        _ = try? PostgreSQLServer.runBlocking(PostgreSQLServer.script, ["down", folder.path])
        try? FileManager.default.removeItem(at: folder)
    }

    /// The password in `url`.
    public var password: String { url.split(separator: ":")[2].split(separator: "@").first.map(String.init) ?? "" }

    /// Ends it as a crash would, and starts it again.
    public func restart() async throws {
        _ = try await PostgreSQLServer.run(PostgreSQLServer.script, ["restart", folder.path])
    }

    /// Ends it as a crash would.
    public func stop() async throws {
        _ = try await PostgreSQLServer.run(PostgreSQLServer.script, ["stop", folder.path])
    }

    /// Starts it after `stop`.
    public func start() async throws {
        _ = try await PostgreSQLServer.run(PostgreSQLServer.script, ["start", folder.path])
    }

    /// A name that no other test uses.
    public func newSchema() -> String { "Plumb \(UUID().uuidString)" }

    /// What psql prints for it: one row a line, columns between bars.
    @discardableResult
    public func sql(_ text: String, schema: String = "public", isAdmin: Bool = true) async throws -> String {
        try await PostgreSQLServer.run("/usr/bin/env", psql(text, schema, isAdmin))
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// As `sql`, for a thread that may block.
    public func sqlBlocking(_ text: String, schema: String = "public") throws {
        _ = try PostgreSQLServer.runBlocking("/usr/bin/env", psql(text, schema, true))
    }

    private func psql(_ text: String, _ schema: String, _ isAdmin: Bool) -> [String] {
        let path = "SET search_path = \"\(schema)\""
        return [
            "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", path, "-c", text, isAdmin ? adminURL : url,
        ]
    }

    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Services/postgresql").path

    /// From a thread of its own: the cooperative pool must not block.
    private static func run(_ program: String, _ arguments: [String]) async throws -> String {
        let result = await withCheckedContinuation { (done: CheckedContinuation<Result<String, any Error>, Never>) in
            Thread.detachNewThread { done.resume(returning: Result { try runBlocking(program, arguments) }) }
        }
        return try result.get()
    }

    /// Runs a program to its end, with files for what it prints: a server that it leaves running would keep a pipe open.
    private static func runBlocking(_ program: String, _ arguments: [String]) throws -> String {
        let printed = FileManager.default.temporaryDirectory.appendingPathComponent(
            "plumb-printed-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: printed) }
        let quoted = ([program] + arguments).map { "'" + $0.replacing("'", with: "'\\''") + "'" }.joined(separator: " ")
        let command: [String] = ["/bin/sh", "-c", "\(quoted) > '\(printed.path)' 2>&1 < /dev/null"]
        let words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child = pid_t()
        guard posix_spawn(&child, "/bin/sh", nil, nil, words, environ) == 0 else {
            throw PostgreSQLFixtureFailure("\(program) cannot be started")
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) == -1, errno == EINTR {}
        let text = String(decoding: try Data(contentsOf: printed), as: UTF8.self)
        guard status == 0 else {
            throw PostgreSQLFixtureFailure("\(program) \(arguments.first ?? ""): \(text)")
        }
        return text
    }
}

/// Why the server, or an order to it, failed.
public struct PostgreSQLFixtureFailure: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
