import Testing

/// What plans are held against: conditions over the plan, programs, shared files.
struct PolicyTests {
    private static let files = """
        resources:
          local_file.a: {spec: {filename: out/a, content: one}}
          local_file.b: {spec: {filename: out/b, content: two}}
        """

    private static func stack(_ policies: String, _ more: [String: String] = [:]) throws -> Stack {
        let own = ["stack.yaml": "stack: test\n\(policies)\n", "main.yaml": files]
        return try Stack(own.merging(more) { $1 })
    }

    @Test func aDenialStopsAnApplyAndFailsAPlan() async throws {
        let stack = try Self.stack(
            """
            policies:
              no-b:
                deny: '${[for c in plan.resource_changes : c.address if c.name == "b"]}'
                message: Nothing may be called b.
                waivers: [ada]
              many: {warn: "${length(plan.resource_changes) > 1}", message: "${length(plan.resource_changes)} at once."}
              fine: {deny: "${plan.errored}"}
            """)
        let planned = try await stack.plumb("plan")
        #expect(planned.code == 1)
        #expect(planned.output.contains("Policies:"))
        #expect(planned.words.contains("x denied no-b: Nothing may be called b. (local_file.b)"), "\(planned.output)")
        #expect(planned.words.contains("! warning many: 2 at once."), "\(planned.output)")
        #expect(!planned.output.contains("fine"))
        let applied = try await stack.plumb("apply", "--auto-approve")
        #expect(applied.code == 1)
        #expect(applied.errors.contains("Plan is denied by a policy"), "\(applied.errors)")
        #expect(applied.words.contains("Nothing may be called b."), "\(applied.errors)")
        #expect(stack.list("out").isEmpty)
        let json = try await stack.plumb("plan", "--json")
        #expect(json.code == 1)
        #expect(
            json.output.contains(#""name":"no-b","effect":"deny","status":"fail","refuses":true"#), "\(json.output)")
        // A saved plan keeps its verdict.
        #expect(try await stack.plumb("plan", "--out", "saved.plan").code == 1)
        let saved = try await stack.plumb("apply", "saved.plan")
        #expect(saved.code == 1)
        #expect(saved.errors.contains("Plan is denied by a policy"))
        #expect(stack.list("out").isEmpty)
        try stack.write("main.yaml", "resources: {local_file.a: {spec: {filename: out/a, content: one}}}\n")
        try await stack.apply()
        #expect(stack.list("out") == ["a"])
    }

    @Test func aProgramJudges() async throws {
        let stack = try Self.stack(
            "policies: {words: {deny: {command: [sh, judge.sh]}}}",
            [
                "judge.sh":
                    "grep -q '\"content\":\"two\"' && { echo 'Two is too much.'; echo 'Really.'; exit 1; }\nexit 0\n"
            ])
        let planned = try await stack.plumb("plan")
        #expect(planned.code == 1)
        #expect(planned.words.contains("denied words: Two is too much."), "\(planned.output)")
        #expect(planned.words.contains("denied words: Really."), "\(planned.output)")
        try stack.write("main.yaml", Self.files.replacing("two", with: "three"))
        #expect(try await stack.plumb("plan").code == 0)
    }

    @Test(arguments: [
        ("sh, -c, 'sleep 60'", "did not end within 1 seconds"), ("sh, -c, 'sleep 60 & sleep 60'", "did not end within"),
        ("no-such-program-here", "cannot be started"),
        ("sh, -c, 'echo broken >&2; exit 7'", "ended with status 7: broken"),
        ("sh, -c, 'yes'", "printed more than 1 MiB"), ("sh, -c, 'kill -9 $$'", "ended with status 137"),
    ])
    func aProgramThatCannotJudgeDenies(_ words: String, _ reason: String) async throws {
        let stack = try Self.stack("policies: {slow: {deny: {command: [\(words)], timeout: 1s}}}")
        let planned = try await stack.plumb("plan", deadline: 60)
        #expect(planned.code == 1)
        #expect(planned.words.contains("cannot be judged") || planned.output.contains("cannot be judged"))
        let text = planned.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.contains(reason), "\(planned.output)")
    }

    @Test func conftestsAnswerIsUnderstood() async throws {
        let answer = """
            [{"filename":"","namespace":"main","successes":1,"warnings":[{"msg":"Mind the gap."}],
              "failures":[{"msg":"No two."}]}]
            """
        let stack = try Self.stack(
            "policies: {rego: {deny: {command: [sh, judge.sh]}}}",
            ["judge.sh": "cat answer.json\nexit 1\n", "answer.json": answer])
        let planned = try await stack.plumb("plan")
        #expect(planned.code == 1)
        #expect(planned.words.contains("denied rego: No two."), "\(planned.output)")
        #expect(planned.words.contains("warning rego: Mind the gap."), "\(planned.output)")
    }

    @Test func secretsAreNotShownToPolicies() async throws {
        let stack = try Self.stack(
            "policies: {look: {warn: {command: [sh, -c, 'cat; exit 1']}}, say: {warn: '${[for c in plan.resource_changes : jsonencode(c)]}'}}",
            ["main.yaml": "resources: {local_file.a: {spec: {filename: out/a, sensitive_content: HIDDEN}}}\n"])
        let planned = try await stack.plumb("plan")
        #expect(planned.code == 0)
        #expect(planned.output.contains("look"))
        #expect(!planned.output.contains("HIDDEN") && !planned.errors.contains("HIDDEN"))
    }

    /// A condition is tested both ways: what it must refuse, and what it must let pass.
    @Test func aTestExpectsWhatAPolicySays() async throws {
        let stack = try Self.stack(
            """
            policies:
              no-b: {deny: '${[for c in plan.resource_changes : c.address if c.name == "b"]}', message: No b.}
              many: {warn: "${length(plan.resource_changes) > 1}", message: Many at once.}
            """,
            [
                "p.test.yaml": """
                runs:
                  - {name: denied, expect_failures: [policy.no-b, policy.many]}
                  - {name: passes, targets: [local_file.a]}
                """,
                "q.test.yaml": """
                runs:
                  - {name: denied, command: plan}
                  - {name: missed, command: plan, targets: [local_file.a], expect_failures: [policy.no-b]}
                """,
            ])
        let expected = try await stack.plumb("test", "p.test.yaml")
        #expect(expected.code == 0, "\(expected.output)\(expected.errors)")
        #expect(expected.output.contains("Passed: 2 passed"), "\(expected.output)")
        #expect(stack.list("out").isEmpty)
        let other = try await stack.plumb("test", "q.test.yaml")
        #expect(other.code == 1 && other.output.contains("Plan is denied by a policy"), "\(other.output)")
        #expect(other.words.contains("to break a condition of policy.no-b, but none"), "\(other.output)")
        try stack.write("p.test.yaml", "runs: [{name: x, expect_failures: [policy.no-c]}]\n")
        let unknown = try await stack.plumb("test", "p.test.yaml")
        #expect(unknown.code == 1 && unknown.words.contains("Did you mean \"no-b\"?"), "\(unknown.errors)")
    }

    @Test func policiesAreShared() async throws {
        let stack = try Stack([
            "web/stack.yaml": "stack: web\npolicy_files: [../shared/p.yaml]\n", "web/main.yaml": Self.files,
            "shared/p.yaml": "policies: {none: {deny: '${length(plan.resource_changes) > 0}', message: No.}}\n",
            "p.yaml": "policies: {}\n",
        ])
        let planned = try await stack.plumb("-C", "web", "plan")
        #expect(planned.code == 1, "\(planned.errors)")
        #expect(planned.words.contains("denied none: No."))
        try stack.write("web/stack.yaml", "stack: web\npolicy_files: [../p.yaml]\n")
        let above = try await stack.plumb("-C", "web", "plan")
        #expect(above.errors.contains("Shared policies need a folder of their own"), "\(above.errors)")
        try stack.write("web/stack.yaml", "stack: web\npolicy_files: [../shared/q.yaml]\n")
        let missing = try await stack.plumb("-C", "web", "plan")
        #expect(missing.errors.contains("No such file of policies"), "\(missing.errors)")
        #expect(missing.errors.contains("stack.yaml:2:"), "\(missing.errors)")
    }

    @Test(arguments: [
        ("a: {deny: true}", "is an expression over `plan`"), ("a: {dney: '${true}'}", "Did you mean \"deny\"?"),
        ("a: {deny: '${true}', warn: '${true}'}", "needs either `deny` or `warn`"),
        ("a: {deny: '${1 + plan.resource_chang}'}", "Did you mean \"resource_changes\"?"),
        ("a: {deny: '${var.x}'}", "can refer to it alone"), ("a: {deny: '${1 +}'}", "stack.yaml:2:"),
        ("a: {deny: '${5}'}", "true or false, or a list"), ("a: {deny: {command: []}}", "needs its `command`"),
        ("a: {deny: {command: [x], timeout: 1h}}", "up to ten minutes"),
        ("a: {deny: {command: [1]}}", "list of strings"),
        ("'a b': {deny: '${true}'}", "cannot name a policy"), ("a: {deny: '${file(\"x\")}'}", "stack.yaml:2:"),
        ("{a: {deny: '${true}'}, a: {deny: '${true}'}}", "a"),
    ])
    func whatIsWrongWithThemIsSaid(_ policies: String, _ words: String) async throws {
        let text = policies.hasPrefix("{") ? policies : "{\(policies)}"
        let stack = try Self.stack("policies: \(text)")
        let result = try await stack.plumb("validate")
        #expect(result.code == 1, "\(result.output)")
        #expect(result.words.contains(words), "\(result.errors)")
    }
}
