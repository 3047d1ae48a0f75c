import Operations
import StackFixtures
import Testing

/// Stacks that load and cannot be resolved, each refused with exactly the diagnostics of its case.
struct InvalidCaseTests {
    static let cases = InvalidCases()

    @Test func manyCases() throws {
        #expect(try Self.cases.names.count >= 60)
    }

    @Test(arguments: try cases.names)
    func refused(_ name: String) async throws {
        try await Self.cases.check(name) { directory in
            let session = try await StackSession.open(
                StackLocation(directory: directory), capabilities: StackFixture.capabilities, environment: [:])
            await session.close()
        }
    }
}
