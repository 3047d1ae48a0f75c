import Planning
import PlumbModel
import StackFixtures
import Testing

/// In which order the steps of a plan go, and which rows it says it was decided from.
struct OrderTests {
    private static func chain(_ name: String, _ lifecycle: String = "") -> String {
        """
        resources:
          local_file.base:
            spec: {filename: base-\(name).txt, content: x}
          local_file.top:
            \(lifecycle)
            spec: {filename: "top-\(name).txt", content: "${local_file.base.filename}"}
        """
    }

    @Test func aReplacementDestroysFromTheTopAndCreatesFromTheBottom() async throws {
        let fixture = try StackFixture(Self.chain("1"))
        try await fixture.apply()
        try fixture.spec(Self.chain("2"))
        let plan = try await fixture.plan()
        #expect(plan.summary == ["replace local_file.base", "replace local_file.top"])
        let order =
            ["local_file.top", "local_file.base"].compactMap { plan.position(.delete, $0) }
            + ["local_file.base", "local_file.top"].compactMap { plan.position(.create, $0) }
        #expect(order.count == 4 && order == order.sorted())
        #expect(try await fixture.apply(plan).succeeded)
        #expect(try await fixture.plan().isEmpty)
    }

    @Test func createBeforeDestroyTakesAlongWhatItWaitsFor() async throws {
        let lifecycle = "lifecycle: {create_before_destroy: true}"
        let fixture = try StackFixture(Self.chain("1", lifecycle))
        try await fixture.apply()
        try fixture.spec(Self.chain("2", lifecycle))
        let plan = try await fixture.plan()
        #expect(plan.summary == ["replace, create first local_file.base", "replace, create first local_file.top"])
        let order =
            ["local_file.base", "local_file.top"].compactMap { plan.position(.create, $0) }
            + ["local_file.top", "local_file.base"].compactMap { plan.position(.delete, $0) }
        #expect(order.count == 4 && order == order.sorted())
        #expect(try await fixture.apply(plan).succeeded)
        #expect(try await fixture.snapshot().resources.allSatisfy { $0.deposedKey == nil })
        #expect(fixture.read("top-1.txt") == nil && fixture.read("top-2.txt") != nil)
        #expect(try await fixture.plan().isEmpty)
    }

    @Test func whatIsDestroyedWaitsForThoseThatTurnAway() async throws {
        let fixture = try StackFixture(Self.chain("1"))
        try await fixture.apply()
        try fixture.spec("resources:\n  local_file.top:\n    spec: {filename: top-1.txt, content: alone}\n")
        let plan = try await fixture.plan()
        #expect(plan.summary == ["update local_file.top", "delete local_file.base"])
        let update = try #require(plan.position(.update, "local_file.top"))
        let delete = try #require(plan.position(.delete, "local_file.base"))
        #expect(update < delete)
    }

    @Test func dependenciesThroughDataAreRecorded() async throws {
        let fixture = try StackFixture(
            """
            resources:
              local_file.base:
                spec: {filename: base.txt, content: hello}
              local_file.top:
                spec: {filename: top.txt, content: '${data.local_file.read["x"].content}!'}
            data:
              local_file.read:
                for_each: {x: 1}
                depends_on: [local_file.base]
                spec: {filename: "${local_file.base.filename}"}
            """)
        let plan = try await fixture.plan()
        let read = try #require(plan.position(.read, "data.local_file.read[\"x\"]"))
        let create = try #require(plan.position(.create, "local_file.top"))
        #expect(read < create)
        #expect(try await fixture.apply(plan).succeeded)
        #expect(fixture.read("top.txt") == "hello!")
        let dependencies = try await fixture.record("local_file.top")?.dependencies.map(\.description)
        #expect(dependencies == ["local_file.base"])
        #expect(try await fixture.plan().isEmpty)
        let destruction = try await fixture.plan(PlanOptions(mode: .destroy))
        let top = try #require(destruction.position(.delete, "local_file.top"))
        let base = try #require(destruction.position(.delete, "local_file.base"))
        #expect(top < base)
    }

    @Test func theReadSetIsWhatTheChangesWereDecidedFrom() async throws {
        let fixture = try StackFixture(Self.chain("1") + "\n  data_value.other:\n    spec: {input: 1}\n")
        try await fixture.apply()
        try fixture.spec(
            Self.chain("1").replacing("content: x", with: "content: y")
                + "\n  data_value.other:\n    spec: {input: 1}\n")
        let plan = try await fixture.plan()
        #expect(plan.readSet.rows.map(\.address.description) == ["local_file.base"])
        #expect(plan.readSet.rows.first?.generation == (try await fixture.record("local_file.base")?.generation))
    }

    @Test func destructionWithTargetsTakesDependentsAndWithExclusionsKeepsDependencies() async throws {
        let fixture = try StackFixture(
            """
            resources:
              data_value.a: {for_each: {x: 1, y: 2}, spec: {input: "${each.key}"}}
              data_value.b: {spec: {input: "${[for a in data_value.a : a.id]}"}}
              data_value.c: {spec: {input: "${data_value.b.id}"}}
            outputs:
              c: {value: "${data_value.c.id}"}
            """)
        try await fixture.apply()
        let target = try await fixture.plan(
            PlanOptions(mode: .destroy, targets: [AddressPattern("data_value.a[\"x\"]")]))
        #expect(
            target.summary.sorted() == [
                "delete data_value.a[\"x\"]", "delete data_value.b", "delete data_value.c",
            ])
        let excluded = try await fixture.plan(PlanOptions(mode: .destroy, excludes: [AddressPattern("data_value.b")]))
        #expect(excluded.summary == ["delete data_value.c"])
        try await fixture.apply(excluded)
        #expect(try await fixture.output("c") != nil)
    }

    private static func crowds(_ content: String) -> String {
        """
        resources:
          local_file.base: {count: 20, spec: {filename: "base-${count.index}", content: x}}
          local_file.top:
            count: 30
            depends_on: [local_file.base]
            spec: {filename: "top-${count.index}", content: \(content)}
        """
    }

    /// Thirty that each wait for all of twenty are fifty edges, not six hundred.
    @Test func manyThatWaitForManyAreFewEdges() async throws {
        let fixture = try StackFixture(Self.crowds("x"))
        func edges(_ plan: Plan) -> Int {
            plan.steps.reduce(0) { $0 + $1.after.count + $1.afterGroups.count }
                + plan.groups.reduce(0) { $0 + $1.count }
        }
        func steps(_ name: String, _ plan: Plan) -> [Int] {
            plan.steps.indices.filter { plan.changes[plan.steps[$0].change].address.name == name }
        }
        let making = try await fixture.plan()
        #expect(edges(making) == 50)
        #expect(try #require(steps("base", making).max()) < #require(steps("top", making).min()))
        #expect(try await fixture.apply(making).succeeded)
        let ending = try await fixture.plan(PlanOptions(mode: .destroy))
        #expect(edges(ending) == 50)
        #expect(try #require(steps("top", ending).max()) < #require(steps("base", ending).min()))
        #expect(try await fixture.apply(ending).succeeded)
        #expect(try await fixture.snapshot().resources.isEmpty)
    }

    @Test func whatWaitsForACrowdWaitsForEachOfIt() async throws {
        let fixture = try StackFixture(Self.crowds("x"))
        try fixture.write("base-7", "somebody else's")
        let outcome = try await fixture.apply()
        let results = outcome.steps.map(\.result)
        #expect(results.count { $0 == .done } == 19 && results.count { $0 == .failed } == 1)
        #expect(results.count { $0 == .skipped } == 30)
        try fixture.remove("base-7")
        #expect(try await fixture.apply().succeeded)
        #expect(try await fixture.plan().isEmpty)
    }
}
