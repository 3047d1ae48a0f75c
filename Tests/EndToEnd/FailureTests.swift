import Testing

/// A step that fails: what waits for it is passed over, everything else is finished, and the summary tells the truth.
struct FailureTests {
    /// `/dev/null` is no directory, so nothing can be made in it.
    private static let spec = """
        variables: {place: {type: string, default: /dev/null/x}}
        resources:
          local_file.before: {spec: {filename: out/before, content: x}}
          local_file.bad: {spec: {filename: "${var.place}", content: "${local_file.before.id}"}}
          local_file.after: {spec: {filename: out/after, content: "${local_file.bad.id}"}}
          local_file.last: {spec: {filename: out/last, content: "${local_file.after.id}"}}
          local_file.other: {for_each: '${toset(["a", "b"])}', spec: {filename: "out/${each.key}", content: x}}
        outputs: {last: {value: "${local_file.last.id}"}}
        """

    @Test func independentBranchesAreFinishedAndTheNextApplyConverges() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        let failed = try await stack.plumb("apply", "--auto-approve")
        #expect(failed.code == 1)
        #expect(stack.list("out") == ["a", "b", "before"])
        #expect(failed.output.contains("3 created; 1 failed, 2 not tried."), "\(failed.output)")
        #expect(failed.output.contains("x local_file.bad  creation  main.yaml:4"))
        #expect(failed.output.contains(". local_file.after  creation"))
        #expect(failed.output.contains(". local_file.last  creation"))
        #expect(failed.output.contains("3 steps left"))
        #expect((failed.output + failed.errors).contains("Cannot write /dev/null/x: Not a directory"))
        #expect(
            try await stack.recorded() == [
                "local_file.before", "local_file.other[\"a\"]", "local_file.other[\"b\"]",
            ])
        let plan = try await stack.plumb("plan", "--var", "place=out/bad")
        #expect(plan.output.contains("Plan: 3 to create, 0 to change, 0 to replace, 0 to destroy."))
        try await stack.apply("--var", "place=out/bad")
        #expect(stack.list("out") == ["a", "after", "b", "bad", "before", "last"])
        #expect(try await stack.plumb("plan", "--var", "place=out/bad", "--detailed-exitcode").code == 0)
        #expect(try await stack.plumb("state", "history").output.contains("failed"))
    }

    @Test func aFileThatIsInTheWayIsNotOverwritten() async throws {
        let stack = try Stack([
            "main.yaml": "resources: {local_file.a: {spec: {filename: out/a, content: ours}}}\n", "out/a": "theirs",
        ])
        let result = try await stack.plumb("apply", "--auto-approve")
        #expect(result.code == 1)
        #expect(stack.read("out/a") == "theirs")
        #expect(try await stack.recorded().isEmpty)
        // What another run finds is the same: a refusal leaves nothing open.
        #expect(try await stack.plumb("apply", "--auto-approve").code == 1)
        #expect(stack.read("out/a") == "theirs")
    }

    @Test func aCommandThatFailsLeavesATaintedResourceThatIsReplaced() async throws {
        let stack = try Stack([
            "stack.yaml": "stack: test\nproviders: {builtin: {allow_commands: true}}\n",
            "main.yaml": """
            resources:
              command.a: {spec: {create: [sh, -c, "echo run >> log; test -e ready"], delete: [sh, -c, "echo gone >> log"]}}
            """,
        ])
        let failed = try await stack.plumb("apply", "--auto-approve")
        #expect(failed.code == 1)
        #expect(try await stack.plumb("state", "show", "command.a").output.contains("command.a  (tainted)"))
        let plan = try await stack.plumb("plan")
        #expect(plan.output.contains("its creation failed half-way in an earlier run"))
        #expect(plan.output.contains("1 to replace"))
        try stack.write("ready", "")
        try await stack.apply()
        #expect(stack.read("log") == "run\ngone\nrun\n")
        try await stack.expectNoChanges()
        #expect(try await !stack.plumb("state", "show", "command.a").output.contains("tainted"))
    }

    @Test func aFailedDestructionKeepsWhatItIsMadeFrom() async throws {
        let stack = try Stack([
            "stack.yaml": "stack: test\nproviders: {builtin: {allow_commands: true}}\n",
            "main.yaml": """
            resources:
              local_file.base: {spec: {filename: out/base, content: x}}
              command.top: {spec: {create: "true", delete: "test -e ready", triggers: "${local_file.base.id}"}}
              local_file.other: {spec: {filename: out/other, content: x}}
            """,
        ])
        try await stack.apply()
        let failed = try await stack.plumb("destroy", "--auto-approve")
        #expect(failed.code == 1)
        #expect(stack.list("out") == ["base"])
        #expect(try await stack.recorded() == ["command.top", "local_file.base"])
        try stack.write("ready", "")
        #expect(try await stack.plumb("destroy", "--auto-approve").code == 0)
        #expect(stack.list("out") == [])
        #expect(try await stack.recorded().isEmpty)
    }
}
