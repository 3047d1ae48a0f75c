import Testing

/// Replacements in both orders, and what is left when one stops in the middle.
struct ReplacementTests {
    private static let leave = "stack: test\nproviders: {builtin: {allow_commands: true}}\n"

    private static func spec(_ version: String, createFirst: Bool) -> String {
        """
        resources:
          command.a:
            spec: {create: "echo create \(version) >> log", delete: "echo delete \(version) >> log"}
            lifecycle: {create_before_destroy: \(createFirst)}
          command.user:
            spec:
              create: "echo user \(version) >> log"
              delete: "echo unuse \(version) >> log"
              triggers: "${command.a.id}"
            lifecycle: {create_before_destroy: \(createFirst)}
        """
    }

    @Test(arguments: [
        (false, ["unuse 1", "delete 1", "create 2", "user 2"]), (true, ["create 2", "user 2", "unuse 1", "delete 1"]),
    ])
    func theOrderIsTheOneThatIsAskedFor(_ createFirst: Bool, _ expected: [String]) async throws {
        let stack = try Stack(["stack.yaml": Self.leave, "main.yaml": Self.spec("1", createFirst: createFirst)])
        try await stack.apply()
        try stack.remove("log")
        try stack.write("main.yaml", Self.spec("2", createFirst: createFirst))
        try await stack.apply()
        #expect(stack.read("log")?.split(separator: "\n").map(String.init) == expected)
        try await stack.expectNoChanges()
    }

    @Test func aNewOneWhoseOldOneCannotGoIsToldAndFinishedLater() async throws {
        func spec(_ version: String) -> String {
            """
            resources:
              command.a:
                spec: {create: "echo create \(version) >> log", delete: "test -e ready && echo delete \(version) >> log"}
                lifecycle: {create_before_destroy: true}
            """
        }
        let stack = try Stack(["stack.yaml": Self.leave, "main.yaml": spec("1")])
        try await stack.apply()
        try stack.write("main.yaml", spec("2"))
        let half = try await stack.plumb("apply", "--auto-approve")
        #expect(half.code == 1)
        #expect(half.words.contains("the new one is there, the old one still waits to be destroyed"))
        #expect(try await stack.plumb("state", "show", "command.a").output.contains("(deposed "))
        let plan = try await stack.plumb("plan")
        #expect(plan.output.contains("the old one of a replacement that did not finish"))
        #expect(plan.output.contains("Plan: 0 to create, 0 to change, 0 to replace, 1 to destroy."))
        try stack.write("ready", "")
        try await stack.apply()
        #expect(stack.read("log") == "create 1\ncreate 2\ndelete 1\n")
        #expect(try await !stack.plumb("state", "show", "command.a").output.contains("deposed"))
        try await stack.expectNoChanges()
    }

    @Test func aTriggerReplacesAlong() async throws {
        func spec(_ version: String) -> String {
            """
            resources:
              data_value.version: {spec: {input: "\(version)"}}
              random_uuid.a: {lifecycle: {replace_triggered_by: [data_value.version]}}
            outputs: {id: {value: "${random_uuid.a.result}"}}
            """
        }
        let stack = try Stack(["main.yaml": spec("1")])
        try await stack.apply()
        let before = try await stack.plumb("output", "--raw", "id").output
        try stack.write("main.yaml", spec("2"))
        #expect(try await stack.plumb("plan").output.contains("replaced along with data_value.version"))
        try await stack.apply()
        #expect(try await stack.plumb("output", "--raw", "id").output != before)
        try await stack.expectNoChanges()
    }
}
