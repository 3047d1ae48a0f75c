import Testing

/// `--target`, `--exclude` and `--replace`, with addresses, globs and files.
struct SelectionTests {
    private static let files = [
        "web.yaml": """
        resources:
          local_file.web: {for_each: '${toset(["a", "b"])}', spec: {filename: "out/web-${each.key}", content: x}}
          local_file.proxy: {spec: {filename: out/proxy, content: '${local_file.web["a"].id}'}}
        """,
        "db.yaml": """
        resources:
          local_file.db: {spec: {filename: out/db, content: x}}
          local_file.cache: {spec: {filename: out/cache, content: "${local_file.db.id}"}}
        """,
    ]

    @Test(arguments: [
        (["--target", "local_file.db"], ["db"]),
        (["--target", "local_file.cache"], ["cache", "db"]),
        (["--target", "local_file.web[\"b\"]"], ["web-b"]),
        (["--target", "local_file.web"], ["web-a", "web-b"]),
        (["--target", "local_file.w*"], ["web-a", "web-b"]),
        (["--target", "*[\"a\"]"], ["web-a"]),
        (["--target", "local_file.proxy"], ["proxy", "web-a"]),
        (["--target", "file:web.yaml"], ["proxy", "web-a", "web-b"]),
        (["--target", "file:d*.yaml"], ["cache", "db"]),
        (["--exclude", "file:web.yaml"], ["cache", "db"]),
        (["--exclude", "local_file.db"], ["proxy", "web-a", "web-b"]),
        (["--exclude", "local_file.??"], ["proxy", "web-a", "web-b"]),
        (["--target", "file:web.yaml", "--exclude", "local_file.proxy"], ["web-a", "web-b"]),
        (["--target", "local_file.db", "--target", "local_file.web[\"a\"]"], ["db", "web-a"]),
    ])
    func onlyWhatIsMeantIsApplied(_ options: [String], _ files: [String]) async throws {
        let stack = try Stack(Self.files)
        let result = await (try stack.start(["apply", "--auto-approve"] + options)).result()
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output.contains("Partial plan."))
        #expect(stack.list("out") == files)
        try await stack.apply()
        try await stack.expectNoChanges()
    }

    @Test(arguments: ["--target", "--exclude", "--replace"])
    func aPatternThatMatchesNothingIsRefused(_ option: String) async throws {
        let stack = try Stack(Self.files)
        let result = try await stack.plumb("plan", option, "local_file.dbb")
        #expect(result.code == 1)
        #expect(result.errors.contains("Pattern matches nothing"))
        #expect(result.words.contains("Did you mean \"local_file.db\"?"), "\(result.errors)")
    }

    @Test func destroyTakesTargets() async throws {
        let stack = try Stack(Self.files)
        try await stack.apply()
        let result = try await stack.plumb("destroy", "--auto-approve", "--target", "local_file.db")
        #expect(result.code == 0, "\(result.errors)")
        // What was made from it cannot outlive it.
        #expect(stack.list("out") == ["proxy", "web-a", "web-b"])
    }

    @Test func replaceMakesItAnewThoughNothingAsksForIt() async throws {
        let stack = try Stack([
            "main.yaml": """
            resources:
              random_uuid.a: {}
              random_uuid.b: {}
            outputs: {a: {value: "${random_uuid.a.result}"}, b: {value: "${random_uuid.b.result}"}}
            """
        ])
        try await stack.apply()
        let before = try await outputs(stack)
        let plan = try await stack.plumb("plan", "--replace", "random_uuid.a")
        #expect(plan.output.contains("its replacement was asked for (--replace)"))
        #expect(plan.output.contains("Plan: 0 to create, 0 to change, 1 to replace, 0 to destroy."))
        try await stack.apply("--replace", "random_uuid.a")
        let after = try await outputs(stack)
        #expect(before.a != after.a)
        #expect(before.b == after.b)
        try await stack.expectNoChanges()
    }

    private func outputs(_ stack: Stack) async throws -> (a: String, b: String) {
        (
            try await stack.plumb("output", "--raw", "a").output,
            try await stack.plumb("output", "--raw", "b").output
        )
    }
}
