import PlumbModel
import StateBackendAPI

extension StateBackendConformance {
    static let concurrencyChecks = [
        ConformanceCheck("200 commits at once are all kept, each whole") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<200 {
                        group.addTask {
                            let name = "r\(number)"
                            let intent = Sample.intent(name, name)
                            try await backend.commit([.openIntent(intent)], under: lease)
                            try await backend.commit(
                                [.put(Sample.record(name), run: "r"), .conclude(intent: name, .done)], under: lease)
                        }
                    }
                    try await group.waitForAll()
                }
                let snapshot = try await backend.snapshot(of: "web")
                let names = Set(snapshot.resources.map(\.address.name))
                try expectEqual(names, Set((0..<200).map { "r\($0)" }), "rows")
                try expectEqual(snapshot.resources.count, 200, "number of rows")
                try expectEqual(Set(snapshot.resources.map(\.generation)).count, 200, "different generations")
                try expectEqual(snapshot.openIntents, [], "open intents")
                try expectEqual(try await backend.history(of: "web", address: nil, limit: 999).count, 200, "history")
            }
        },
        ConformanceCheck("of commits at once, those that fail take no other with them") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                let failed = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<100 {
                        group.addTask {
                            let write: [StateWrite] =
                                number.isMultiple(of: 3) ? [.conclude(intent: "nobody opened it", .done)] : []
                            do throws(StateBackendError) {
                                try await backend.commit(
                                    [.put(Sample.record("r\(number)"), run: "r")] + write, under: lease)
                                return false
                            } catch {
                                try expectEqual(error.code, .failed, "code of the failing commit \(number)")
                                return true
                            }
                        }
                    }
                    return try await group.reduce(into: 0) { count, hasFailed in count += hasFailed ? 1 : 0 }
                }
                try expectEqual(failed, 34, "failed commits")
                let names = Set(try await backend.snapshot(of: "web").resources.map(\.address.name))
                let expected = Set((0..<100).filter { !$0.isMultiple(of: 3) }.map { "r\($0)" })
                try expectEqual(names, expected, "rows")
            }
        },
        ConformanceCheck("of many that want a lease at once, one gets it") { place in
            try await place.withBackend { one in
                try await place.withBackend { other in
                    let winners = try await withThrowingTaskGroup(of: Lease?.self) { group in
                        for number in 0..<40 {
                            let backend = number.isMultiple(of: 2) ? one : other
                            group.addTask {
                                do throws(StateBackendError) {
                                    return try await backend.acquireLease(on: "web", holder: "\(number)", seconds: 60)
                                } catch {
                                    try expectEqual(error.code, .leaseHeld, "code")
                                    return nil
                                }
                            }
                        }
                        return try await group.reduce(into: [Lease]()) { winners, lease in
                            if let lease { winners.append(lease) }
                        }
                    }
                    try expectEqual(winners.count, 1, "leases given")
                    try expectEqual(try await one.currentLease(on: "web"), winners.first, "current lease")
                }
            }
        },
        ConformanceCheck("readers see whole commits while others are written") { place in
            try await place.withBackend { writer in
                try await place.withBackend { reader in
                    let lease = try await writer.lease()
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask {
                            for size in 1...60 {
                                let values: Value = ["size": .number(size)]
                                try await writer.commit(
                                    ["a", "b", "c"].map { .put(Sample.record($0, values: values), run: "r") },
                                    under: lease)
                            }
                        }
                        group.addTask {
                            var last: Int64 = 0
                            for _ in 0..<60 {
                                let snapshot = try await reader.snapshot(of: "web")
                                let sizes = Set(snapshot.resources.map(\.values))
                                try expect(sizes.count <= 1, "the rows \(snapshot.resources) are of one commit")
                                try expect(
                                    snapshot.resources.isEmpty || snapshot.resources.count == 3, "all rows or none")
                                try expect(snapshot.generation >= last, "time does not run backwards")
                                last = snapshot.generation
                            }
                        }
                        try await group.waitForAll()
                    }
                }
            }
        },
        ConformanceCheck("two connections that write in turn do not lose anything") { place in
            try await place.withBackend { one in
                try await place.withBackend { other in
                    let (web, db) = (try await one.lease("web"), try await other.lease("db"))
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for number in 0..<50 {
                            group.addTask {
                                try await one.commit([.put(Sample.record("r\(number)"), run: "r")], under: web)
                            }
                            group.addTask {
                                try await other.commit([.put(Sample.record("r\(number)"), run: "r")], under: db)
                            }
                        }
                        try await group.waitForAll()
                    }
                    for stack in ["web", "db"] {
                        try expectEqual(try await one.snapshot(of: stack).resources.count, 50, "rows of \(stack)")
                    }
                }
            }
        },
    ]
}
