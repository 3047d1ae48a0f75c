import Foundation
import PostgreSQLFixtures
import Testing

/// Every command of `plumb state` does the same wherever the state is, and a state moves between the places whole.
struct StateHomeTests {
    private static let spec = """
        variables: {text: {type: string, default: one}}
        resources:
          local_file.a: {spec: {filename: out/a, content: "${var.text}"}}
          local_file.b: {for_each: '${toset(["x", "y"])}', spec: {filename: "out/b-${each.key}", content: x}}
          random_password.p: {spec: {length: 24}}
          local_file.s: {spec: {filename: out/s, sensitive_content: "${random_password.p.result}-${var.text}"}}
        outputs:
          password: {value: "${random_password.p.result}", sensitive: true}
          name: {value: "${local_file.a.filename}"}
        """

    @Test(arguments: StateHome.expected)
    func everyCommandWorks(_ home: StateHome) async throws {
        let stack = try await home.stack(["main.yaml": Self.spec])
        try await stack.apply()
        let first = try await stack.runs()[0]
        try await stack.apply("--var", "text=two")
        try await expectReading(stack, first)
        try await expectEditing(stack)
        try await expectKeeping(stack)
        let rolled = try await stack.plumb("state", "rollback", first, "--auto-approve")
        #expect(rolled.code == 0, "\(rolled.output)\(rolled.errors)")
        #expect(stack.read("out/a") == "one")
        try await stack.expectNoChanges()
    }

    private func expectReading(_ stack: Stack, _ first: String) async throws {
        #expect(
            try await stack.recorded() == [
                "local_file.a", "local_file.b[\"x\"]", "local_file.b[\"y\"]", "local_file.s", "random_password.p",
            ])
        #expect(try await stack.plumb("state", "show", "local_file.a").words.contains("content: \"two\""))
        #expect(try await stack.plumb("state", "show", "random_password.p").words.contains("result: (sensitive)"))
        let history = try await stack.plumb("state", "history", "local_file.a")
        #expect(history.words.contains("\"one\" -> \"two\""), "\(history.output)")
        let difference = try await stack.plumb("state", "diff", first)
        #expect(difference.words.contains("~ local_file.a ~ content: \"one\" -> \"two\""), "\(difference.output)")
        let verified = try await stack.plumb("state", "verify", "--refresh")
        #expect(verified.code == 0, "\(verified.errors)")
        #expect(verified.words.contains("The state is whole."))
        #expect(try await stack.plumb("state", "unlock", "--reason", "x").words.contains("Nobody holds the stack."))
    }

    private func expectEditing(_ stack: Stack) async throws {
        let moved = try await stack.plumb("state", "mv", "local_file.a", "local_file.z")
        #expect(moved.code == 0, "\(moved.errors)")
        #expect(try await stack.recorded().contains("local_file.z"))
        #expect(try await stack.plumb("state", "history", "local_file.z").words.contains("\"one\" -> \"two\""))
        #expect(try await stack.plumb("state", "mv", "local_file.z", "local_file.a").code == 0)
        try stack.write("pulled.json", try await stack.plumb("state", "pull").output)
        let removed = try await stack.plumb("state", "rm", "local_file.b[\"y\"]")
        #expect(removed.code == 0, "\(removed.errors)")
        #expect(try await stack.recorded().count == 4)
        let stale = try await stack.plumb("state", "push", "pulled.json")
        #expect(stale.code == 1)
        let pushed = try await stack.plumb("state", "push", "--force", "pulled.json")
        #expect(pushed.code == 0, "\(pushed.errors)")
        #expect(try await stack.recorded().count == 5)
    }

    private func expectKeeping(_ stack: Stack) async throws {
        let password = try await stack.plumb("output", "--raw", "password").output
        let key = stack.read(".plumb/state.key")
        let rekeyed = try await stack.plumb("state", "rekey")
        #expect(rekeyed.code == 0, "\(rekeyed.errors)")
        #expect(stack.read(".plumb/state.key") != key)
        #expect(try await stack.plumb("output", "--raw", "password").output == password)
        let backup = try await stack.plumb("state", "backup", "backup.json")
        #expect(backup.code == 0, "\(backup.errors)")
        #expect(stack.read("backup.json")?.contains(password) == false)
        #expect(try await stack.plumb("state", "verify").words.contains("The state is whole."))
    }

    /// There and back: with moves, removals, secrets, a change of which nobody knows the end, outputs and runs.
    @Test(.enabled(if: PostgreSQLServer.isExpected))
    func aStateMovesThereAndBackWhole() async throws {
        let server = try await PostgreSQLServer.shared()
        let schema = server.newSchema()
        let there = "{postgres: {url: \"${env.PLUMB_STATE_URL}\", schema: \"\(schema)\"}}"
        let stack = try Stack(["main.yaml": Self.spec], environment: ["PLUMB_STATE_URL": server.url])
        try await stack.apply()
        #expect(try await stack.plumb("state", "mv", "local_file.a", "local_file.z").code == 0)
        #expect(try await stack.plumb("state", "mv", "local_file.z", "local_file.a").code == 0)
        #expect(try await stack.plumb("state", "rm", "local_file.b[\"y\"]").code == 0)
        let killed = try await stack.plumb(
            "apply", "--auto-approve", "--var", "text=two", environment: ["PLUMB_FAULT": "after-call:1"])
        try #require(killed.signal == SIGKILL)
        let before = try await stack.plumb("state", "pull", "--history").output
        #expect(before.contains("\"moved_from\":\"local_file.z\""), "\(before)")
        #expect(before.contains("\"action\""), "no intent is open")
        let password = try await stack.plumb("output", "--raw", "password").output

        let migrated = try await stack.plumb("state", "migrate", "--to", there)
        #expect(migrated.code == 0, "\(migrated.errors)")
        #expect(!(migrated.output + migrated.errors).contains(server.password))
        let left = try await stack.plumb("plan")
        #expect(left.code == 1)
        #expect(left.words.contains("it was moved to PostgreSQL"), "\(left.errors)")
        try stack.write("stack.yaml", "stack: test\nstate: \(there)\n")
        let after = try await stack.plumb("state", "pull", "--history").output
        #expect(after.hasPrefix(String(before.dropLast(6))), "something was lost:\n\(before)\n\(after)")
        // What was left open is settled here.
        try await stack.apply("--var", "text=two")
        #expect(stack.read("out/a") == "two")
        #expect(try await stack.plumb("output", "--raw", "password").output == password)
        #expect(try await stack.plumb("state", "verify").words.contains("The state is whole."))

        let changed = try await stack.plumb("state", "pull", "--history").output
        let back = try await stack.plumb("state", "migrate", "--to", "sqlite:.plumb/state.db")
        #expect(back.code == 0, "\(back.errors)")
        try stack.write("stack.yaml", "stack: test\n")
        #expect(
            try await stack.plumb("state", "pull", "--history").output.hasPrefix(String(changed.dropLast(6))),
            "something was lost on the way back")
        #expect(try await stack.plumb("plan", "--detailed-exitcode", "--var", "text=two").code == 0)
    }

    @Test(.enabled(if: PostgreSQLServer.isExpected))
    func aMigrationThatWasKilledIsRepeated() async throws {
        let server = try await PostgreSQLServer.shared()
        let there = "{postgres: {url: \"${env.PLUMB_STATE_URL}\", schema: \"\(server.newSchema())\"}}"
        let stack = try Stack(["main.yaml": Self.spec], environment: ["PLUMB_STATE_URL": server.url])
        try await stack.apply()
        let killed = try await stack.plumb(
            "state", "migrate", "--to", there, environment: ["PLUMB_FAULT": "migrate-copied:1"])
        #expect(killed.code != 0)
        try await stack.apply("--var", "text=two")
        let result = try await stack.plumb("state", "migrate", "--to", there)
        #expect(result.code == 0, "\(result.errors)")
        try stack.write("stack.yaml", "stack: test\nstate: \(there)\n")
        #expect(try await stack.plumb("plan", "--detailed-exitcode", "--var", "text=two").code == 0)
    }

    @Test(arguments: StateHome.expected)
    func historyKeepsAsMuchAsStackYAMLSays(_ home: StateHome) async throws {
        let stack = try await home.stack(["main.yaml": Self.spec], settings: ["keep_changes: 2", "keep_runs: 3"])
        for text in ["one", "two", "three", "four", "five"] { try await stack.apply("--var", "text=\(text)") }
        let changes = try await stack.plumb("state", "history", "local_file.a").output
        #expect(changes.contains("\"four\" -> \"five\"") && changes.contains("\"three\" -> \"four\""), "\(changes)")
        #expect(!changes.contains("\"two\""))
        #expect(try await stack.runs().count == 3)
        #expect(try await stack.plumb("plan", "--detailed-exitcode", "--var", "text=five").code == 0)
    }

    @Test(arguments: ["keep_changes: 0", "keep_runs: 1.5"])
    func historyCannotKeepNothing(_ setting: String) async throws {
        let stack = try await StateHome.sqlite.stack(["main.yaml": Self.spec], settings: [setting])
        let result = try await stack.plumb("plan")
        #expect(result.code == 1)
        #expect(result.words.contains("it must be a whole number from 1"), "\(result.errors)")
    }
}
