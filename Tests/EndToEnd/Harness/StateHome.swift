import Foundation
import PostgreSQLFixtures
import Testing

/// Where a test's stack keeps its state: what is true of one backend must be true of the other.
enum StateHome: String, CaseIterable, Sendable {
    case sqlite, postgresql

    /// Those whose server is on this machine.
    static let expected = allCases.filter { $0 == .sqlite || PostgreSQLServer.isExpected }

    /// A stack whose state is kept here.
    ///
    /// - Parameters:
    ///   - settings: more lines of `state:`, such as `keep_changes: 2`.
    ///   - more: more lines of `stack.yaml`.
    func stack(_ files: [String: String], settings: [String] = [], more: String = "") async throws -> Stack {
        var (files, environment) = (files, [String: String]())
        var own = settings
        if self == .postgresql {
            let server = try await PostgreSQLServer.shared()
            environment["PLUMB_STATE_URL"] = server.url
            own += ["url: \"${env.PLUMB_STATE_URL}\"", "schema: \"\(server.newSchema())\""]
        }
        let name = self == .sqlite ? "sqlite" : "postgres"
        files["stack.yaml"] = "stack: test\nstate: {\(name): {\(own.joined(separator: ", "))}}\n\(more)"
        return try Stack(files, environment: environment)
    }
}

/// How large tests are: small by default, as large as the variable says where somebody wants to know.
enum TestSize {
    static func of(_ variable: String, byDefault size: Int) -> Int {
        ProcessInfo.processInfo.environment[variable].flatMap { Int($0) } ?? size
    }
}
