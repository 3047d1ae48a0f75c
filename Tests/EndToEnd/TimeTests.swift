import Testing

/// Functions of time and chance between plan and apply.
struct TimeTests {
    private static let spec = """
        resources:
          local_file.now: {spec: {filename: out/now, content: "${timestamp()}"}}
          local_file.id: {spec: {filename: out/id, content: "${uuid()}"}}
          local_file.planned: {spec: {filename: out/planned, content: "${plantimestamp()}"}}
        """

    @Test func whatIsUnknownInThePlanIsFilledInByTheApply() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        let plan = try await stack.plumb("plan", "--out", "saved")
        #expect(plan.code == 0, "\(plan.errors)")
        #expect(plan.words.split(separator: "(known after apply)").count > 2)
        let planned = try #require(plan.words.firstMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/)).output
        try await stack.shell("sleep 1.1")
        #expect(try await stack.plumb("apply", "saved").code == 0)
        #expect(stack.read("out/planned") == String(planned))
        let now = try #require(stack.read("out/now"))
        #expect(now > String(planned))
        #expect(stack.read("out/id")?.wholeMatch(of: /[0-9a-f-]{36}/) != nil)
    }

    @Test func specsWithThemAreValidWithoutAPlan() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        let result = try await stack.plumb("validate")
        #expect(result.code == 0, "\(result.errors)")
    }
}
