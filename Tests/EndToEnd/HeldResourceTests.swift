import Foundation
import Testing

/// A resource of which nobody can tell what an interrupted run did to it is held, and a person can end that.
struct HeldResourceTests {
    private static let files = [
        "stack.yaml": "stack: test\nproviders: {builtin: {allow_commands: true}}\n",
        "main.yaml": """
        resources:
          command.a: {spec: {create: "echo run >> log"}}
          local_file.other: {spec: {filename: out/other, content: x}}
        """,
    ]

    private func killed() async throws -> Stack {
        let stack = try Stack(Self.files)
        let killed = try await stack.plumb(
            "apply", "--auto-approve", "--target", "command.a", environment: ["PLUMB_FAULT": "after-call:1"])
        try #require(killed.signal == SIGKILL)
        #expect(stack.read("log") == "run\n")
        return stack
    }

    @Test func itIsToldAndNothingRunsTwiceByItself() async throws {
        let stack = try await killed()
        let held = try await stack.plumb("apply", "--auto-approve")
        #expect(held.code == 1)
        #expect(held.words.contains("Resource held"), "\(held.errors)")
        #expect(held.words.contains("plumb state rm --interrupted 'command.a'"), "\(held.errors)")
        #expect(stack.read("log") == "run\n")
        // Everything else can go on.
        #expect(try await stack.plumb("apply", "--auto-approve", "--exclude", "command.a").code == 0)
        #expect(stack.exists("out/other"))
        #expect(stack.read("log") == "run\n")
    }

    @Test func whoDecidesThatItDidNotHappenHasItMadeAgain() async throws {
        let stack = try await killed()
        let unknown = try await stack.plumb("state", "rm", "--interrupted", "command.b")
        #expect(unknown.code == 1)
        #expect(unknown.words.contains("Did you mean \"command.a\"?"), "\(unknown.errors)")
        #expect(try await stack.plumb("state", "rm", "command.a").code == 1)
        let decided = try await stack.plumb("state", "rm", "--interrupted", "command.a")
        #expect(decided.code == 0, "\(decided.errors)")
        #expect(decided.output == "command.a counts as never changed by the interrupted run\n")
        try await stack.apply()
        #expect(stack.read("log") == "run\nrun\n")
        try await stack.expectNoChanges()
    }

    /// Something else stands where the interrupted creation was to put its file, so that it cannot be told whose it is.
    @Test func whatExistsIsTakenOverByItsId() async throws {
        let stack = try Stack([
            "main.yaml": "resources: {local_file.a: {spec: {filename: out/a, content: ours}}}\n"
        ])
        _ = try await stack.plumb("apply", "--auto-approve", environment: ["PLUMB_FAULT": "before-call:1"])
        try stack.write("out/a", "theirs")
        let held = try await stack.plumb("apply", "--auto-approve")
        #expect(held.code == 1)
        #expect(held.words.contains("plumb import 'local_file.a' ID"), "\(held.errors)")
        let imported = try await stack.plumb("import", "local_file.a", "out/a")
        #expect(imported.code == 0, "\(imported.errors)")
        try await stack.apply()
        #expect(stack.read("out/a") == "ours")
        try await stack.expectNoChanges()
    }
}
