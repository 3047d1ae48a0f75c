import Testing

/// What changed outside: shown, healed, recorded, or left alone, as asked.
struct DriftTests {
    private static let spec = """
        resources:
          local_file.a: {spec: {filename: out/a, content: ours}}
          local_file.b: {spec: {filename: out/b, content: ours}}
        """

    private func drifted() async throws -> Stack {
        let stack = try Stack(["main.yaml": Self.spec])
        try await stack.apply()
        try stack.write("out/a", "theirs")
        return stack
    }

    @Test func itIsShownWithItsReasonAndHealed() async throws {
        let stack = try await drifted()
        let plan = try await stack.plumb("plan", "--detailed-exitcode")
        #expect(plan.code == 2)
        #expect(plan.output.contains("changed outside of Plumbline, so it is set back to what the specs say"))
        #expect(plan.output.contains("theirs"))
        #expect(plan.output.contains("Plan: 0 to create, 1 to change, 0 to replace, 0 to destroy."))
        try await stack.apply()
        #expect(stack.read("out/a") == "ours")
        try await stack.expectNoChanges()
    }

    @Test func aChangeInSpecAndOutsideNamesBoth() async throws {
        let stack = try await drifted()
        try stack.write("main.yaml", Self.spec.replacing("ours", with: "new"))
        let plan = try await stack.plumb("plan")
        #expect(plan.output.contains("local_file.a  changed in the specs and outside of Plumbline"), "\(plan.output)")
        #expect(plan.output.contains("local_file.b  changed in the specs  "))
    }

    @Test func withoutRefreshRecordedValuesStandForLiveOnes() async throws {
        let stack = try await drifted()
        #expect(try await stack.plumb("plan", "--detailed-exitcode", "--refresh=false").code == 0)
        #expect(try await stack.plumb("plan", "--detailed-exitcode", "--refresh=true").code == 2)
    }

    @Test func refreshOnlyRecordsDriftAndChangesNothing() async throws {
        let stack = try await drifted()
        try stack.remove("out/b")
        let plan = try await stack.plumb("plan", "--refresh-only")
        #expect(plan.output.contains("Plan: 2 to record, nothing to change outside."), "\(plan.output)")
        #expect(try await stack.plumb("state", "show", "local_file.a").output.contains("\"ours\""))
        try await stack.apply("--refresh-only")
        #expect(stack.read("out/a") == "theirs")
        #expect(!stack.exists("out/b"))
        #expect(try await stack.plumb("state", "show", "local_file.a").output.contains("\"theirs\""))
        #expect(try await stack.recorded() == ["local_file.a"])
        #expect(try await stack.plumb("plan", "--refresh-only", "--detailed-exitcode").code == 0)
        try await stack.apply()
        #expect(stack.read("out/a") == "ours")
        #expect(stack.read("out/b") == "ours")
        try await stack.expectNoChanges()
    }

    @Test func whatTheSpecIsToldToIgnoreIsNoChange() async throws {
        let stack = try Stack([
            "main.yaml": """
            resources:
              local_file.a:
                spec: {filename: out/a, content: ours}
                lifecycle: {ignore_changes: [content]}
            """
        ])
        try await stack.apply()
        try stack.write("out/a", "theirs")
        try await stack.expectNoChanges()
        try await stack.apply()
        #expect(stack.read("out/a") == "theirs")
        try stack.write("main.yaml", try #require(stack.read("main.yaml")).replacing("ours", with: "new"))
        try await stack.expectNoChanges()
    }

    @Test func destroyModeShowsWhatWouldGo() async throws {
        let stack = try await drifted()
        let plan = try await stack.plumb("plan", "--destroy", "--detailed-exitcode")
        #expect(plan.code == 2)
        #expect(plan.output.contains("its destruction was asked for"))
        #expect(plan.output.contains("Plan: 0 to create, 0 to change, 0 to replace, 2 to destroy."))
        #expect(stack.exists("out/b"))
    }
}
