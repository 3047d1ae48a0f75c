import Testing

/// `command` resources: only with the stack's leave, and never in a plan.
struct CommandResourceTests {
    private static let spec = "resources: {command.a: {spec: {create: 'echo hello > made; echo hello'}}}\n"
    private static let leave = "stack: test\nproviders: {builtin: {allow_commands: true}}\n"

    @Test func withoutLeaveNothingRuns() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        let result = try await stack.plumb("apply", "--auto-approve")
        #expect(result.code == 1)
        #expect(result.errors.contains("allow_commands"))
        #expect(!stack.exists("made"))
    }

    @Test func withLeaveItRunsInTheApplyAlone() async throws {
        let stack = try Stack(["main.yaml": Self.spec, "stack.yaml": Self.leave])
        #expect(try await stack.plumb("plan").code == 0)
        #expect(!stack.exists("made"))
        try await stack.apply()
        #expect(stack.read("made") == "hello\n")
        try stack.remove("made")
        try await stack.expectNoChanges()
        #expect(!stack.exists("made"))
    }
}
