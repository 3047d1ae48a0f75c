import PlumbModel
import PostgreSQLFixtures
import StateBackendAPI
import StateKeeping
import Testing

@testable import PostgreSQLBackend

/// A schema of its own on a server, and what tests do to it.
struct StateFixture: Sendable {
    let server: PostgreSQLServer
    let schema: String

    init(_ server: PostgreSQLServer? = nil) async throws {
        if let server { self.server = server } else { self.server = try await .shared() }
        schema = self.server.newSchema()
    }

    func backend(
        url: String? = nil, keeping retention: Retention = Retention(),
        _ change: (inout SessionSettings) -> Void = { _ in }
    ) throws -> PostgreSQLBackend {
        var settings = SessionSettings()
        change(&settings)
        return try PostgreSQLBackend(
            url: url ?? server.url, schema: schema, retention: retention, now: nil, settings: settings)
    }

    /// Makes the tables, with rows `r0`, `r1`, ….
    func fill(rows: Int) async throws {
        let backend = try backend()
        let lease = try await backend.acquireLease(on: "web", holder: "filler", seconds: 60)
        try await backend.commit((0..<rows).map { .put(record("r\($0)"), run: "r") }, under: lease)
        try await backend.release(lease)
        await backend.close()
    }

    func record(_ name: String, _ values: Value = ["size": 1]) -> ResourceRecord {
        ResourceRecord(address: ResourceAddress("sample_thing", name), provider: "sample", values: values)
    }

    func sql(_ text: String) async throws -> String { try await server.sql(text, schema: schema) }

    /// What the body throws.
    func failure(_ body: () async throws(StateBackendError) -> Void) async throws -> StateBackendError {
        do throws(StateBackendError) {
            try await body()
        } catch {
            #expect(!error.message.contains(server.password), "\(error.message)")
            return error
        }
        struct NoFailure: Error {}
        Issue.record("nothing was thrown")
        throw NoFailure()
    }
}

extension PostgreSQLBackend {
    func lease(_ stack: String = "web", holder: String = "tester") async throws -> Lease {
        try await acquireLease(on: stack, holder: holder, seconds: 60)
    }
}
