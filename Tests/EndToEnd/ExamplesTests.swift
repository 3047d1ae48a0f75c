import Foundation
import KubernetesFixtures
import StackFixtures
import Testing

/// Every example of the repository does what its README says, on a clean copy; its `plan.txt` is its first plan.
struct ExamplesTests {
    @Test(arguments: ["examples/quickstart", "examples/modules"])
    func withoutServicesItAppliesOnceAndLeavesNothing(_ example: String) async throws {
        let stack = try Stack(copying: example)
        try await appliesOnceAndLeavesNothing(stack, example)
        let left = try await stack.shell("find out -type f")
        #expect(left.isEmpty)
    }

    @Test func theQuickStartsTestsPassAndMakeNothing() async throws {
        let stack = try Stack(copying: "examples/quickstart")
        let result = try await stack.plumb("test")
        #expect(result.code == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("Passed: 3 passed"))
        #expect(!stack.exists("out") && !stack.exists(".plumb"))
    }

    @Test func everyExampleIsTested() throws {
        let examples = try FileManager.default.contentsOfDirectory(atPath: Repository.root.path + "/examples")
        #expect(
            Set(examples.filter { !$0.hasSuffix(".md") }) == [
                "quickstart", "modules", "dns", "guestbook", "crd-and-object", "many-namespaces",
            ],
            "a new example needs a test here")
    }

    @Test(.enabled(if: PowerDNS.isExpected, "PowerDNS is not installed"))
    func dns() async throws {
        let server = try await PowerDNS.start()
        let stack = try Stack(copying: "examples/dns", environment: server.environment)
        try await appliesOnceAndLeavesNothing(stack, "examples/dns")
        #expect(try await server.zones().isEmpty)
    }

    @Test(
        .enabled(if: KubernetesServer.isExpected, "Kubernetes has not been built"),
        arguments: ["examples/guestbook", "examples/crd-and-object", "examples/many-namespaces"])
    func kubernetes(_ example: String) async throws {
        let server = try await KubernetesServer.shared()
        let stack = try Stack(copying: example, environment: server.environment)
        try await appliesOnceAndLeavesNothing(stack, example)
    }

    private func appliesOnceAndLeavesNothing(_ stack: Stack, _ example: String) async throws {
        let first = try await stack.plumb("plan", "--no-color")
        #expect(first.code == 0, "\(first.errors)")
        try ExpectedText(at: Repository.root.appendingPathComponent("\(example)/plan.txt").path).check(first.output)
        try await stack.apply()
        try await stack.expectNoChanges()
        let again = try await stack.apply()
        #expect(again.output.contains("No changes."))
        #expect(try await !stack.recorded().isEmpty)
        let destroyed = try await stack.plumb("destroy", "--auto-approve")
        #expect(destroyed.code == 0, "\(destroyed.errors)")
        #expect(try await stack.recorded().isEmpty)
        let second = try await stack.plumb("destroy", "--auto-approve")
        #expect(second.code == 0)
        #expect(second.output.contains("Nothing is recorded"))
    }
}
