import Planning
import PlumbModel
import StackFixtures
import Testing

/// Checks: results and warnings, in the plan and after the apply, and never a reason to fail.
struct CheckTests {
    private static let spec = """
        resources:
          local_file.a: {spec: {filename: a.txt, content: one}}
          data_value.a: {}
        checks:
          holds: {assert: [{condition: '${local_file.a.content == "one"}', error: x}]}
          fails:
            assert:
              - {condition: '${local_file.a.content == "two"}', error: "It is ${local_file.a.content}."}
              - {condition: '${stack.name == "none"}', error: Second.}
          late: {assert: [{condition: '${length(data_value.a.id) == 1}', error: Too long.}]}
          broken: {assert: [{condition: '${[true][length(local_file.a.content)]}', error: x}]}
          reads:
            data: {local_file.own: {spec: {filename: own.txt}}}
            assert: [{condition: '${data.local_file.own.content == "right"}', error: "${data.local_file.own.content}"}]
        """

    @Test func aPlanTellsAndGoesOn() async throws {
        let fixture = try StackFixture(Self.spec)
        let result = try await fixture.planned()
        #expect(
            result.plan.checks.map(\.status) == [.pass, .fail, .unknown, .error, .fail],
            "\(result.plan.checks)")
        #expect(result.plan.checks[1].problems == ["It is one.", "Second."])
        #expect(result.warnings.all.allSatisfy { $0.severity == .warning })
        #expect(
            result.warnings.all.map(\.summary) == ["Check failed", "Check failed", "Invalid index", "Cannot read data"])
        #expect(result.warnings.all[0].detail == "The check \"fails\" says: It is one.")
        #expect(result.warnings.all[3].notes.map(\.text) == ["It belongs to the check \"reads\"."])
    }

    @Test func anApplyJudgesAnewAndSucceeds() async throws {
        let fixture = try StackFixture(Self.spec)
        let plan = try await fixture.plan()
        try fixture.write("own.txt", "wrong")
        let outcome = try await fixture.apply(plan)
        #expect(outcome.succeeded)
        #expect(outcome.checks.map(\.status) == [.pass, .fail, .fail, .error, .fail])
        #expect(outcome.checks[2].problems == ["Too long."] && outcome.checks[4].problems == ["wrong"])
        #expect(outcome.diagnostics.all.allSatisfy { $0.severity == .warning })
        try fixture.write("own.txt", "right")
        #expect(try await fixture.planned().plan.checks.last == CheckResult(.check("reads"), .pass))
    }

    @Test func whatACheckReadsWaitsForWhatChanges() async throws {
        func spec(_ content: String) -> String {
            """
            resources:
              local_file.a: {spec: {filename: a.txt, content: \(content)}}
            checks:
              read:
                data: {local_file.own: {spec: {filename: "${local_file.a.filename}"}}}
                assert: [{condition: '${data.local_file.own.content == "two"}', error: "${data.local_file.own.content}"}]
            """
        }
        let fixture = try StackFixture(spec("one"))
        let first = try await fixture.plan()
        #expect(first.checks.map(\.status) == [.unknown])
        #expect(try await fixture.apply(first).checks.map(\.problems) == [["one"]])
        try fixture.spec(spec("two"))
        let second = try await fixture.plan()
        #expect(second.checks.map(\.status) == [.unknown])
        #expect(try await fixture.apply(second).checks.map(\.status) == [.pass])
    }

    @Test func whereOnlyDriftIsWantedTheyLookAtWhatIsThere() async throws {
        let fixture = try StackFixture(
            """
            resources:
              data_value.word: {spec: {input: one}}
              local_file.a: {spec: {filename: a.txt, content: "${data_value.word.output}"}}
            data:
              local_file.b: {spec: {filename: b.txt}}
              local_file.many: {for_each: "${toset([local_file.a.filename])}", spec: {filename: "${each.key}"}}
            checks:
              a: {assert: [{condition: '${local_file.a.content == "one"}', error: "It is ${local_file.a.content}."}]}
              b: {assert: [{condition: '${data.local_file.b.content == "b"}', error: x}]}
              many: {assert: [{condition: '${[for f in data.local_file.many : f.content] == ["two"]}', error: x}]}
            """)
        try fixture.write("b.txt", "b")
        try await fixture.apply()
        try fixture.write("a.txt", "two")
        let plan = try await fixture.plan(PlanOptions(mode: .refreshOnly))
        #expect(plan.changes.isEmpty && plan.drift.count == 1)
        #expect(plan.checks.map(\.status) == [.fail, .pass, .pass], "\(plan.checks)")
        #expect(plan.checks.first?.problems == ["It is two."])
        try fixture.remove("b.txt")
        let unread = try await fixture.plan(PlanOptions(mode: .refreshOnly))
        #expect(unread.checks.map(\.status) == [.fail, .unknown, .pass])
    }

    @Test func aDestructionMakesNoChecks() async throws {
        let fixture = try StackFixture(Self.spec)
        try await fixture.apply()
        let plan = try await fixture.plan(PlanOptions(mode: .destroy))
        #expect(plan.checks.isEmpty)
        let outcome = try await fixture.apply(plan)
        #expect(outcome.succeeded && outcome.checks.isEmpty)
    }

    @Test func secretsDoNotShowInResults() async throws {
        let fixture = try StackFixture(
            """
            variables: {word: {default: hush-hush, sensitive: true}}
            checks: {word: {assert: [{condition: '${var.word == ""}', error: "It is ${var.word}."}]}}
            """)
        let result = try await fixture.planned()
        #expect(result.plan.checks.map(\.problems) == [["(the message is sensitive)"]])
        #expect(result.warnings.lines == ["Check failed: The check \"word\" says: (the message is sensitive)"])
    }
}
