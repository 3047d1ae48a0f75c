import Planning
import PlumbModel
import StackFixtures
import StateBackendAPI
import Testing

/// What a plan decides of one resource: drift, protection, triggers, ignored changes, conditions, marks.
struct DecisionTests {
    private static let file = "resources:\n  local_file.a:\n    spec: {filename: a.txt, content: one}\n"

    @Test func driftIsToldApartFromChange() async throws {
        let fixture = try StackFixture(Self.file)
        try await fixture.apply()
        try fixture.write("a.txt", "two")
        #expect(try await fixture.plan().changes.first?.reason == .drifted)
        try fixture.spec(Self.file.replacing("content: one", with: "content: three"))
        #expect(try await fixture.plan().changes.first?.reason == .changedAndDrifted)
        try fixture.write("a.txt", "one")
        #expect(try await fixture.plan().changes.first?.reason == .changed)
        try fixture.remove("a.txt")
        let gone = try await fixture.plan()
        #expect(gone.summary == ["create local_file.a"] && gone.changes.first?.reason == .goneOutside)
    }

    @Test func refreshOnlyRecordsWhatIsLiveAndKeepsOutputs() async throws {
        let fixture = try StackFixture(
            Self.file + "  local_file.b:\n    spec: {filename: b.txt, content: b}\noutputs:\n  it: {value: 1}\n")
        try await fixture.apply()
        try fixture.write("a.txt", "two")
        try fixture.remove("b.txt")
        let plan = try await fixture.plan(PlanOptions(mode: .refreshOnly))
        #expect(!plan.isEmpty && plan.changes.isEmpty)
        #expect(try await fixture.apply(plan).succeeded)
        #expect(try await fixture.record("local_file.a")?.values[key: "content"] == "two")
        #expect(try await fixture.record("local_file.b") == nil)
        #expect(try await fixture.output("it") == 1)
        #expect(try await fixture.plan(PlanOptions(mode: .refreshOnly)).isEmpty)
    }

    @Test func aDeposedInstanceThatIsGoneTakesOnlyItsOwnRow() async throws {
        let fixture = try StackFixture(Self.file)
        try await fixture.apply()
        var old = try #require(try await fixture.record("local_file.a"))
        old.deposedKey = "0123abcd"
        old.values = old.values.asMap.map { .object($0.merging(ValueMap([("filename", "old.txt")]))) } ?? .null
        try await fixture.commit([.put(old, run: "other")])
        let plan = try await fixture.plan()
        #expect(plan.isEmpty && plan.rewrites.map(\.deposedKey) == ["0123abcd"])
        try await fixture.apply(plan)
        #expect(try await fixture.record("local_file.a") != nil)
        #expect(try await fixture.record("local_file.a", "0123abcd") == nil)
        #expect(fixture.read("a.txt") == "one")
    }

    @Test func aDeposedInstanceIsDestroyed() async throws {
        let fixture = try StackFixture(Self.file)
        try await fixture.apply()
        try fixture.write("old.txt", "one")
        var old = try #require(try await fixture.record("local_file.a"))
        old.deposedKey = "0123abcd"
        old.values = old.values.asMap.map { .object($0.merging(ValueMap([("filename", "old.txt")]))) } ?? .null
        try await fixture.commit([.put(old, run: "other")])
        let plan = try await fixture.plan()
        #expect(plan.summary == ["delete local_file.a (0123abcd)"])
        #expect(try await fixture.apply(plan).succeeded)
        #expect(fixture.read("old.txt") == nil && fixture.read("a.txt") == "one")
    }

    @Test func protectionOutlivesTheDeclaration() async throws {
        let fixture = try StackFixture(Self.file + "    lifecycle: {prevent_destroy: true}\n")
        try await fixture.apply()
        try fixture.spec("")
        #expect(try await problems { _ = try await fixture.plan() }.all.map(\.summary) == ["Protected resource"])
        try fixture.spec(Self.file + "    lifecycle: {prevent_destroy: false}\n")
        let lifting = try await fixture.plan()
        #expect(lifting.isEmpty && lifting.rewrites.count == 1)
        try await fixture.apply(lifting)
        try fixture.spec("")
        #expect(try await fixture.plan().summary == ["delete local_file.a"])
    }

    @Test func retainForgetsAndIsNeverGuessed() async throws {
        func spec(_ keys: String, _ retain: String) -> String {
            """
            resources:
              local_file.a:
                for_each: {\(keys)}
                lifecycle: {retain: \(retain)}
                spec: {filename: "${each.key}", content: x}
            """
        }
        let fixture = try StackFixture(spec("x: true, y: true", "true"))
        try await fixture.apply()
        try fixture.spec(spec("x: true", "true"))
        let plan = try await fixture.plan()
        #expect(plan.summary == ["forget local_file.a[\"y\"]"])
        try fixture.spec(spec("x: true", "\"${each.value}\""))
        #expect(try await problems { _ = try await fixture.plan() }.all.map(\.summary) == ["Invalid lifecycle value"])
        try await fixture.apply(plan)
        #expect(fixture.read("y") == "x")
        #expect(try await fixture.record("local_file.a[\"y\"]") == nil)
    }

    @Test(arguments: [false, true])
    func retainAlsoKeepsWhatIsReplaced(_ createsFirst: Bool) async throws {
        func spec(_ name: String) -> String {
            """
            resources:
              local_file.a:
                lifecycle: {retain: true, prevent_destroy: true, create_before_destroy: \(createsFirst)}
                spec: {filename: \(name), content: x}
            """
        }
        let fixture = try StackFixture(spec("one"))
        try await fixture.apply()
        try fixture.spec(spec("two"))
        let plan = try await fixture.plan()
        #expect(plan.summary == [createsFirst ? "replace, create first local_file.a" : "replace local_file.a"])
        #expect(Set(plan.steps.map(\.kind)) == [.create, .forget])
        #expect(try await fixture.apply(plan).succeeded)
        #expect(fixture.read("one") == "x" && fixture.read("two") == "x")
        #expect(try await fixture.snapshot().resources.count == 1)
        #expect(try await fixture.plan().isEmpty)
    }

    @Test func whyAKeyHasGoneIsToldApart() async throws {
        func spec(_ repetition: String) -> String { "resources:\n  data_value.a: {\(repetition) spec: {input: x}}\n" }
        func reason(_ before: String, _ after: String) async throws -> PlannedChange.Reason? {
            let fixture = try StackFixture(spec(before))
            try await fixture.apply()
            try fixture.spec(spec(after))
            return try await fixture.plan().changes.first { $0.action == .delete }?.reason
        }
        #expect(try await reason("count: 2,", "count: 1,") == .keyGone)
        #expect(try await reason("count: 1,", "for_each: {x: 1},") == .wrongRepetition)
        #expect(try await reason("", "for_each: {x: 1},") == .wrongRepetition)
        #expect(try await reason("for_each: {x: 1, y: 1},", "for_each: {x: 1},") == .keyGone)
        #expect(try await reason("for_each: {x: 1},", "") == .wrongRepetition)
    }

    @Test func ignoredChangesAreIgnoredAlsoInside() async throws {
        func spec(_ values: String) -> String {
            """
            resources:
              data_value.a:
                lifecycle: {ignore_changes: [input.inner]}
                spec: {input: {\(values)}}
            """
        }
        let fixture = try StackFixture(spec("inner: 1, outer: 1"))
        try await fixture.apply()
        try fixture.spec(spec("inner: 2, outer: 1"))
        #expect(try await fixture.plan().isEmpty)
        try fixture.spec(spec("inner: 2, outer: 2"))
        let after = try await fixture.plan().changes.first?.after
        #expect(after?[key: "input"]?.isSame(as: ["inner": 1, "outer": 2]) == true)
    }

    @Test func triggersReplaceTheInstanceThatTheyName() async throws {
        func spec(_ x: String) -> String {
            """
            resources:
              data_value.a: {for_each: {x: \(x), y: 1}, spec: {input: "${each.value}"}}
              data_value.b:
                lifecycle: {replace_triggered_by: ['data_value.a["x"]']}
                spec: {input: b}
              data_value.c:
                lifecycle: {replace_triggered_by: ['data_value.a["y"]']}
                spec: {input: c}
            """
        }
        let fixture = try StackFixture(spec("1"))
        try await fixture.apply()
        try fixture.spec(spec("2"))
        let plan = try await fixture.plan()
        #expect(plan.summary == ["update data_value.a[\"x\"]", "replace data_value.b"])
    }

    @Test func conditionsAreHeldAgainstWhatStays() async throws {
        func spec(_ limit: Int) -> String {
            Self.file + """
                    lifecycle:
                      postconditions:
                        - {condition: "${length(self.content) > \(limit)}", error: "Too short."}
                """
        }
        let fixture = try StackFixture(spec(2))
        #expect(try await fixture.apply().succeeded)
        try fixture.spec(spec(3))
        let found = try await problems { _ = try await fixture.plan() }
        #expect(found.lines == ["Postcondition failed: Too short."])
    }

    @Test func localsForLifecycleFlagsDoNotFreezeOtherValues() async throws {
        let fixture = try StackFixture(
            """
            locals:
              settings: {first: true, id: "${data_value.a.input}"}
            resources:
              data_value.a: {spec: {input: known}}
              data_value.b:
                lifecycle: {create_before_destroy: "${local.settings.first}"}
                spec: {input: "${local.settings.id}"}
            """)
        let plan = try await fixture.plan()
        #expect(plan.changes.last?.after?[key: "input"] == "known")
    }

    @Test func marksSurviveStateAndTheSecondPlanIsEmpty() async throws {
        let fixture = try StackFixture(
            """
            variables:
              secret: {type: string, default: hush-hush, sensitive: true}
            resources:
              data_value.a: {spec: {input: {public: x, deep: [{secret: "${var.secret}"}]}}}
              local_file.a: {spec: {filename: a.txt, content: "${var.secret}"}}
            outputs:
              all: {value: "${data_value.a.output}", sensitive: true}
            """)
        try await fixture.apply()
        let plan = try await fixture.plan()
        #expect(plan.isEmpty && plan.rewrites.isEmpty)
        let input = try #require(try await fixture.record("data_value.a")?.values[key: "input"])
        #expect(input.containsSensitive && input[key: "public"]?.containsSensitive == false)
        let output = try #require(try await fixture.record("data_value.a")?.values[key: "output"])
        #expect(output.containsSensitive && output[key: "public"]?.containsSensitive == false)
        let file = try await fixture.record("local_file.a")?.values[key: "content"]
        #expect(file?.isSensitive == true && file?.asString == "hush-hush")
    }

    @Test func aValueThatBecomesSecretIsSealedInTheState() async throws {
        func spec(_ sensitive: Bool) -> String {
            """
            variables:
              word: {type: string, default: hush-hush, sensitive: \(sensitive)}
            resources:
              data_value.a: {spec: {input: "${var.word}"}}
            """
        }
        let fixture = try StackFixture(spec(false))
        try await fixture.apply()
        try fixture.spec(spec(true))
        let plan = try await fixture.plan()
        #expect(plan.isEmpty && plan.rewrites.count == 1)
        try await fixture.apply(plan)
        #expect(try await fixture.record("data_value.a")?.values[key: "input"]?.isSensitive == true)
        let second = try await fixture.plan()
        #expect(second.rewrites.isEmpty)
    }
}
