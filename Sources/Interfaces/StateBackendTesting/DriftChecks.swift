import PlumbModel
import StateBackendAPI

extension StateBackendConformance {
    static let driftChecks = [
        ConformanceCheck("drift and holds are given back as they were written, and each write replaces all of them") {
            place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                try await backend.commit([.drift(drift), .holds(holds)], under: lease)
                let snapshot = try await backend.snapshot(of: "web")
                try expectEqual(snapshot.drift, drift, "drift")
                try expectEqual(snapshot.holds, holds, "holds")
                try expectEqual(snapshot.generation, 0, "generation")
                try await backend.commit([.drift([drift[1]]), .holds([])], under: lease)
                try expectEqual(try await backend.snapshot(of: "web").drift, [drift[1]], "drift, written again")
                try expectEqual(try await backend.snapshot(of: "web").holds, [], "holds, written again")
            }
        },
        ConformanceCheck("drift and holds of one stack are not another one's, and a stale holder writes none") {
            place in
            try await place.withBackend { backend in
                let (lease, other) = (try await backend.lease(), try await backend.lease("other"))
                try await backend.commit([.drift(drift), .holds(holds)], under: lease)
                try await backend.commit([.drift([]), .holds([])], under: other)
                try expectEqual(try await backend.snapshot(of: "web").drift, drift, "drift")
                try expectEqual(try await backend.snapshot(of: "other").holds, [], "holds of the other")
                try await backend.breakLease(on: "web")
                try await expectFailure(.leaseLost, "drift after the lease was broken") {
                    () throws(StateBackendError) in
                    try await backend.commit([.drift([])], under: lease)
                }
                try expectEqual(try await backend.snapshot(of: "web").drift, drift, "drift, afterwards")
            }
        },
        ConformanceCheck("drift and holds follow a row that moves") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                try await backend.commit(
                    [.put(Sample.record("a"), run: "r"), .drift(drift), .holds(holds)], under: lease)
                try await backend.commit([.move(Sample.address("a"), to: Sample.address("z"), run: "r")], under: lease)
                let snapshot = try await backend.snapshot(of: "web")
                let moved = drift.map { record in
                    var record = record
                    if record.address == Sample.address("a") { record.address = Sample.address("z") }
                    return record
                }
                try expectEqual(Set(snapshot.drift), Set(moved), "drift")
                try expectEqual(Set(snapshot.holds.map(\.address)), ["", "sample_thing.z"], "holds")
            }
        },
        ConformanceCheck("contents have drift and holds, and restoring puts them in place") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                try await backend.commit([.drift(drift), .holds(holds)], under: lease)
                guard var contents = try await backend.contents(of: "web") else {
                    throw ConformanceFailure(description: "a stack with drift has contents")
                }
                try expectEqual(contents.drift, drift, "drift")
                try expectEqual(contents.holds, holds, "holds")
                contents.drift.removeFirst()
                try await backend.commit([.restore(contents)], under: lease)
                try expectEqual(
                    try await backend.contents(of: "web")?.drift, Array(drift.dropFirst()), "drift, restored")
            }
        },
    ]

    private static let drift = [
        DriftRecord(
            address: Sample.address("a"), path: AttributePath(), fingerprint: "f-1", expected: ["size": 1], live: .null,
            firstSeen: 1_800_000_000.125, lastSeen: 1_800_000_001, writer: DriftAuthor("somebody")),
        DriftRecord(
            address: Sample.address("b"), path: AttributePath([.key("tags"), .key("a b"), .index(2)]),
            fingerprint: "f-2", expected: .null, live: Value.string("sealed").sensitive(), firstSeen: 1, lastSeen: 2,
            occurrences: 3, status: .acknowledged, heals: 2, acknowledgedUntil: 9.5, reason: "it's \"fine\"",
            actor: "tester", writer: DriftAuthor("kubectl-edit", at: 8.25)),
    ]

    private static let holds = [
        HoldRecord(address: "", reason: "incident", placedBy: "tester", placedAt: 1.5, until: nil),
        HoldRecord(address: "sample_thing.a", reason: "incident", placedBy: "tester", placedAt: 2, until: 3.25),
    ]
}
