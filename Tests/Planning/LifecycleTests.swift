import Planning
import PlumbModel
import StackFixtures
import Testing

/// `lifecycle` with expressions, paths and keys, and readiness from one plan to the next.
struct LifecycleTests {
    struct Ignoring: Sendable {
        let paths: String
        let before: String
        let after: String

        init(_ paths: String, _ before: String, _ after: String) {
            self.paths = paths
            self.before = before
            self.after = after
        }
    }

    static let ignoring = [
        Ignoring(#"['input.tags["owner"]']"#, "{tags: {owner: a, team: b}}", "{tags: {owner: me, team: b}}"),
        Ignoring("[input.tags.owner]", "{tags: {owner: a, team: b}}", "{tags: {team: b}}"),
        Ignoring("[input.tags.owner]", "{tags: {team: b}}", "{tags: {owner: a, team: b}}"),
        Ignoring(#"["input.tags[*]"]"#, "{tags: {owner: a, team: b}}", "{tags: {owner: me}}"),
        Ignoring("['input.list[0].x']", "{list: [{x: 1, y: 2}]}", "{list: [{x: 9, y: 2}]}"),
        Ignoring(
            "['input.list[*].x']", "{list: [{x: 1, y: 2}, {x: 3, y: 4}]}", "{list: [{x: 9, y: 2}, {x: 8, y: 4}]}"),
        Ignoring("[spec.input.tags]", "{tags: {owner: a}}", "{tags: 5}"),
        Ignoring("\"${var.ignored}\"", "{tags: {owner: a}}", "{tags: {owner: me}}"),
        Ignoring("[\"${var.ignored[0]}\"]", "{tags: {owner: a}}", "{tags: {owner: me}}"),
        Ignoring("all", "{tags: a}", "{anything: else}"),
        Ignoring("\"${var.everything}\"", "{tags: a}", "{anything: else}"),
    ]

    @Test(arguments: ignoring)
    func ignoredPathsAreLeftAsTheyAre(_ ignoring: Ignoring) async throws {
        func spec(_ input: String, _ lifecycle: String) -> String {
            """
            variables:
              ignored: {type: list(string), default: [input.tags]}
              everything: {type: string, default: all}
            resources:
              data_value.a:
                spec: {input: \(input)}
                \(lifecycle)
            """
        }
        let fixture = try StackFixture(spec(ignoring.before, ""))
        try await fixture.apply()
        try fixture.spec(spec(ignoring.after, "lifecycle: {ignore_changes: \(ignoring.paths)}"))
        #expect(try await fixture.plan().isEmpty)
        try fixture.spec(spec(ignoring.after, ""))
        #expect(try await fixture.plan().summary == ["update data_value.a"])
    }

    /// Nothing is there yet whose changes could be ignored, but the spec is wrong now.
    @Test func anUnknownIgnoredPathIsRefusedBeforeTheCreation() async throws {
        let fixture = try StackFixture(
            """
            variables: {ignored: {default: [inputs]}}
            resources:
              data_value.a: {spec: {input: 1}, lifecycle: {ignore_changes: "${var.ignored}"}}
            """)
        let error = await #expect(throws: Diagnostics.self) { try await fixture.plan() }
        #expect(error?.all.first?.detail.contains("names \"inputs\", but data_value has no such attribute") == true)
    }

    /// What is ignored is only what is named.
    @Test func besideIgnoredPathsChangesAreSeen() async throws {
        func spec(_ x: Int, _ y: Int) -> String {
            """
            resources:
              data_value.a:
                lifecycle: {ignore_changes: ['input[*].x']}
                spec: {input: [{x: \(x), y: \(y)}]}
            """
        }
        let fixture = try StackFixture(spec(1, 1))
        try await fixture.apply()
        try fixture.spec(spec(2, 2))
        let after = try await fixture.plan().changes.first?.after
        #expect(after?[key: "input"]?.isSame(as: [["x": 1, "y": 2]]) == true)
    }

    @Test func triggersAreAttributesAndComputedKeys() async throws {
        func spec(_ v: Int, _ w: Int) -> String {
            """
            resources:
              data_value.a: {for_each: {x: \(v), y: 1}, spec: {input: {v: "${each.value}", w: \(w)}}}
              data_value.by_key:
                for_each: {x: 1, y: 1}
                lifecycle: {replace_triggered_by: ["data_value.a[each.key].input.v"]}
              data_value.whole: {lifecycle: {replace_triggered_by: [data_value.a]}}
              data_value.by_index:
                count: 2
                lifecycle: {replace_triggered_by: ["${data_value.a[count.index == 0 ? \\"x\\" : \\"y\\"]}"]}
            """
        }
        let fixture = try StackFixture(spec(1, 1))
        try await fixture.apply()
        try fixture.spec(spec(2, 1))
        let one = try await fixture.plan()
        #expect(
            one.summary == [
                #"update data_value.a["x"]"#, #"replace data_value.by_key["x"]"#, "replace data_value.whole",
                "replace data_value.by_index[0]",
            ])
        try fixture.spec(spec(1, 2))
        let other = try await fixture.plan()
        #expect(other.summary.filter { $0.contains("by_key") }.isEmpty)
        #expect(other.summary.filter { $0.contains("by_index") }.count == 2)
    }

    /// As in Terraform: only what is changed or replaced triggers.
    @Test func whatIsNewTriggersNothing() async throws {
        let user = "  data_value.b: {lifecycle: {replace_triggered_by: [data_value.a]}}\n"
        let fixture = try StackFixture("resources:\n  data_value.b: {}\n")
        try await fixture.apply()
        try fixture.spec("resources:\n  data_value.a: {}\n" + user)
        #expect(try await fixture.plan().summary == ["create data_value.a"])
    }

    @Test func createBeforeDestroyIsToldForEachInstance() async throws {
        func spec(_ version: Int) -> String {
            """
            resources:
              data_value.base: {for_each: {x: 1, y: 1}, spec: {triggers_replace: \(version)}}
              data_value.top:
                for_each: {x: true, y: false}
                lifecycle: {create_before_destroy: "${each.value}"}
                spec: {triggers_replace: "${data_value.base[each.key].id}"}
            """
        }
        let fixture = try StackFixture(spec(1))
        try await fixture.apply()
        try fixture.spec(spec(2))
        let plan = try await fixture.plan()
        #expect(
            plan.summary.sorted() == [
                #"replace data_value.base["y"]"#, #"replace data_value.top["y"]"#,
                #"replace, create first data_value.base["x"]"#, #"replace, create first data_value.top["x"]"#,
            ])
    }

    @Test func whatWasNotReadyIsWaitedForAgain() async throws {
        let fixture = try StackFixture(
            """
            resources:
              data_value.late: {ready: {when: '${fileexists("go")}', timeout: 200ms}}
              data_value.after: {spec: {input: "${data_value.late.id}"}}
            """)
        #expect(try await !fixture.apply().succeeded)
        #expect(try await fixture.record("data_value.late")?.status == .unready)
        let waiting = try await fixture.plan()
        #expect(waiting.summary == ["wait data_value.late", "create data_value.after"])
        let wait = try #require(waiting.position(.wait, "data_value.late"))
        #expect(waiting.steps[try #require(waiting.position(.create, "data_value.after"))].after == [wait])
        #expect(try await !fixture.apply(waiting).succeeded)
        #expect(try await fixture.record("data_value.after") == nil)
        try fixture.write("go", "")
        let going = try await fixture.plan()
        #expect(going.summary == ["create data_value.after"])
        #expect(try await fixture.apply(going).succeeded)
        #expect(try await fixture.record("data_value.late")?.status == .ready)
        let done = try await fixture.plan()
        #expect(done.isEmpty && done.rewrites.isEmpty)
    }

    @Test func aWaitThatEndsWellGoesOn() async throws {
        let fixture = try StackFixture(
            """
            resources:
              data_value.late: {ready: {when: '${fileexists("go")}', timeout: 200ms}}
              data_value.after: {spec: {input: "${data_value.late.id}"}}
            """)
        try await fixture.apply()
        let plan = try await fixture.plan()
        try fixture.write("go", "")
        #expect(try await fixture.apply(plan).succeeded)
        #expect(try await fixture.record("data_value.late")?.status == .ready)
        #expect(try await fixture.plan().isEmpty)
    }
}
