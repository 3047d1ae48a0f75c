import PlumbModel
import StateBackendAPI

extension StateBackendConformance {
    static let moveChecks = [
        ConformanceCheck("a moved row keeps everything but its address, and its generation rises") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                let target = ResourceAddress("sample_other", "b", key: .name("k"), module: [.init("m")])
                var record = Sample.record("a", values: ["size": Value.number(1).sensitive()])
                record.privateData = "p"
                record.status = .unready
                record.bookkeeping = Bookkeeping(
                    dependencies: [Sample.address("c")], isProtected: true, createsBeforeDestroy: true)
                try await backend.commit([.put(record, run: "r")], under: lease)
                let before = try await backend.record(record.address).generation
                try await backend.commit([.move(record.address, to: target, run: "r")], under: lease)
                let rows = try await backend.snapshot(of: "web").resources
                record.address = target
                try expectEqual(rows.map(\.asPut), [record], "rows")
                try expect(rows[0].generation > before, "\(rows[0].generation) is more than \(before)")
            }
        },
        ConformanceCheck("deposed rows move along") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                try await backend.commit(
                    [.put(Sample.record("a"), run: "r"), .put(Sample.record("a", deposedKey: "d"), run: "r")],
                    under: lease)
                try await backend.commit([.move(Sample.address("a"), to: Sample.address("b"), run: "r")], under: lease)
                let rows = try await backend.snapshot(of: "web").resources.map(\.asPut)
                try expectEqual(Set(rows), [Sample.record("b"), Sample.record("b", deposedKey: "d")], "rows")
            }
        },
        ConformanceCheck("the history of a moved row goes with it, and tells of the move") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                let (old, new) = (Sample.address("a"), Sample.address("b"))
                try await backend.commit([.put(Sample.record("a"), run: "run-1")], under: lease)
                try await backend.commit([.move(old, to: new, run: "run-2")], under: lease)
                try await backend.commit([.put(Sample.record("b", values: ["size": 2]), run: "run-3")], under: lease)
                let entries = try await backend.history(of: "web", address: new, limit: 10)
                try expectEqual(entries.map(\.run), ["run-3", "run-2", "run-1"], "runs")
                try expectEqual(entries.map(\.movedFrom), [nil, old, nil], "moves")
                try expectEqual(entries.map(\.before), [["size": 1], ["size": 1], nil], "before")
                try expectEqual(entries.map(\.after), [["size": 2], ["size": 1], ["size": 1]], "after")
                try expectEqual(try await backend.history(of: "web", address: old, limit: 10), [], "of the old address")
            }
        },
        ConformanceCheck("nothing moves to where a row stands, nor anything else of the same commit") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                let records = [Sample.record("a"), Sample.record("b", values: ["size": 2])]
                try await backend.commit(records.map { .put($0, run: "r") }, under: lease)
                try await expectFailure(.failed, "a move to where a row stands") { () throws(StateBackendError) in
                    try await backend.commit(
                        [
                            .put(Sample.record("c"), run: "r"),
                            .move(Sample.address("a"), to: Sample.address("b"), run: "r"),
                        ], under: lease)
                }
                let rows = try await backend.snapshot(of: "web").resources.map(\.asPut)
                try expectEqual(Set(rows), Set(records), "rows")
            }
        },
        ConformanceCheck("moves of one commit act one after the other") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                let records = [Sample.record("a"), Sample.record("b", values: ["size": 2])]
                try await backend.commit(records.map { .put($0, run: "r") }, under: lease)
                let (a, b, c) = (Sample.address("a"), Sample.address("b"), Sample.address("c"))
                try await backend.commit([.move(b, to: c, run: "r"), .move(a, to: b, run: "r")], under: lease)
                let rows = try await backend.snapshot(of: "web").resources.map(\.asPut)
                try expectEqual(Set(rows), [Sample.record("b"), Sample.record("c", values: ["size": 2])], "rows")
            }
        },
        ConformanceCheck("moving what is not there is no error and changes nothing") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                try await backend.commit([.put(Sample.record("a"), run: "r")], under: lease)
                let before = try await backend.snapshot(of: "web").generation
                try await backend.commit([.move(Sample.address("x"), to: Sample.address("y"), run: "r")], under: lease)
                try expectEqual(try await backend.snapshot(of: "web").generation, before, "generation")
                try expectEqual(try await backend.history(of: "web", address: nil, limit: 9).count, 1, "history")
            }
        },
    ]
}
