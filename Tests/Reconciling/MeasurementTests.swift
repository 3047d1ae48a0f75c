import PlumbModel
import Testing

@testable import Reconciling

/// What a controller exposes: one series of each kind for a stack, whatever happens to it.
@Suite struct MeasurementTests {
    @Test func aHistogramSumsUp() {
        var histogram = DurationHistogram()
        for seconds in [0.001, 0.2, 0.2, 7, 90_000] { histogram.observe(seconds) }
        let samples = histogram.measurements("plumb_x_seconds", "X.", ["operation": "y"])
        let buckets = samples.filter { $0.suffix == "_bucket" }
        #expect(buckets.map { $0.labels["le"] ?? "" }.last == "+Inf")
        #expect(buckets.map(\.value) == buckets.map(\.value).sorted() && buckets.last?.value == 5)
        #expect(buckets.first { $0.labels["le"] == "0.25" }?.value == 3)
        #expect(buckets.first { $0.labels["le"] == "1" }?.value == 3)
        #expect(samples.first { $0.suffix == "_count" }?.value == 5)
        #expect(samples.first { $0.suffix == "_sum" }?.value == 90_007.401)
        #expect(samples.allSatisfy { $0.kind == .histogram && $0.labels["operation"] == "y" })
    }

    @Test func eachStackHasOnePhase() {
        var shop = StackEntry(StackPlace(repository: "infra", folder: "shop"), name: "shop")
        shop.status.phase = .halted
        shop.status.reason = "Because of \(String(repeating: "x", count: 100))."
        var base = StackEntry(StackPlace(repository: "infra", folder: "base"), name: "base")
        base.status.phase = .converged
        base.status.since = 1_800_000_000
        base.status.driftCheckedAt = 1_800_000_300
        let all = Counts().measurements(of: [shop, base], repositories: [])
        let phases = all.filter { $0.name == "plumb_stack_phase" }
        #expect(
            Set(phases.map(\.labels)) == [
                ["stack": "shop", "repository": "infra", "phase": "halted"],
                ["stack": "base", "repository": "infra", "phase": "converged"],
            ])
        #expect(phases.allSatisfy { $0.value == 1 })
        let successes = all.filter { $0.name == "plumb_stack_last_success_timestamp_seconds" }
        #expect(successes.map(\.value) == [1_800_000_300] && successes.first?.labels["stack"] == "base")
        base.succeededAt = 1_800_000_900
        let later = Counts().measurements(of: [base], repositories: [])
        #expect(later.contains { $0.value == 1_800_000_900 })
        // What comes from outside is no label.
        #expect(!all.contains { $0.labels.values.contains { $0.contains("xxx") } })
    }

    @Test func anEventIsWrittenAsTheAPIWritesNouns() throws {
        var status = StackStatus(stack: "shop", repository: "infra", folder: "stacks/shop")
        status.phase = .halted
        status.reason = "A guard."
        status.appliedRevision = "0123"
        let event = try Value(json: RecordKeeper.encode(StackEvent(status, at: 1_800_000_000)))
        #expect(
            event == [
                "kind": "phase", "message": "shop is halted: A guard.", "stack": "shop", "repository": "infra",
                "phase": "halted", "reason": "A guard.", "revision": .null, "applied_revision": "0123",
                "time": "2027-01-15T08:00:00Z",
            ])
    }
}
