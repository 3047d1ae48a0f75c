import Planning
import PlumbModel
import StackFixtures
import StateBackendAPI
import Testing

/// What `moved`, and `count` that comes and goes, do to recorded rows.
struct MoveTests {
    private static func value(_ names: String...) -> String {
        names.map { "  data_value.\($0): {spec: {input: x}}\n" }.joined()
    }

    private func moves(_ plan: Plan) -> [String] { plan.moves.map { "\($0.from) -> \($0.to)" } }

    /// Applies the first spec, then gives the plan of the second.
    private func plan(_ before: String, _ after: String) async throws -> (StackFixture, Plan) {
        let fixture = try StackFixture(before)
        try await fixture.apply()
        try fixture.spec(after)
        return (fixture, try await fixture.plan())
    }

    @Test func aChainOfRenamesIsOneMove() async throws {
        let (fixture, plan) = try await plan(
            "resources:\n" + Self.value("a"),
            "resources:\n" + Self.value("c") + """
                moved:
                  - {from: data_value.b, to: data_value.c}
                  - {from: data_value.a, to: data_value.b}
                """)
        #expect(moves(plan) == ["data_value.a -> data_value.c"] && plan.changes.isEmpty && !plan.isEmpty)
        let id = try await fixture.record("data_value.a")?.values[key: "id"]
        #expect(try await fixture.apply(plan).succeeded)
        let record = try #require(try await fixture.record("data_value.c"))
        #expect(record.values[key: "id"] == id && id != nil)
        #expect(try await fixture.record("data_value.a") == nil)
        let second = try await fixture.plan()
        #expect(second.isEmpty && second.rewrites.isEmpty)
    }

    @Test func instancesMoveFromCountToNames() async throws {
        let (fixture, plan) = try await plan(
            "resources:\n  data_value.n: {count: 2, spec: {input: x}}\n",
            """
            resources:
              data_value.n: {for_each: {x: 1, y: 2}, spec: {input: x}}
            moved:
              - {from: 'data_value.n[0]', to: 'data_value.n["x"]'}
              - {from: 'data_value.n[1]', to: 'data_value.n["y"]'}
            """)
        #expect(moves(plan) == [#"data_value.n[0] -> data_value.n["x"]"#, #"data_value.n[1] -> data_value.n["y"]"#])
        #expect(plan.changes.isEmpty && plan.unchangedCount == 2)
        try await fixture.apply(plan)
        #expect(try await fixture.plan().isEmpty)
    }

    @Test func countComesAndGoesWithoutAStatement() async throws {
        let single = "resources:\n" + Self.value("a")
        let counted = "resources:\n  data_value.a: {count: 1, spec: {input: x}}\n"
        let (fixture, plan) = try await plan(single, counted)
        #expect(moves(plan) == ["data_value.a -> data_value.a[0]"] && plan.changes.isEmpty)
        try await fixture.apply(plan)
        try fixture.spec(single)
        let back = try await fixture.plan()
        #expect(moves(back) == ["data_value.a[0] -> data_value.a"] && back.changes.isEmpty)
        // With names there is no telling which of them it is.
        try fixture.spec("resources:\n  data_value.a: {for_each: {x: 1}, spec: {input: x}}\n")
        let named = try await fixture.plan()
        #expect(named.moves.isEmpty && named.summary.count == 2)
    }

    /// As Terraform decides: what stands at the new address stays, the other one is left where it is.
    @Test func aMoveToAnAddressThatIsTakenIsBlocked() async throws {
        let fixture = try StackFixture("resources:\n" + Self.value("x", "y"))
        try await fixture.apply()
        try fixture.spec(
            "resources:\n" + Self.value("z") + """
                moved:
                  - {from: data_value.x, to: data_value.y}
                  - {from: data_value.y, to: data_value.z}
                """)
        let result = try await fixture.planned()
        #expect(moves(result.plan) == ["data_value.y -> data_value.z"])
        #expect(result.plan.summary == ["delete data_value.x"])
        #expect(result.warnings.all.map(\.summary) == ["Move blocked"])
    }

    @Test func whatDependsOnAMovedRowNamesItByItsNewAddress() async throws {
        func spec(_ name: String, _ more: String) -> String {
            """
            resources:
              data_value.\(name): {spec: {input: x}}
              data_value.user: {spec: {input: "${data_value.\(name).output}"}}
            \(more)
            """
        }
        let (fixture, plan) = try await plan(
            spec("a", ""), spec("b", "moved: [{from: data_value.a, to: data_value.b}]"))
        #expect(plan.changes.isEmpty && plan.rewrites.isEmpty)
        try await fixture.apply(plan)
        #expect(try await fixture.record("data_value.user")?.dependencies.map(\.description) == ["data_value.b"])
        try fixture.spec("")
        let end = try await fixture.plan()
        let (user, used) = (end.position(.delete, "data_value.user"), end.position(.delete, "data_value.b"))
        #expect(try #require(user) < #require(used))
    }

    @Test func modulesMoveWithAllThatIsInThem() async throws {
        let fixture = try StackFixture("resources:\n" + Self.value("a"))
        try await fixture.apply()
        let row = try #require(try await fixture.record("data_value.a"))
        func put(_ address: String) throws -> StateWrite {
            var copy = row
            copy.address = try #require(ResourceAddress(parsing: address))
            return .put(copy, run: "other")
        }
        try await fixture.commit([
            try put(#"module.m["k"].data_value.x"#), try put("module.m[0].module.inner.data_value.y[1]"),
            try put("module.other.data_value.z"),
        ])
        try fixture.spec(
            """
            resources:
              data_value.a: {spec: {input: x}}
              data_value.out: {spec: {input: x}}
            moved:
              - {from: module.m, to: module.n.module.o}
              - {from: module.other.data_value.z, to: data_value.out}
            """)
        let plan = try await fixture.plan()
        #expect(
            moves(plan).sorted() == [
                #"module.m["k"].data_value.x -> module.n.module.o["k"].data_value.x"#,
                "module.m[0].module.inner.data_value.y[1] -> module.n.module.o[0].module.inner.data_value.y[1]",
                "module.other.data_value.z -> data_value.out",
            ])
    }

    @Test func anInterruptedCreationMovesAlong() async throws {
        let fixture = try StackFixture("resources:\n  local_file.a: {spec: {filename: a.txt, content: one}}\n")
        let create = try #require(try await fixture.plan().changes.first)
        try await fixture.commit([
            .openIntent(
                Intent(
                    id: "7b1f0000-0000-4000-8000-000000000001", run: "dead", address: create.address,
                    provider: create.provider, action: .create, planned: create.after, prior: nil))
        ])
        try fixture.write("a.txt", "one")
        try fixture.spec(
            """
            resources:
              local_file.b: {spec: {filename: a.txt, content: one}}
            moved: [{from: local_file.a, to: local_file.b}]
            """)
        let plan = try await fixture.plan()
        #expect(plan.changes.isEmpty && moves(plan) == ["local_file.a -> local_file.b"])
        #expect(try await fixture.apply(plan).succeeded)
        #expect(try await fixture.record("local_file.b") != nil)
        #expect(try await fixture.plan().isEmpty)
    }

    @Test func aPlanWithAMoveIsStaleWhenEitherAddressHasChanged() async throws {
        let (fixture, plan) = try await plan(
            "resources:\n" + Self.value("a"),
            "resources:\n" + Self.value("b") + "moved: [{from: data_value.a, to: data_value.b}]\n")
        var taken = try #require(try await fixture.record("data_value.a"))
        taken.address = try #require(ResourceAddress(parsing: "data_value.b"))
        try await fixture.commit([.put(taken, run: "other")])
        let stale = try await problems { try await fixture.apply(plan) }
        #expect(stale.all.map(\.summary) == ["Plan is stale"])
        try await fixture.commit([.remove(taken.address, deposedKey: nil, run: "other")])
        #expect(try await fixture.apply(plan).succeeded)
    }

    @Test func whatLooksLikeAMoveIsProposed() async throws {
        func proposal(_ before: String, _ after: String) async throws -> [String] {
            let fixture = try StackFixture("resources:\n" + before)
            try await fixture.apply()
            try fixture.spec("resources:\n" + after)
            let found = try await fixture.planned().warnings.all
            return found.flatMap { $0.detail.split(separator: "\n").dropFirst(2).map { $0.trimmingPrefix("    - ") } }
                .map(String.init)
        }
        // The same values.
        #expect(
            try await proposal("  data_value.a: {spec: {input: one}}\n", "  data_value.b: {spec: {input: one}}\n")
                == ["{from: data_value.a, to: data_value.b}"])
        // The same identity, though something else has changed.
        #expect(
            try await proposal(
                "  local_file.a: {spec: {filename: f, content: one}}\n",
                "  local_file.b: {spec: {filename: f, content: two}}\n") == ["{from: local_file.a, to: local_file.b}"])
        // All instances with their keys: one entry.
        #expect(
            try await proposal(
                "  data_value.a: {for_each: {x: 1, y: 2}, spec: {input: \"${each.value}\"}}\n",
                "  data_value.b: {for_each: {x: 1, y: 2}, spec: {input: \"${each.value}\"}}\n")
                == ["{from: data_value.a, to: data_value.b}"])
        // Nobody can tell which is which.
        #expect(
            try await proposal(
                "  data_value.a: {count: 2, spec: {input: one}}\n",
                "  data_value.b: {for_each: {x: 1, y: 2}, spec: {input: one}}\n"
            ).isEmpty)
        // Different things.
        #expect(
            try await proposal("  data_value.a: {spec: {input: one}}\n", "  data_value.b: {spec: {input: two}}\n")
                .isEmpty)
    }
}
