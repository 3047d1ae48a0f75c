import Testing

/// `--rev`: a plan of a Git revision without checking it out.
struct RevisionTests {
    private func repository() async throws -> Stack {
        let stack = try Stack([
            "stack.yaml": "stack: test\n", ".gitignore": ".plumb/\nout/\n",
            "main.yaml": "resources: {local_file.a: {spec: {filename: out/a, content: 'first'}}}\n",
            "lib/t.txt": "first template",
        ])
        try await stack.shell("git init -q -b main && git add . && git commit -qm first && git tag v1")
        try stack.write("main.yaml", "resources: {local_file.a: {spec: {filename: out/a, content: 'second'}}}\n")
        try await stack.shell("git commit -qam second")
        return stack
    }

    @Test(arguments: [("v1", "first"), ("main", "second"), ("HEAD~1", "first"), ("HEAD", "second")])
    func aRevisionIsPlannedWhateverTheWorkingTreeHolds(_ revision: String, _ content: String) async throws {
        let stack = try await repository()
        try stack.write("main.yaml", "this: is [broken\n")
        let before = try await stack.shell("git status --porcelain; git rev-parse HEAD; cat main.yaml")
        let plan = try await stack.plumb("plan", "--rev", revision, "--detailed-exitcode")
        #expect(plan.code == 2, "\(plan.errors)")
        #expect(plan.output.contains("\"\(content)\""))
        #expect(try await stack.shell("git status --porcelain; git rev-parse HEAD; cat main.yaml") == before)
    }

    @Test func aSavedPlanOfARevisionIsAppliedWhateverTheWorkingTreeHolds() async throws {
        let stack = try await repository()
        try stack.write("main.yaml", "this: is [broken\n")
        #expect(try await stack.plumb("plan", "--rev", "v1", "--out", "v1.plan").code == 0)
        let applied = try await stack.plumb("apply", "v1.plan")
        #expect(applied.code == 0, "\(applied.errors)")
        #expect(stack.read("out/a") == "first")
    }

    @Test func anUnknownRevisionIsAnError() async throws {
        let stack = try await repository()
        let plan = try await stack.plumb("plan", "--rev", "v2")
        #expect(plan.code == 1)
        #expect(plan.errors.contains("v2"))
        #expect(plan.output.isEmpty)
    }

    @Test func outsideOfGitThereAreNoRevisions() async throws {
        let stack = try Stack()
        let plan = try await stack.plumb("plan", "--rev", "main")
        #expect(plan.code == 1)
        #expect(plan.errors.lowercased().contains("git"), "\(plan.errors)")
    }

    @Test func historyNamesTheRevision() async throws {
        let stack = try await repository()
        try await stack.apply()
        let commit = try await stack.shell("git rev-parse HEAD")
        let history = try await stack.plumb("state", "history")
        #expect(history.output.contains(commit.prefix(12)))
    }
}
