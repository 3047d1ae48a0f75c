import PlumbModel
import StackFixtures
import Testing

/// What `removed` does with what is no longer declared, and how it lifts a protection.
struct RemovalTests {
    private static let file = "resources:\n  local_file.a: {spec: {filename: a.txt, content: one}}\n"

    @Test func whatIsRemovedIsDestroyedOrForgotten() async throws {
        let fixture = try StackFixture(Self.file)
        try await fixture.apply()
        try fixture.spec("removed: [{from: local_file.a}]\n")
        let destroying = try await fixture.plan()
        #expect(destroying.summary == ["delete local_file.a"] && destroying.changes.first?.reason == .removed)
        try fixture.spec("removed: [{from: local_file.a, lifecycle: {destroy: false}}]\n")
        let plan = try await fixture.plan()
        #expect(plan.summary == ["forget local_file.a"])
        try await fixture.apply(plan)
        #expect(fixture.read("a.txt") == "one")
        #expect(try await fixture.record("local_file.a") == nil)
        #expect(try await fixture.plan().isEmpty)
    }

    @Test func oneInstanceCanBeForgotten() async throws {
        func spec(_ keys: String) -> String {
            "resources:\n  local_file.a: {for_each: {\(keys)}, spec: {filename: \"${each.key}\", content: x}}\n"
        }
        let fixture = try StackFixture(spec("x: 1, y: 2, z: 3"))
        try await fixture.apply()
        try fixture.spec(
            spec("x: 1") + "variables: {keep: {type: bool, default: true}}\nremoved:\n  - from: local_file.a[\"y\"]\n"
                + "    destroy: ${!var.keep}\n")
        let plan = try await fixture.plan()
        #expect(plan.summary == [#"forget local_file.a["y"]"#, #"delete local_file.a["z"]"#])
    }

    @Test func whatIsKnownOnlyAfterApplyDecidesNothing() async throws {
        let fixture = try StackFixture(Self.file)
        try await fixture.apply()
        try fixture.spec(
            """
            resources: {local_file.b: {spec: {filename: b.txt, content: x}}}
            removed: [{from: local_file.a, destroy: '${uuid() == ""}'}]
            import: [{to: local_file.b, id: '${uuid()}'}]
            """)
        let refused = try await problems { _ = try await fixture.plan() }
        #expect(refused.all.map(\.summary) == ["Wrong type", "Invalid import"])
        #expect(refused.all.allSatisfy { $0.detail.contains("known only after apply") })
    }

    @Test func protectionIsLiftedByWordAlone() async throws {
        let fixture = try StackFixture(
            Self.file.replacing("spec:", with: "lifecycle: {prevent_destroy: true}, spec:"))
        try await fixture.apply()
        // The line is gone, and an apply has seen that: it is protected still.
        try fixture.spec(Self.file)
        let silent = try await fixture.plan()
        #expect(silent.isEmpty && silent.rewrites.isEmpty)
        try fixture.spec("removed: [{from: local_file.a}]\n")
        let refused = try await problems { _ = try await fixture.plan() }
        #expect(refused.all.map(\.summary) == ["Protected resource"])
        #expect(refused.all.first?.detail.contains("lifecycle: {prevent_destroy: false}") == true)
        try fixture.spec("removed: [{from: local_file.a, lifecycle: {prevent_destroy: false}}]\n")
        #expect(try await fixture.plan().summary == ["delete local_file.a"])
    }
}
