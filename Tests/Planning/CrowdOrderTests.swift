import Planning
import PlumbModel
import StackFixtures
import Testing

/// Crowds that wait for crowds stay few edges, also by way of what stays and around destructions.
struct CrowdOrderTests {
    private static func spec(_ text: String, withTop: Bool = true) -> String {
        let top = """
              data_value.top:
                count: 30
                depends_on: [data_value.middle]
                spec: {input: \(text), triggers_replace: \(text)}
            """
        return """
            resources:
              data_value.base:
                count: 20
                lifecycle: {create_before_destroy: true}
                spec: {input: \(text)}
              data_value.middle: {count: 25, depends_on: [data_value.base], spec: {input: same}}

            """ + (withTop ? top : "")
    }

    private static func edges(_ plan: Plan) -> Int {
        plan.steps.reduce(0) { $0 + $1.after.count + $1.afterGroups.count } + plan.groups.reduce(0) { $0 + $1.count }
    }

    private static func steps(_ name: String, _ kind: PlannedStep.Kind, _ plan: Plan) -> [Int] {
        plan.steps.indices.filter {
            plan.changes[plan.steps[$0].change].address.name == name && plan.steps[$0].kind == kind
        }
    }

    @Test func throughWhatStays() async throws {
        let fixture = try StackFixture(Self.spec("one"))
        #expect(try await fixture.apply().succeeded)
        try fixture.spec(Self.spec("two"))
        let plan = try await fixture.plan()
        let (base, gone) = (Self.steps("base", .update, plan), Self.steps("top", .delete, plan))
        let made = Self.steps("top", .create, plan)
        #expect(base.count == 20 && gone.count == 30 && made.count == 30)
        // What goes does so before its base changes, and comes anew after that.
        #expect(try #require(gone.max()) < #require(base.min()))
        #expect(try #require(base.max()) < #require(made.min()))
        #expect(Self.edges(plan) == 30 + 50 + 50)
        #expect(try await fixture.apply(plan).succeeded)
        #expect(try await fixture.plan().isEmpty)
    }

    @Test func whatGoesForGood() async throws {
        let fixture = try StackFixture(Self.spec("one"))
        #expect(try await fixture.apply().succeeded)
        try fixture.spec(Self.spec("two", withTop: false))
        let plan = try await fixture.plan()
        let (base, gone) = (Self.steps("base", .update, plan), Self.steps("top", .delete, plan))
        #expect(base.count == 20 && gone.count == 30)
        #expect(try #require(gone.max()) < #require(base.min()))
        #expect(Self.edges(plan) == 50)
        #expect(try await fixture.apply(plan).succeeded)
        #expect(try await fixture.plan().isEmpty)
    }

    /// The old base stays until all that stood on it stands on the new one.
    @Test func successorsComeFirst() async throws {
        func spec(_ text: String) -> String {
            """
            resources:
              data_value.base:
                count: 20
                lifecycle: {create_before_destroy: true}
                spec: {triggers_replace: \(text)}
              data_value.top: {count: 30, depends_on: [data_value.base], spec: {triggers_replace: \(text)}}
            """
        }
        let fixture = try StackFixture(spec("one"))
        #expect(try await fixture.apply().succeeded)
        try fixture.spec(spec("two"))
        let plan = try await fixture.plan()
        let order = [
            Self.steps("top", .delete, plan), Self.steps("base", .create, plan), Self.steps("top", .create, plan),
            Self.steps("base", .delete, plan),
        ]
        #expect(order.map(\.count) == [30, 20, 30, 20])
        for (before, after) in zip(order, order.dropFirst()) {
            #expect(try #require(before.max()) < #require(after.min()))
        }
        #expect(Self.edges(plan) <= 50 * 6)
        #expect(try await fixture.apply(plan).succeeded)
        #expect(try await fixture.plan().isEmpty)
    }
}
