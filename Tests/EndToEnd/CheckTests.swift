import Testing

/// Checks as a person meets them: told in the plan and after the apply, in a saved plan, and never a reason to fail.
struct CheckTests {
    private static let spec = """
        resources:
          local_file.a: {spec: {filename: out/a, content: one}}
          data_value.a: {}
        checks:
          fine: {assert: [{condition: '${local_file.a.content == "one"}', error: x}]}
          length: {assert: [{condition: '${length(data_value.a.id) == 1}', error: Too long.}]}
          page:
            data: {local_file.page: {spec: {filename: page.html}}}
            assert: [{condition: '${data.local_file.page.content == "up"}', error: The page is not up.}]
        """

    @Test func theyAreToldAndFailNothing() async throws {
        let stack = try Stack(["main.yaml": Self.spec, "page.html": "down"])
        let planned = try await stack.plumb("plan", "--out", "p")
        #expect(planned.code == 0)
        #expect(planned.errors.contains("warning: Check failed"), "\(planned.errors)")
        #expect(planned.words.contains("The check \"page\" says: The page is not up."))
        #expect(planned.output.contains("Checks that do not hold yet:"))
        #expect(planned.output.contains("  ? length: known after the apply"), "\(planned.output)")
        #expect(planned.output.contains("  ! page: The page is not up."), "\(planned.output)")
        #expect(!planned.output.contains("fine"))
        #expect(try await stack.plumb("show", "p").output.contains("  ! page: The page is not up."))

        try stack.write("page.html", "up")
        let applied = try await stack.plumb("apply", "p")
        #expect(applied.code == 0, "\(applied.errors)")
        #expect(applied.words.contains("The check \"length\" says: Too long."), "\(applied.words)")
        #expect(!applied.words.contains("The page is not up."))
        #expect(applied.words.contains("Applied in"))

        // With nothing to do the check is still made, and the exit code is about changes alone.
        try stack.remove("page.html")
        let again = try await stack.plumb("plan", "--detailed-exitcode")
        #expect(again.code == 0, "\(again.errors)")
        #expect(again.words.contains("There is no file page.html."))
    }

    @Test func aRunKeepsWhichChecksFailed() async throws {
        let stack = try Stack(["main.yaml": Self.spec, "page.html": "up"])
        try await stack.apply()
        let summary = try await stack.shell("sqlite3 .plumb/state.db 'select summary from runs'")
        #expect(summary == "2 done, failed checks: length\n")
    }
}
