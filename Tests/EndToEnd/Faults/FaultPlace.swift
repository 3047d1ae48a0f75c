import Foundation
import Testing

/// Where the states of a run of the matrix are kept.
struct FaultPlace: Sendable {
    /// For the table.
    let name: String
    /// What `stack.yaml` says of it, a line with its end; empty for the default place.
    let stackLine: String
    /// The server that the states are on; nil where they are files in the stacks' `.plumb`.
    let server: PostgreSQL?

    var environment: [String: String] { server?.environment ?? [:] }

    static let sqlite = FaultPlace(name: "SQLite", stackLine: "", server: nil)

    /// On a server of its own.
    static func postgres() async throws -> FaultPlace {
        FaultPlace(
            name: "PostgreSQL", stackLine: "state: {postgres: {url: \"${env.POSTGRES_URL}\"}}\n",
            server: try await PostgreSQL.start())
    }

    /// The places that `PLUMB_FAULT_STATE` names, separated by commas; without it all that there are here.
    static func wanted() async throws -> [FaultPlace] {
        let names = ProcessInfo.processInfo.environment["PLUMB_FAULT_STATE"]?.split(separator: ",").map(String.init)
        var places: [FaultPlace] = []
        for name in names ?? (PostgreSQL.isExpected ? ["sqlite", "postgres"] : ["sqlite"]) {
            switch name {
            case "sqlite": places.append(sqlite)
            case "postgres": places.append(try await postgres())
            default: Issue.record("PLUMB_FAULT_STATE names \"\(name)\"; there are sqlite and postgres")
            }
        }
        return places
    }
}
