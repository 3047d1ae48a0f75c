import StateBackendAPI

extension ControllerStoreConformance {
    static let recordChecks = [
        ControllerStoreCheck("a store that was never written is empty") { place in
            try await place.withStore { store in
                try expectEqual(try await store.records(of: "status"), [], "records")
                try expectEqual(try await store.record(of: "status", key: "web"), nil, "record")
                try expectEqual(
                    try await store.entries(of: "events", subject: nil, after: nil, limit: 9), [], "entries")
                try await store.remove(of: "status", key: "web")
                try await store.trim("events", keeping: 1)
                try await store.leave("nobody")
            }
        },
        ControllerStoreCheck("a record is read as it was written, by everybody, after the end of its writer too") {
            place in
            let text = #"{"emoji": "\u0000 \ud83d\ude00", "plain": "🙂 'quoted' \\ $1 ?1"}"#
            try await place.withStore { store in
                let version = try await store.write(text, of: "status", key: "web/ä \"x\"", replacing: nil)
                try expectEqual(
                    try await store.records(of: "status"),
                    [ControllerRecord(kind: "status", key: "web/ä \"x\"", version: version ?? -1, text: text)],
                    "records")
            }
            try await place.withStore { store in
                try expectEqual(try await store.record(of: "status", key: "web/ä \"x\"")?.text, text, "text")
                try expectEqual(try await store.records(of: "pin"), [], "records of another kind")
            }
        },
        ControllerStoreCheck("a write that has read another version changes nothing") { place in
            try await place.withTwo { one, other in
                let first = try await one.write("a", of: "status", key: "web", replacing: nil)
                try expect(first != nil, "the first write is done")
                try expectEqual(
                    try await other.write("b", of: "status", key: "web", replacing: nil), nil, "second first")
                let second = try await other.write("c", of: "status", key: "web", replacing: first)
                try expect((second ?? 0) > (first ?? 0), "versions rise")
                try expectEqual(try await one.write("d", of: "status", key: "web", replacing: first), nil, "late write")
                try expectEqual(try await one.record(of: "status", key: "web")?.text, "c", "text")
            }
        },
        ControllerStoreCheck("a record that was removed and made anew has a version it never had") { place in
            try await place.withStore { store in
                var seen: Set<Int64> = []
                for _ in 0..<5 {
                    let version = try await store.write("a", of: "status", key: "web", replacing: nil)
                    try expect(seen.insert(version ?? -1).inserted, "the version \(version ?? -1) is new")
                    try await store.remove(of: "status", key: "web")
                    try expectEqual(try await store.record(of: "status", key: "web"), nil, "removed")
                    try expectEqual(
                        try await store.write("b", of: "status", key: "web", replacing: version), nil,
                        "write of a ghost")
                }
            }
        },
        ControllerStoreCheck("of 20 writers in a race, each write is done once and none is lost") { place in
            try await place.withTwo { one, other in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<20 {
                        let store = number.isMultiple(of: 2) ? one : other
                        group.addTask { for _ in 0..<5 { try await add(1, in: store) } }
                    }
                    try await group.waitForAll()
                }
                try expectEqual(try await one.record(of: "sum", key: "all")?.text, "100", "sum")
            }
        },
        ControllerStoreCheck("the records of a kind come in the order of their keys") { place in
            try await place.withStore { store in
                for key in ["b", "a", "Z", "ä", "a/b", "10", "9"] {
                    _ = try await store.write(key, of: "status", key: key, replacing: nil)
                }
                try expectEqual(
                    try await store.records(of: "status").map(\.key), ["10", "9", "Z", "a", "a/b", "b", "ä"], "keys")
            }
        },
    ]

    /// Adds to a number that all writers share.
    private static func add(_ difference: Int, in store: any ControllerStore) async throws {
        while true {
            let record = try await store.record(of: "sum", key: "all")
            let sum = (record.flatMap { Int($0.text) } ?? 0) + difference
            if try await store.write("\(sum)", of: "sum", key: "all", replacing: record?.version) != nil { return }
        }
    }
}
