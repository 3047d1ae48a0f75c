import PostgreSQLBackend
import PostgreSQLFixtures
import StateBackendTesting
import Testing

@Suite(.enabled(if: PostgreSQLServer.isExpected)) struct ConformanceTests {
    @Test(arguments: StateBackendConformance.checks)
    func conforms(_ check: ConformanceCheck) async throws {
        let server = try await PostgreSQLServer.shared()
        let schema = server.newSchema()
        try await check.run(
            on: BackendPlace { clock in
                try PostgreSQLBackend(url: server.url, schema: schema, now: { clock.now })
            })
    }
}
