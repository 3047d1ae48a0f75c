import Planning
import PlumbModel
import StackFixtures
import Testing

/// Conditions of resources, data, outputs and variables: what blocks a plan, what waits for the apply.
struct ConditionTests {
    // MARK: - Resources

    @Test func whatAPlanKnowsBlocksItAndAllIsTold() async throws {
        let fixture = try StackFixture(
            """
            resources:
              data_value.a:
                spec: {input: x}
                lifecycle:
                  preconditions:
                    - {condition: "${length(stack.name) > 9}", error: Pre one.}
                    - {condition: "${length(stack.name) > 8}", error: Pre two.}
              data_value.b:
                spec: {input: x}
                lifecycle:
                  postconditions:
                    - {condition: '${self.input == "y"}', error: Post one.}
                    - {condition: '${self.input == "z"}', error: Post two.}
                    - {condition: '${self.id != ""}', error: Not known yet.}
            """)
        let found = try await problems { _ = try await fixture.plan() }
        #expect(
            found.lines == [
                "Precondition failed: Pre one.", "Precondition failed: Pre two.", "Postcondition failed: Post one.",
                "Postcondition failed: Post two.",
            ])
    }

    @Test func aPreconditionComesBeforeTheValuesThatItGuards() async throws {
        // That the list is empty is known only while planning, so that resolving lets it pass.
        let fixture = try StackFixture(
            """
            resources:
              data_value.source: {spec: {input: []}}
              data_value.user:
                spec: {input: "${data_value.source.input[0]}"}
                lifecycle:
                  preconditions: [{condition: "${length(data_value.source.input) > 0}", error: Give a name.}]
            """)
        let found = try await problems { _ = try await fixture.plan() }
        #expect(found.lines == ["Precondition failed: Give a name."])
    }

    private static func lateConditions(_ pattern: String) -> String {
        """
        resources:
          data_value.late: {spec: {input: 1}, lifecycle: {replace_triggered_by: [data_value.trigger]}}
          data_value.trigger: {spec: {input: TRIGGER}}
          data_value.stays:
            spec: {input: same}
            lifecycle:
              preconditions: [{condition: '${\(pattern)}', error: Not this one.}]
        """
    }

    @Test func aConditionOfWhatStaysIsHeldAfterTheApplyWhereThePlanCannotTell() async throws {
        let holds = Self.lateConditions("length(data_value.late.id) == 36")
        let fixture = try StackFixture(holds.replacing("TRIGGER", with: "1"))
        let first = try await fixture.plan()
        #expect(first.checks == [CheckResult(.resource(.stays), .unknown)])
        let outcome = try await fixture.apply(first)
        #expect(outcome.succeeded && outcome.checks == [CheckResult(.resource(.stays), .pass)])
        try fixture.spec(
            Self.lateConditions("length(data_value.late.id) == 35").replacing("TRIGGER", with: "2"))
        let plan = try await fixture.plan()
        #expect(!plan.summary.contains { $0.hasSuffix("data_value.stays") })
        let failed = try await fixture.apply(plan)
        #expect(!failed.succeeded && failed.diagnostics.lines == ["Precondition failed: Not this one."])
        #expect(failed.checks == [CheckResult(.resource(.stays), .fail, problems: ["Not this one."])])
    }

    @Test func aConditionOfWhatIsMadeIsToldOnce() async throws {
        let fixture = try StackFixture(
            """
            resources:
              data_value.a:
                spec: {input: x}
                lifecycle: {postconditions: [{condition: '${self.id == ""}', error: "It is ${self.input}."}]}
            """)
        let outcome = try await fixture.apply()
        #expect(outcome.diagnostics.lines == ["Postcondition failed: It is x."])
        #expect(outcome.checks.map(\.status) == [.fail])
    }

    // MARK: - Outputs

    @Test func anOutputThatMustNotBeIsNotPlanned() async throws {
        let fixture = try StackFixture(
            """
            outputs:
              a:
                value: "${[1][length(stack.name)]}"
                preconditions:
                  - {condition: '${stack.name == "x"}', error: One.}
                  - {condition: '${stack.name == "y"}', error: Two.}
            """)
        // Resolving evaluates the value, for an expression that can never work is a mistake of its own.
        #expect(try await problems { _ = try await fixture.plan() }.all.map(\.summary) == ["Invalid index"])
        try fixture.spec(try #require(fixture.read("main.yaml")).replacing("[1][length(stack.name)]", with: "1"))
        #expect(
            try await problems { _ = try await fixture.plan() }.lines == [
                "Precondition of an output failed: One.", "Precondition of an output failed: Two.",
            ])
    }

    @Test func anOutputThatOnlyTheApplyCanJudgeStaysAsItWas() async throws {
        func spec(_ value: Int, _ length: Int, _ trigger: Int) -> String {
            """
            resources:
              data_value.a: {spec: {triggers_replace: \(trigger)}}
            outputs:
              a:
                value: \(value)
                depends_on: [data_value.a]
                preconditions: [{condition: "${length(data_value.a.id) == \(length)}", error: Wrong length.}]
            """
        }
        let fixture = try StackFixture(spec(1, 36, 1))
        let plan = try await fixture.plan()
        #expect(plan.checks == [CheckResult(.output("a"), .unknown)])
        let outcome = try await fixture.apply(plan)
        #expect(outcome.succeeded && outcome.checks == [CheckResult(.output("a"), .pass)])
        try fixture.spec(spec(2, 35, 2))
        let failed = try await fixture.apply()
        #expect(failed.diagnostics.lines == ["Precondition of an output failed: Wrong length."])
        #expect(try await fixture.output("a") == 1)
    }

    // MARK: - Variables

    @Test func aRuleMayWaitForAResource() async throws {
        let fixture = try StackFixture(
            """
            variables:
              length:
                default: 35
                validation:
                  - {condition: "${var.length == local.real}", error: "It is ${local.real}."}
            locals: {real: "${length(data_value.a.id)}"}
            resources: {data_value.a: {}}
            """)
        let plan = try await fixture.plan()
        #expect(plan.checks == [CheckResult(.variable("length"), .unknown)])
        let outcome = try await fixture.apply(plan)
        #expect(
            outcome.diagnostics.lines == ["Invalid variable value: The value of \"length\" is not allowed: It is 36."])
        let found = try await problems { _ = try await fixture.plan() }
        #expect(found.all.map(\.summary) == ["Invalid variable value"])
    }

    @Test func givingADeprecatedVariableAValueIsWarnedOfWithItsPlace() async throws {
        let fixture = try StackFixture("variables: {size: {default: 1, deprecated: Use count.}}\n")
        #expect(try await fixture.warnings().isEmpty)
        try fixture.write("prod.vars.yaml", "\nsize: 2\n")
        let warning = try #require(try await fixture.warnings().all.first)
        #expect(warning.severity == .warning && warning.source?.file.path == "prod.vars.yaml")
        #expect(warning.source?.startPosition.line == 2)
        #expect(
            warning.detail == "A value is given for \"size\" (from prod.vars.yaml:2:1), which is deprecated: Use count."
        )
    }
}

extension ResourceAddress {
    fileprivate static let stays = ResourceAddress("data_value", "stays")
}
