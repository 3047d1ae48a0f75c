import Planning
import PlumbModel
import StackFixtures
import Testing

/// Declarations whose `for_each` or `count` comes from other resources, so that they are expanded while planning.
struct LateInstancesTests {
    private static func spec(_ names: String) -> String {
        """
        resources:
          data_value.names:
            spec: {input: \(names)}
          local_file.each:
            for_each: "${toset(data_value.names.input)}"
            spec:
              filename: "${each.key}.txt"
              content: "${each.value}-${data_value.names.id}"
          data_value.all:
            spec:
              input: "${[for f in local_file.each : f.content]}"
        outputs:
          all: {value: "${data_value.all.output}"}
        """
    }

    @Test func theyArePlannedAppliedAndThenUnchanged() async throws {
        let fixture = try StackFixture(Self.spec("[a, b]"))
        let plan = try await fixture.plan()
        #expect(plan.summary.contains("create local_file.each[\"a\"]"))
        #expect(try await fixture.apply(plan).succeeded)
        let id = try #require(try await fixture.record("data_value.names")?.values[key: "id"]?.asString)
        #expect(fixture.read("a.txt") == "a-\(id)")
        #expect(try await fixture.output("all") == .tuple([.string("a-\(id)"), .string("b-\(id)")]))
        let second = try await fixture.plan()
        #expect(second.isEmpty && second.rewrites.isEmpty)
    }

    @Test func aKeyThatIsGoneIsNotSeenByExpressionsAnyMore() async throws {
        let fixture = try StackFixture(Self.spec("[a, b]"))
        try await fixture.apply()
        try fixture.spec(Self.spec("[b, c]"))
        let plan = try await fixture.plan()
        #expect(plan.changes.first { $0.action == .delete }?.reason == .keyGone)
        #expect(try await fixture.apply(plan).succeeded)
        #expect(fixture.read("a.txt") == nil)
        let all = try await fixture.output("all")?.asList?.compactMap(\.asString).map { $0.prefix(1) }
        #expect(all == ["b", "c"])
        #expect(try await fixture.plan().isEmpty)
    }

    @Test func countKeepsItsOrderFromTenOn() async throws {
        let fixture = try StackFixture(
            """
            resources:
              data_value.size:
                spec: {input: 12}
              data_value.each:
                count: ${data_value.size.input}
                spec: {input: "${count.index}"}
              random_uuid.later: {}
              data_value.all:
                spec:
                  input: '${[for v in data_value.each : "${v.input}-${random_uuid.later.id == "" ? 0 : 1}"]}'
            """)
        #expect(try await fixture.apply().succeeded)
        let all = try await fixture.record("data_value.all")?.values[key: "input"]?.asList?.compactMap(\.asString)
        #expect(all == (0..<12).map { "\($0)-1" })
        #expect(try await fixture.plan().isEmpty)
    }

    @Test func aTargetLeavesThemAloneAndSoDoesAnExclusion() async throws {
        let fixture = try StackFixture(Self.spec("[a, b]") + "\n")
        try await fixture.apply()
        try fixture.spec(Self.spec("[a]"))
        let targeted = try await fixture.plan(PlanOptions(targets: [AddressPattern("data_value.names")]))
        #expect(targeted.summary == ["update data_value.names"])
        let excluded = try await fixture.plan(PlanOptions(excludes: [AddressPattern("data_value.names")]))
        #expect(excluded.summary == [])
        let one = try await fixture.plan(PlanOptions(targets: [AddressPattern("local_file.each[\"b\"]")]))
        #expect(one.summary == ["update data_value.names", "delete local_file.each[\"b\"]"])
    }

    @Test func whatIsNotKnownIsNamed() async throws {
        let fixture = try StackFixture(
            """
            resources:
              random_uuid.a: {}
              data_value.b:
                for_each: "${toset([random_uuid.a.id])}"
                spec: {input: x}
            """)
        let found = try await problems { _ = try await fixture.plan() }
        #expect(
            found.all.map(\.summary) == ["Not known at plan time"] || found.all.map(\.summary) == ["Invalid instances"])
    }
}
