import StateBackendAPI

extension ControllerStoreConformance {
    static let memberChecks = [
        ControllerStoreCheck("controllers that share a database see each other; elsewhere the second one is refused") {
            place in
            try await place.withTwo { one, other in
                try expectEqual(try await one.announce(member("a"), seconds: 10), [member("a")], "alone")
                guard one.isShared else {
                    try await expectHeld(by: "host/a") { () throws(StateBackendError) in
                        _ = try await other.announce(member("b"), seconds: 10)
                    }
                    // It lives, whatever its clock says.
                    place.clock.advance(by: 60)
                    try await expectHeld(by: "host/a") { () throws(StateBackendError) in
                        _ = try await other.announce(member("b"), seconds: 10)
                    }
                    try expectEqual(try await one.announce(member("a"), seconds: 10), [member("a")], "still there")
                    return
                }
                try expectEqual(
                    try await other.announce(member("b"), seconds: 10), [member("a"), member("b")], "both")
                try expectEqual(try await one.announce(member("a"), seconds: 10), [member("a"), member("b")], "both")
            }
        },
        ControllerStoreCheck(
            "a controller that crashed is forgotten when its word has ended, or at once where it can be seen"
        ) {
            place in
            try await place.withStore { crashed in _ = try await crashed.announce(member("a"), seconds: 10) }
            try await place.withStore { next in
                if next.isShared {
                    place.clock.advance(by: 9)
                    try expectEqual(
                        try await next.announce(member("b"), seconds: 10), [member("a"), member("b")], "it may live")
                    place.clock.advance(by: 2)
                }
                try expectEqual(
                    try await next.announce(member("b"), seconds: 10), [member("b")], "the crashed one is gone")
            }
        },
        ControllerStoreCheck("a controller that leaves is gone at once") { place in
            try await place.withTwo { one, other in
                _ = try await one.announce(member("a"), seconds: 1_000)
                try await one.leave("a")
                try expectEqual(try await other.announce(member("b"), seconds: 10), [member("b")], "members")
                try await other.leave("a")
                if !one.isShared {
                    try await expectHeld(by: "host/b") { () throws(StateBackendError) in
                        _ = try await one.announce(member("a"), seconds: 10)
                    }
                }
            }
        },
    ]

    static let changeChecks = [
        ControllerStoreCheck("no change is missed between two waits, and a wait without one ends in time") { place in
            try await place.withTwo { one, other in
                _ = try await one.write("0", of: "sum", key: "all", replacing: nil)
                var seen = try await settled(other)
                for number in 1...3 {
                    // Written while nobody waits.
                    _ = try await one.append([entry("\(number)", "a")])
                    let start = ContinuousClock.now
                    seen = try await changed(other, since: seen)
                    try expect(ContinuousClock.now - start < .seconds(5), "the change \(number) was heard of")
                }
                seen = try await settled(other)
                let start = ContinuousClock.now
                let same = try await other.awaitChange(since: seen, seconds: 0.3)
                try expect(ContinuousClock.now - start > .milliseconds(250) || same != seen, "it waits")
                try expect(ContinuousClock.now - start < .seconds(5), "it ends in time")
            }
        },
        ControllerStoreCheck("a wait ends with its task") { place in
            try await place.withStore { store in
                let waiting = Task { try await store.awaitChange(since: try await settled(store), seconds: 600) }
                try await Task.sleep(for: .milliseconds(300))
                let start = ContinuousClock.now
                waiting.cancel()
                _ = await waiting.result
                try expect(ContinuousClock.now - start < .seconds(5), "it ends at once")
            }
        },
    ]

    static func member(_ id: String) -> ControllerMember {
        ControllerMember(id: id, name: "host/\(id)", version: "1.2.3")
    }

    private static func expectHeld(
        by name: String, _ body: () async throws(StateBackendError) -> Void
    ) async throws(ConformanceFailure) {
        do throws(StateBackendError) {
            try await body()
        } catch {
            try expectEqual(error.code, .leaseHeld, "code")
            return try expect(error.message.contains(name), "\"\(error.message)\" names \(name)")
        }
        throw ConformanceFailure(description: "a second controller was let in beside \(name)")
    }

    /// The count when nothing is left to be heard of.
    private static func settled(_ store: any ControllerStore) async throws -> Int64 {
        var seen = try await store.awaitChange(since: 0, seconds: 10)
        while true {
            let next = try await store.awaitChange(since: seen, seconds: 0.7)
            if next == seen { return seen }
            seen = next
        }
    }

    private static func changed(_ store: any ControllerStore, since seen: Int64) async throws -> Int64 {
        let found = try await store.awaitChange(since: seen, seconds: 10)
        try expect(found != seen, "a change was heard of")
        return found
    }
}
