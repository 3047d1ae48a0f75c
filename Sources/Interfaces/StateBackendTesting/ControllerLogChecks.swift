import StateBackendAPI

extension ControllerStoreConformance {
    static let logChecks = [
        ControllerStoreCheck("a log is read page by page, from a number on, or its newest entries") { place in
            try await place.withStore { store in
                for number in 0..<10 {
                    try await store.append([entry("\(number)", number.isMultiple(of: 2) ? "a" : "b")])
                }
                try await store.append([entry("other", "a", log: "audit")])
                let all = try await store.entries(of: "events", subject: nil, after: 0, limit: 99)
                try expectEqual(all.map(\.text), (0..<10).map { "\($0)" }, "all")
                try expectEqual(all.first?.time, 1_800_000_000.25, "time")
                try expect(zip(all, all.dropFirst()).allSatisfy { $0.number < $1.number }, "numbers rise")
                try expectEqual(
                    try await store.entries(of: "events", subject: nil, after: all[3].number, limit: 2),
                    Array(all[4...5]),
                    "a page")
                try expectEqual(
                    try await store.entries(of: "events", subject: nil, after: nil, limit: 3), Array(all[7...]),
                    "newest")
                try expectEqual(
                    try await store.entries(of: "events", subject: "b", after: all[3].number, limit: 2).map(\.text),
                    ["5", "7"], "a page of one subject")
                try expectEqual(
                    try await store.entries(of: "events", subject: "a", after: nil, limit: 2).map(\.text), ["6", "8"],
                    "newest of one subject")
                try expectEqual(
                    try await store.entries(of: "events", subject: nil, after: all[9].number, limit: 9), [], "the end")
            }
        },
        ControllerStoreCheck("numbers are never given out twice, even where the newest entries were trimmed") { place in
            try await place.withStore { store in
                try await store.append((0..<5).map { entry("\($0)", "a") } + [entry("kept", "a", log: "audit")])
                let before = try await store.entries(of: "events", subject: nil, after: nil, limit: 9)
                try await store.trim("events", keeping: 0)
                try expectEqual(
                    try await store.entries(of: "events", subject: nil, after: nil, limit: 9), [], "trimmed")
                try await store.append([entry("new", "a")])
                let after = try await store.entries(of: "events", subject: nil, after: nil, limit: 9)
                try expect((after.first?.number ?? 0) > (before.last?.number ?? 0), "the number is a new one")
                try expectEqual(
                    try await store.entries(of: "audit", subject: nil, after: nil, limit: 9).map(\.text), ["kept"],
                    "the other log")
            }
        },
        ControllerStoreCheck("trimming keeps the newest entries of the log") { place in
            try await place.withStore { store in
                try await store.append((0..<20).map { entry("\($0)", "a") })
                try await store.trim("events", keeping: 30)
                try expectEqual(
                    try await store.entries(of: "events", subject: nil, after: 0, limit: 99).count, 20,
                    "nothing to trim")
                try await store.trim("events", keeping: 3)
                try expectEqual(
                    try await store.entries(of: "events", subject: nil, after: 0, limit: 99).map(\.text),
                    ["17", "18", "19"], "kept")
            }
        },
        ControllerStoreCheck("a reader who pages by number while 20 write misses nothing") { place in
            try await place.withTwo { one, other in
                try await place.withStore { reader in
                    try await withThrowingTaskGroup(of: [String].self) { group in
                        for writer in 0..<20 {
                            let store = writer.isMultiple(of: 2) ? one : other
                            group.addTask {
                                for number in 0..<20 {
                                    // Batches of several sizes take different times.
                                    let size = number % 4 + 1
                                    try await store.append((0..<size).map { entry("\(writer).\(number).\($0)", "a") })
                                }
                                return []
                            }
                        }
                        group.addTask {
                            var (last, texts): (Int64, [String]) = (0, [])
                            let end = ContinuousClock.now + .seconds(60)
                            while texts.count < 20 * 50, ContinuousClock.now < end {
                                let page = try await reader.entries(of: "events", subject: nil, after: last, limit: 7)
                                texts += page.map(\.text)
                                last = page.last?.number ?? last
                                if page.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
                            }
                            return texts
                        }
                        let texts = try await group.reduce(into: [String]()) { $0 += $1 }
                        try expectEqual(texts.count, 1_000, "entries that the reader saw")
                        try expectEqual(Set(texts).count, 1_000, "different entries that the reader saw")
                    }
                }
            }
        },
    ]

    static func entry(_ text: String, _ subject: String, log: String = "events") -> ControllerLogEntry {
        ControllerLogEntry(log: log, subject: subject, time: 1_800_000_000.25, text: text)
    }
}
