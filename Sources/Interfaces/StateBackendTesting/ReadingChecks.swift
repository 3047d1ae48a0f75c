import PlumbModel
import StateBackendAPI

extension StateBackendConformance {
    static let readingChecks = [
        ConformanceCheck("a stack never written is empty") { place in
            try await place.withBackend { backend in
                let snapshot = try await backend.snapshot(of: "web")
                try expectEqual(snapshot.lineage, nil, "lineage")
                try expectEqual(snapshot.generation, 0, "generation")
                try expect(snapshot.resources.isEmpty && snapshot.outputs.isEmpty, "no rows")
                try expect(snapshot.openIntents.isEmpty, "no intents")
                try expectEqual(try await backend.history(of: "web", address: nil, limit: 10), [], "history")
                try expectEqual(try await backend.runs(of: "web", limit: 10), [], "runs")
                try expectEqual(try await backend.currentLease(on: "web"), nil, "lease")
            }
        },
        ConformanceCheck("a lease alone makes no lineage") { place in
            try await place.withBackend { backend in
                _ = try await backend.lease()
                try expectEqual(try await backend.snapshot(of: "web").lineage, nil, "lineage")
            }
        },
        ConformanceCheck("the lineage is a UUID that stays, and differs between stacks") { place in
            try await place.withBackend { backend in
                for stack in ["web", "db"] {
                    let lease = try await backend.lease(stack)
                    try await backend.commit([.put(Sample.record("a"), run: "r")], under: lease)
                }
                let first = try await backend.snapshot(of: "web").lineage ?? ""
                try expectEqual(first.utf8.count, 36, "length of the lineage \"\(first)\"")
                let lease = try await backend.lease("third")
                try await backend.commit([.put(Sample.record("b"), run: "r")], under: lease)
                try expectEqual(try await backend.snapshot(of: "web").lineage, first, "lineage later")
                try expect(try await backend.snapshot(of: "db").lineage != first, "each stack has its own lineage")
            }
        },
        ConformanceCheck("what was committed is there after closing and opening again") { place in
            let lease = try await place.withBackend { backend in
                let lease = try await backend.lease()
                try await backend.commit(
                    [
                        .beginRun(Sample.run("run-1")), .openIntent(Sample.intent("i1")),
                        .put(Sample.record("a"), run: "run-1"), .outputs([OutputRecord(name: "o", value: "v")]),
                    ], under: lease)
                return lease
            }
            try await place.withBackend { backend in
                let snapshot = try await backend.snapshot(of: "web")
                try expectEqual(snapshot.resources.map(\.asPut), [Sample.record("a")], "resources")
                try expectEqual(snapshot.outputs, [OutputRecord(name: "o", value: "v")], "outputs")
                try expectEqual(snapshot.openIntents, [Sample.intent("i1")], "open intents")
                try expectEqual(try await backend.currentLease(on: "web"), lease, "lease")
                try expectEqual(try await backend.runs(of: "web", limit: 10), [Sample.run("run-1")], "runs")
                try expectEqual(try await backend.history(of: "web", address: nil, limit: 9).count, 1, "history")
            }
        },
        ConformanceCheck("a snapshot does not change with later writes") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                try await backend.commit([.put(Sample.record("a"), run: "r")], under: lease)
                let before = try await backend.snapshot(of: "web")
                try await backend.commit(
                    [.put(Sample.record("a", values: ["size": 2]), run: "r"), .put(Sample.record("b"), run: "r")],
                    under: lease)
                try expectEqual(before.resources.map(\.asPut), [Sample.record("a")], "the older snapshot")
                try expectEqual(try await backend.snapshot(of: "web").resources.count, 2, "rows now")
            }
        },
        ConformanceCheck("stacks are kept apart") { place in
            try await place.withBackend { backend in
                let web = try await backend.lease("web")
                let db = try await backend.lease("db")
                try await backend.commit([.put(Sample.record("a"), run: "r")], under: web)
                try await backend.commit(
                    [
                        .put(Sample.record("a", values: ["size": 7]), run: "r"), .openIntent(Sample.intent("i")),
                        .outputs([OutputRecord(name: "o", value: 1)]), .beginRun(Sample.run("r")),
                    ], under: db)
                try await backend.commit([.remove(Sample.address("a"), deposedKey: nil, run: "r")], under: web)
                let (one, other) = (try await backend.snapshot(of: "web"), try await backend.snapshot(of: "db"))
                try expect(one.resources.isEmpty && one.outputs.isEmpty && one.openIntents.isEmpty, "web is empty")
                try expectEqual(other.resources.map(\.values), [["size": 7]], "db's row")
                try expectEqual(try await backend.runs(of: "web", limit: 9), [], "web's runs")
                try expectEqual(try await backend.history(of: "db", address: nil, limit: 9).count, 1, "db's history")
            }
        },
    ]
}
