import PlumbModel
import StateBackendAPI

extension StateBackendConformance {
    static let rowChecks: [ConformanceCheck] =
        values.map { (name, value) in
            ConformanceCheck("\(name) comes back as it was put") { place in
                try await place.withBackend { backend in
                    let lease = try await backend.lease()
                    let record = Sample.record("a", values: ["it": value])
                    try await backend.commit(
                        [.put(record, run: "r"), .outputs([OutputRecord(name: "it", value: value)])], under: lease)
                    try expectEqual(try await backend.record(record.address).asPut, record, "the row")
                    let outputs = try await backend.snapshot(of: "web").outputs
                    try expectEqual(outputs, [OutputRecord(name: "it", value: value)], "the output")
                }
            }
        } + wholeRowChecks

    private static let values: [(String, Value)] = [
        ("null", .null), ("true", true), ("false", false), ("an integer", .number(Number(Int.max))),
        ("a negative integer", .number(Number(Int.min))), ("a fraction", .number(Number(0.1))),
        ("a huge number", .number(Number(1.5e300))), ("a string", "text"), ("the empty string", ""),
        ("a string of control characters", "\u{0}\u{1}\n\t\r\u{7F}\"\\/"),
        ("a string of unicode", "Grüße, 世界 👩‍👩‍👧 \u{2028}e\u{301}\u{FEFF}"),
        ("a string that looks like SQL", "'; DROP TABLE resources; --"),
        ("a string of one megabyte", .string(String(repeating: "0123456789abcdef", count: 65_536))),
        ("a tuple", ["a", 1, .null, [true]]), ("an empty tuple", []), ("a list", .list(["b", "a", "b"])),
        ("a set", .set(["b", "a", "b"])), ("a map", .map(["k": "v", "ü.[\"]": "w"])), ("an empty object", [:]),
        ("an object with an archive's own key", ["$plumb": "set", "value": ["x"]]),
        ("an unknown string", .unknown(.string)), ("an unknown list", .unknown(.list(.number))),
        ("a sensitive value", Value.string("secret").sensitive()),
        ("a sensitive value deep inside", ["a": .list([Value.map(["k": Value.number(1).sensitive()])])]),
        ("a sensitive set", Value.set([1, 2]).sensitive()),
        ("a deep value", (0..<40).reduce(Value.string("end")) { inner, _ in ["next": [inner]] }),
    ]

    private static let wholeRowChecks = [
        ConformanceCheck("every field of a row comes back") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                let address = ResourceAddress(
                    "sample_thing", "ü", key: .name("a.b\"]\\ \n👾"),
                    module: [.init("outer", key: .index(3)), .init("inner", key: .name("k"))])
                let record = ResourceRecord(
                    address: address, provider: "sample.second", values: ["a": 1], privateData: "{\"v\":\u{0}2}",
                    bookkeeping: Bookkeeping(
                        dependencies: [Sample.address("b", key: .index(0)), Sample.address("c", key: .name("x\ny"))],
                        isProtected: true, createsBeforeDestroy: true),
                    status: .tainted)
                try await backend.commit([.put(record, run: "r")], under: lease)
                try expectEqual(try await backend.record(address).asPut, record, "the row")
                var plain = record
                plain.privateData = nil
                plain.bookkeeping = Bookkeeping()
                plain.status = .ready
                plain.provider = "sample"
                try await backend.commit([.put(plain, run: "r")], under: lease)
                try expectEqual(try await backend.record(address).asPut, plain, "the row written over")
            }
        },
        ConformanceCheck("empty private data is not the same as none") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                var record = Sample.record("a")
                record.privateData = ""
                try await backend.commit([.put(record, run: "r")], under: lease)
                try expectEqual(try await backend.record(record.address).privateData, "", "private data")
            }
        },
        ConformanceCheck("the generation of a row rises with each put, and across its removal") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                var last: Int64 = 0
                for size in 1...3 {
                    try await backend.commit(
                        [.put(Sample.record("a", values: ["size": .number(size)]), run: "r")], under: lease)
                    let generation = try await backend.record(Sample.address("a")).generation
                    try expect(generation > last, "\(generation) is more than \(last)")
                    last = generation
                }
                try await backend.commit([.remove(Sample.address("a"), deposedKey: nil, run: "r")], under: lease)
                try await backend.commit([.put(Sample.record("a"), run: "r")], under: lease)
                let reborn = try await backend.record(Sample.address("a")).generation
                try expect(reborn > last, "\(reborn) after the removal is more than \(last) before it")
            }
        },
        ConformanceCheck("a row keeps its generation while others change") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                try await backend.commit([.put(Sample.record("a"), run: "r")], under: lease)
                let before = try await backend.record(Sample.address("a"))
                try await backend.commit(
                    [.put(Sample.record("b"), run: "r"), .outputs([OutputRecord(name: "o", value: 1)])], under: lease)
                try expectEqual(try await backend.record(Sample.address("a")), before, "the row")
            }
        },
        ConformanceCheck("the generation of the stack rises with each commit that changes it") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                let changes: [StateWrite] = [
                    .put(Sample.record("a"), run: "r"), .put(Sample.record("a", deposedKey: "d"), run: "r"),
                    .remove(Sample.address("a"), deposedKey: "d", run: "r"),
                    .outputs([OutputRecord(name: "o", value: 1)]), .applied(revision: "abc"),
                ]
                var last: Int64 = 0
                for change in changes {
                    try await backend.commit([change], under: lease)
                    let generation = try await backend.snapshot(of: "web").generation
                    try expect(generation > last, "\(generation) is more than \(last) after \(change)")
                    last = generation
                }
            }
        },
        ConformanceCheck("a deposed instance stands beside the current one and goes alone") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                let current = Sample.record("a", values: ["size": 2])
                let deposed = Sample.record("a", deposedKey: "d1", values: ["size": 1])
                try await backend.commit([.put(current, run: "r"), .put(deposed, run: "r")], under: lease)
                let rows = try await backend.snapshot(of: "web").resources.map(\.asPut)
                try expectEqual(Set(rows), [current, deposed], "rows")
                try await backend.commit([.remove(current.address, deposedKey: "d1", run: "r")], under: lease)
                let left = try await backend.snapshot(of: "web").resources.map(\.asPut)
                try expectEqual(left, [current], "rows after the deposed one is gone")
            }
        },
        ConformanceCheck("removing what is not there is no error and changes nothing") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                try await backend.commit([.put(Sample.record("a"), run: "r")], under: lease)
                let before = try await backend.snapshot(of: "web").generation
                try await backend.commit([.remove(Sample.address("b"), deposedKey: nil, run: "r")], under: lease)
                try await backend.commit([.remove(Sample.address("a"), deposedKey: "d", run: "r")], under: lease)
                try expectEqual(try await backend.snapshot(of: "web").generation, before, "generation")
                try expectEqual(try await backend.history(of: "web", address: nil, limit: 9).count, 1, "history")
            }
        },
        ConformanceCheck("instances of one declaration are rows of their own") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                let records = [
                    Sample.record("a"), Sample.record("a", key: .index(0)), Sample.record("a", key: .name("0")),
                    Sample.record("A"), Sample.record("a", key: .name("")),
                ]
                try await backend.commit(records.map { .put($0, run: "r") }, under: lease)
                let rows = try await backend.snapshot(of: "web").resources.map(\.asPut)
                try expectEqual(Set(rows), Set(records), "rows")
            }
        },
        ConformanceCheck("outputs are replaced as a whole") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                let first = [OutputRecord(name: "a", value: 1), OutputRecord(name: "b", value: "x")]
                try await backend.commit([.outputs(first)], under: lease)
                try expectEqual(Set(try await backend.snapshot(of: "web").outputs), Set(first), "outputs")
                let second = [OutputRecord(name: "b", value: Value.string("y").sensitive())]
                try await backend.commit([.outputs(second)], under: lease)
                try expectEqual(try await backend.snapshot(of: "web").outputs, second, "outputs after the second")
                try await backend.commit([.outputs([])], under: lease)
                try expectEqual(try await backend.snapshot(of: "web").outputs, [], "outputs in the end")
            }
        },
    ]
}
