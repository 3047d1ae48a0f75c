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
    public static func shared() throws -> PostgreSQLServer { try sharedServer.get() }

    private static let sharedServer = Result { try PostgreSQLServer() }

    /// Of a user who is no superuser, with the password.
    public let url: String
    /// Of the superuser.
    public let adminURL: String
    /// The certificate that vouches for `localhost`.
    public let authority: String
    public let port: String
    private let folder: URL

    public init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("plumb-postgresql-\(UUID().uuidString)")
        let parent = String(ProcessInfo.processInfo.processIdentifier)
        let output = try PostgreSQLServer.run(PostgreSQLServer.script, ["up", folder.path, parent])
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
        _ = try? PostgreSQLServer.run(PostgreSQLServer.script, ["down", folder.path])
        try? FileManager.default.removeItem(at: folder)
    }

    /// The password in `url`.
    public var password: String { url.split(separator: ":")[2].split(separator: "@").first.map(String.init) ?? "" }

    /// Ends it as a crash would, and starts it again.
    public func restart() throws { _ = try PostgreSQLServer.run(PostgreSQLServer.script, ["restart", folder.path]) }

    /// Ends it as a crash would.
    public func stop() throws { _ = try PostgreSQLServer.run(PostgreSQLServer.script, ["stop", folder.path]) }

    /// Starts it after `stop`.
    public func start() throws { _ = try PostgreSQLServer.run(PostgreSQLServer.script, ["start", folder.path]) }

    /// A name that no other test uses.
    public func newSchema() -> String { "Plumb \(UUID().uuidString)" }

    /// What psql prints for it: one row a line, columns between bars.
    @discardableResult
    public func sql(_ text: String, schema: String = "public", isAdmin: Bool = true) throws -> String {
        let path = "SET search_path = \"\(schema)\""
        return try PostgreSQLServer.run(
            "/usr/bin/env",
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", path, "-c", text, isAdmin ? adminURL : url]
        ).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Services/postgresql").path

    private static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let printed = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw PostgreSQLFixtureFailure("\(program) \(arguments.first ?? ""): \(complaint)")
        }
        return printed
    }
}

/// Why the server, or an order to it, failed.
public struct PostgreSQLFixtureFailure: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
