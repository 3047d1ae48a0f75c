import SQLiteBackend
import StateBackendTesting
import Testing

@Suite struct ConformanceTests {
    @Test(arguments: StateBackendConformance.checks)
    func conforms(_ check: ConformanceCheck) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("state/state.db")
        try await check.run(on: BackendPlace { clock in SQLiteBackend(path: path, now: { clock.now }) })
    }
}
