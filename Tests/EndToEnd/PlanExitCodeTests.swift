import Testing

/// `plumb plan` and its exit codes: 0 nothing to do, 1 failed, 2 changes pending.
struct PlanExitCodeTests {
    private static let spec = """
        resources:
          local_file.a:
            spec: {filename: out/a, content: one}
        """

    @Test func detailedExitCodeTellsNothingFromSomethingFromFailure() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        #expect(try await stack.plumb("plan", "--detailed-exitcode").code == 2)
        #expect(try await stack.plumb("plan").code == 0)
        try await stack.apply()
        #expect(try await stack.plumb("plan", "--detailed-exitcode").code == 0)
        try stack.write("main.yaml", "resources: {local_file.a: {spec: {filname: x}}}\n")
        let broken = try await stack.plumb("plan", "--detailed-exitcode")
        #expect(broken.code == 1)
        #expect(broken.output.isEmpty)
        #expect(broken.errors.contains("Did you mean \"filename\"?"))
        #expect(broken.errors.contains("main.yaml:1:"))
    }

    @Test func aPlanChangesNothing() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        _ = try await stack.plumb("plan")
        #expect(stack.list(".") == ["main.yaml", "stack.yaml"])
        try await stack.apply()
        try stack.write("main.yaml", Self.spec.replacing("one", with: "two"))
        #expect(try await stack.plumb("plan", "--detailed-exitcode").code == 2)
        #expect(stack.read("out/a") == "one")
        #expect(try await stack.plumb("state", "show", "local_file.a").output.contains("\"one\""))
    }

    @Test func allProblemsOfAllFilesAreToldAtOnce() async throws {
        let stack = try Stack([
            "a.yaml": "resources: {local_file.a: {spec: {filename: a, content: '${local_file.nowhere.id}'}}}\n",
            "b.yaml": "resources: {local_fil.b: {spec: {filename: b, content: b}}}\n",
        ])
        let result = try await stack.plumb("validate")
        #expect(result.code == 1)
        #expect(result.errors.contains("a.yaml:1:"))
        #expect(result.errors.contains("b.yaml:1:"))
    }

    @Test func whatChangesAndWhereItIsDeclaredIsShown() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        try await stack.apply()
        try stack.write("main.yaml", Self.spec.replacing("one", with: "two"))
        let plan = try await stack.plumb("plan")
        #expect(plan.output.contains("~ local_file.a  changed in the specs  main.yaml:2"))
        #expect(plan.output.contains("\"one\" -> \"two\"") || plan.output.contains("- one"))
        #expect(plan.output.contains("Plan: 0 to create, 1 to change, 0 to replace, 0 to destroy."))
    }

    @Test func everyKindOfChangeTellsItsReason() async throws {
        let spec = """
            resources:
              local_file.a: {spec: {filename: out/a, content: one}}
              local_file.gone: {spec: {filename: out/gone, content: x}}
              local_file.moved: {spec: {filename: out/moved, content: x}}
              local_file.key: {for_each: '${toset(["k", "l"])}', spec: {filename: "out/${each.key}", content: x}}
              local_file.number: {count: 2, spec: {filename: "out/n${count.index}", content: x}}
              local_file.off: {enabled: true, spec: {filename: out/off, content: x}}
              local_file.deleted: {spec: {filename: out/deleted, content: x}}
            """
        let stack = try Stack(["main.yaml": spec])
        try await stack.apply()
        try stack.remove("out/deleted")
        try stack.write(
            "main.yaml",
            """
            resources:
              local_file.a: {spec: {filename: out/a, content: one}}
              local_file.moved: {spec: {filename: out/elsewhere, content: x}}
              local_file.key: {for_each: '${toset(["k"])}', spec: {filename: "out/${each.key}", content: x}}
              local_file.number: {count: 1, spec: {filename: "out/n${count.index}", content: x}}
              local_file.off: {enabled: false, spec: {filename: out/off, content: x}}
              local_file.deleted: {spec: {filename: out/deleted, content: x}}
              local_file.new: {spec: {filename: out/new, content: x}}
            """)
        let plan = try await stack.plumb("plan")
        for phrase in [
            "- local_file.gone  no longer declared", "filename cannot be changed in place",
            "for_each no longer has \"l\"", "count no longer reaches 1", "disabled in the specs",
            "deleted outside of Plumbline, so it is created again", "+ local_file.new  new  main.yaml:8",
            "Plan: 2 to create, 0 to change, 1 to replace, 4 to destroy.",
        ] {
            #expect(plan.output.contains(phrase), "\(phrase) is missing in:\n\(plan.output)")
        }
        try await stack.apply()
        try await stack.expectNoChanges()
        #expect(stack.list("out") == ["a", "deleted", "elsewhere", "k", "n0", "new"])
    }
}
