import PlumbModel
import Testing

@testable import PullRequests

/// How much the plan of a stranger may hold.
struct PlanSizeTests {
    /// A value that is small in memory and so large when it is written down.
    private static func value(megabytes: Int) -> Value {
        let one = Value.string(String(repeating: "x", count: 1 << 20))
        return .tuple(Array(repeating: one, count: megabytes))
    }

    private static func plan(_ outputs: Value...) -> Plan {
        var plan = Plan(
            mode: .normal,
            origin: PlanOrigin(stack: "web", source: "web", revision: nil, createdAt: 0, version: "test"))
        plan.outputs = outputs.enumerated().map { number, value in
            PlannedOutput(name: "o\(number)", action: .create, before: nil, after: value)
        }
        return plan
    }

    @Test func whatIsWrittenDownOnceForEachReferenceCounts() throws {
        try PlanSize.admit(Self.plan(Self.value(megabytes: 30), Self.value(megabytes: 30)))
        let problems = #expect(throws: Diagnostics.self) {
            try PlanSize.admit(Self.plan(Self.value(megabytes: 30), Self.value(megabytes: 40)))
        }
        #expect(problems?.all.first?.detail.contains("may hold 64 MiB of values") == true)
    }
}
