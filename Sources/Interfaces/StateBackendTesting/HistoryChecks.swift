import PlumbModel
import StateBackendAPI

extension StateBackendConformance {
    static let historyChecks = [
        ConformanceCheck("history has each change with its values, run and time, newest first") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                let address = Sample.address("a")
                let secret: Value = ["size": Value.number(2).sensitive()]
                try await backend.commit([.put(Sample.record("a"), run: "run-1")], under: lease)
                let first = try await backend.record(address).generation
                place.clock.advance(by: 10)
                try await backend.commit([.put(Sample.record("a", values: secret), run: "run-2")], under: lease)
                let second = try await backend.record(address).generation
                place.clock.advance(by: 10)
                try await backend.commit([.remove(address, deposedKey: nil, run: "run-3")], under: lease)
                let entries = try await backend.history(of: "web", address: address, limit: 10)
                try expectEqual(entries.map(\.run), ["run-3", "run-2", "run-1"], "runs")
                try expectEqual(entries.map(\.before), [secret, ["size": 1], nil], "before")
                try expectEqual(entries.map(\.after), [nil, secret, ["size": 1]], "after")
                let now = place.clock.now
                try expectEqual(entries.map(\.changedAt), [now, now - 10, now - 20], "times")
                try expectEqual(entries.dropFirst().map(\.generation), [second, first], "generations")
                try expect(entries[0].generation > second, "the removal has a higher generation")
                try expect(entries.allSatisfy { $0.address == address && $0.deposedKey == nil }, "the address")
            }
        },
        ConformanceCheck("two changes in one commit are two entries") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                try await backend.commit(
                    [.put(Sample.record("a"), run: "r"), .put(Sample.record("a", values: ["size": 2]), run: "r")],
                    under: lease)
                let entries = try await backend.history(of: "web", address: nil, limit: 10)
                try expectEqual(entries.map(\.before), [["size": 1], nil], "before")
                try expect(entries[0].generation > entries[1].generation, "the later one has a higher generation")
            }
        },
        ConformanceCheck("history can be asked for one address, its instances and deposed ones, and for all") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                let records = [
                    Sample.record("a"), Sample.record("a", deposedKey: "d"), Sample.record("a", key: .index(0)),
                    Sample.record("a", key: .name("k")), Sample.record("ab"), Sample.record("b"),
                ]
                for record in records { try await backend.commit([.put(record, run: "r")], under: lease) }
                func entries(_ address: ResourceAddress?, limit: Int = 99) async throws -> [String] {
                    try await backend.history(of: "web", address: address, limit: limit)
                        .map { "\($0.address)\($0.deposedKey.map { " \($0)" } ?? "")" }
                }
                let ofAll = try await entries(nil)
                try expectEqual(ofAll.count, records.count, "entries of all")
                try expectEqual(
                    try await entries(Sample.address("a")),
                    [
                        "sample_thing.a[\"k\"]", "sample_thing.a[0]", "sample_thing.a d", "sample_thing.a",
                    ], "entries of a")
                try expectEqual(
                    try await entries(Sample.address("a", key: .index(0))), ["sample_thing.a[0]"], "entries of a[0]")
                try expectEqual(try await entries(Sample.address("c")), [], "entries of an address never seen")
                try expectEqual(try await entries(nil, limit: 2), Array(ofAll.prefix(2)), "the newest two")
            }
        },
    ]
}
