import Loading
import StackFixtures
import Testing

/// Stacks that cannot be loaded, each refused with exactly the diagnostics of its case.
struct InvalidCaseTests {
    static let cases = InvalidCases()

    @Test func manyCases() throws {
        #expect(try Self.cases.names.count >= 60)
    }

    @Test(arguments: try cases.names)
    func refused(_ name: String) async throws {
        try await Self.cases.check(name) { directory in
            _ = try SpecLoader(source: try DirectorySource(path: directory)).load()
        }
    }
}
