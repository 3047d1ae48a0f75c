import PlumbModel
import Reporting
import Testing

@Suite struct OutcomeReportTests {
    private static let plan: Plan = {
        var plan = PlanSituation("outcome") { _ in }.plan
        plan.changes = [
            creation(ResourceAddress("dns_record", "api"), ["ttl": 300]),
            update(ResourceAddress("dns_record", "www"), from: ["ttl": 300], to: ["ttl": 60]),
            replacement(ResourceAddress("pg_database", "main"), from: ["a": 1], to: ["a": 2]),
            deletion(ResourceAddress("vm", "old"), ["name": "old"]),
        ]
        plan.steps = [
            PlannedStep(change: 0, kind: .create, after: []), PlannedStep(change: 1, kind: .update, after: [0]),
            PlannedStep(change: 2, kind: .delete, after: []), PlannedStep(change: 2, kind: .create, after: [2]),
            PlannedStep(change: 3, kind: .delete, after: [1]),
        ]
        return plan
    }()

    private static func outcome(_ results: [Outcome.Result], cancelled: Bool = false) -> Outcome {
        var outcome = Outcome()
        outcome.steps = zip(plan.steps, results).map { Outcome.Step(step: $0, result: $1, duration: 0.5) }
        outcome.wasCancelled = cancelled
        outcome.duration = 83.4
        return outcome
    }

    private static let situations: [(String, Outcome)] = [
        ("done", outcome([.done, .done, .done, .done, .done])),
        ("failed", outcome([.done, .failed, .done, .done, .skipped])),
        ("open", outcome([.done, .open, .done, .failed, .skipped])),
        ("half-replaced", outcome([.done, .done, .done, .failed, .done])),
        ("cancelled", outcome([.done, .done], cancelled: true)),
        ("nothing-done", outcome([], cancelled: true)),
    ]

    @Test(arguments: situations)
    func reads(_ name: String, _ outcome: Outcome) throws {
        var outcome = outcome
        if !outcome.succeeded, !outcome.wasCancelled {
            outcome.diagnostics.append(
                .error(
                    "Resource could not be changed", "The server answered 409: the zone is locked.",
                    address: ResourceAddress("dns_record", "www")))
        } else if outcome.succeeded {
            outcome.outputs = [
                OutputRecord(name: "url", value: "https://example.org"),
                OutputRecord(name: "password", value: .string("HIDDEN").sensitive()),
            ]
        }
        let text = OutcomeReport(outcome, plan: OutcomeReportTests.plan).render(.narrow)
        #expect(!text.contains("HIDDEN"))
        try GoldenFile.expect(text, equals: "outcome/\(name)")
    }

    @Test func countsManySkippedSteps() throws {
        var plan = OutcomeReportTests.plan
        plan.changes = (0..<50).map { creation(ResourceAddress("vm", "v", key: .index($0)), ["a": 1]) }
        plan.steps = (0..<50).map { PlannedStep(change: $0, kind: .create, after: $0 == 0 ? [] : [0]) }
        var outcome = Outcome()
        outcome.steps = plan.steps.map { step in
            Outcome.Step(step: step, result: step.change == 0 ? .failed : .skipped, duration: 0)
        }
        outcome.duration = 0.04
        try GoldenFile.expect(OutcomeReport(outcome, plan: plan).render(.narrow), equals: "outcome/many-skipped")
    }
}
