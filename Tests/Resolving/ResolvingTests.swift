import PlumbModel
import StackFixtures
import Testing

/// What the golden cases cannot show: size, and what must not be reported.
struct ResolvingTests {
    @Test func aLongChainOfLocalsIsNoDeepRecursion() async throws {
        let chain = (1...10_000).map { "  l\($0): ${local.l\($0 - 1)}" }.joined(separator: "\n")
        let fixture = try StackFixture(
            "locals:\n  l0: end\n\(chain)\noutputs:\n  it: {value: \"${local.l10000}\"}\n")
        let plan = try await fixture.plan()
        #expect(plan.outputs.first?.after == "end")
    }

    @Test func aLongCircleOfLocalsIsToldAndNoDeepRecursion() async throws {
        let chain = (1..<5_000).map { "  l\($0): ${local.l\($0 - 1)}" }.joined(separator: "\n")
        let fixture = try StackFixture("locals:\n  l0: ${local.l4999}\n\(chain)\n")
        let found = try await problems { _ = try await fixture.plan() }
        #expect(found.all.map(\.summary) == ["Cycle"])
    }

    @Test func theErrorOfALocalIsToldOnceHoweverManyUseIt() async throws {
        let fixture = try StackFixture(
            """
            locals:
              broken: "${[1][5]}"
              user: "${local.broken}"
            resources:
              data_value.a: {count: 3, spec: {input: "${local.user}"}}
            outputs:
              it: {value: "${local.broken}"}
            """)
        let found = try await problems { _ = try await fixture.plan() }
        #expect(found.all.count == 1 && found.all.first?.source?.startPosition.line == 2)
    }

    @Test func instancesWaitForSingleInstancesAlone() async throws {
        let fixture = try StackFixture(
            """
            resources:
              data_value.chain:
                for_each: {a: "", b: a, c: b}
                spec:
                  input: '${each.value == "" ? "first" : data_value.chain[each.value].id}'
            """)
        let plan = try await fixture.plan()
        let a = try #require(plan.position(.create, "data_value.chain[\"a\"]"))
        let b = try #require(plan.position(.create, "data_value.chain[\"b\"]"))
        let c = try #require(plan.position(.create, "data_value.chain[\"c\"]"))
        #expect(a < b && b < c)
        #expect(plan.steps[c].after == [b])
    }
}
