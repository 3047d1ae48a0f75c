import HTTPProvider
import Loading
import PlumbModel
import StackFixtures
import Testing

/// API files that are wrong, each refused with exactly the diagnostics of its case.
@Suite(.timeLimit(.minutes(10))) struct InvalidAPIFileTests {
    static let cases = InvalidCases()

    @Test func manyCases() throws {
        #expect(try Self.cases.names.count >= 50)
    }

    @Test(arguments: try cases.names)
    func refused(_ name: String) async throws {
        try await Self.cases.check(name) { directory in
            _ = try HTTPProvider().checkAPI(at: "api.yaml", in: try DirectorySource(path: directory))
        }
    }
}
