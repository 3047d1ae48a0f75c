import PlumbModel
import StateBackendAPI

extension StateBackendConformance {
    static let leaseChecks = [
        ConformanceCheck("a free lease is given, and held against others") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease(holder: "ada@host", seconds: 30)
                try expectEqual(lease.stack, "web", "stack")
                try expectEqual(lease.holder, "ada@host", "holder")
                try expectEqual(lease.expiresAt, place.clock.now + 30, "expiry")
                try expectEqual(try await backend.currentLease(on: "web"), lease, "current lease")
                do throws(StateBackendError) {
                    _ = try await backend.acquireLease(on: "web", holder: "bob", seconds: 30)
                } catch {
                    try expectEqual(error.code, .leaseHeld, "code")
                    try expect(error.message.contains("ada@host"), "\"\(error.message)\" names the holder")
                    try expect(error.isRetryable, "it may be tried again")
                    return
                }
                throw ConformanceFailure(description: "a held lease was given to a second holder")
            }
        },
        ConformanceCheck("leases of several stacks are independent") { place in
            try await place.withBackend { backend in
                let web = try await backend.lease("web")
                let db = try await backend.lease("db")
                try await backend.breakLease(on: "db")
                try expectEqual(try await backend.currentLease(on: "web"), web, "lease on web")
                try expect(
                    try await backend.currentLease(on: "db") == nil, "no lease on db after \(db.fence) is broken")
            }
        },
        ConformanceCheck("a released lease is free at once, and its fence goes on rising") { place in
            try await place.withBackend { backend in
                let first = try await backend.lease()
                try await backend.release(first)
                try expectEqual(try await backend.currentLease(on: "web"), nil, "current lease")
                let second = try await backend.lease(holder: "other")
                try expect(second.fence > first.fence, "\(second.fence) is more than \(first.fence)")
                try await backend.release(first)
                try expectEqual(
                    try await backend.currentLease(on: "web"), second, "after the old one is released again")
            }
        },
        ConformanceCheck("an expired lease is given to the next, and the old holder can write no more") { place in
            try await place.withBackend { backend in
                let old = try await backend.lease(seconds: 30)
                place.clock.advance(by: 31)
                try expectEqual(try await backend.currentLease(on: "web"), nil, "current lease")
                let new = try await backend.lease(holder: "other", seconds: 30)
                try expect(new.fence > old.fence, "\(new.fence) is more than \(old.fence)")
                try await expectFailure(.leaseLost, "a write under the old lease") { () throws(StateBackendError) in
                    try await backend.commit([.put(Sample.record("a"), run: "r")], under: old)
                }
                try await expectFailure(.leaseLost, "renewing the old lease") { () throws(StateBackendError) in
                    _ = try await backend.renew(old, seconds: 30)
                }
                try await backend.commit([.put(Sample.record("b"), run: "r")], under: new)
                let rows = try await backend.snapshot(of: "web").resources.map(\.address)
                try expectEqual(rows, [Sample.address("b")], "rows")
            }
        },
        ConformanceCheck("an expired lease that nobody has taken still writes, and can be renewed") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease(seconds: 30)
                place.clock.advance(by: 100)
                try await backend.commit([.put(Sample.record("a"), run: "r")], under: lease)
                let renewed = try await backend.renew(lease, seconds: 50)
                try expectEqual(renewed.fence, lease.fence, "fence")
                try expectEqual(renewed.expiresAt, place.clock.now + 50, "expiry")
                try expectEqual(try await backend.currentLease(on: "web"), renewed, "current lease")
            }
        },
        ConformanceCheck("a renewed lease outlives its first expiry") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease(seconds: 30)
                place.clock.advance(by: 20)
                _ = try await backend.renew(lease, seconds: 30)
                place.clock.advance(by: 20)
                try await expectFailure(.leaseHeld, "acquiring it") { () throws(StateBackendError) in
                    _ = try await backend.acquireLease(on: "web", holder: "other", seconds: 1)
                }
                // The lease as it was first given carries the same fence.
                try await backend.commit([.put(Sample.record("a"), run: "r")], under: lease)
            }
        },
        ConformanceCheck("a broken lease writes no more, and the next is newer") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                try await backend.breakLease(on: "web")
                try expectEqual(try await backend.currentLease(on: "web"), nil, "current lease")
                try await expectFailure(.leaseLost, "a write") { () throws(StateBackendError) in
                    try await backend.commit([.openIntent(Sample.intent("i"))], under: lease)
                }
                try await expectFailure(.leaseLost, "renewing it") { () throws(StateBackendError) in
                    _ = try await backend.renew(lease, seconds: 1)
                }
                let next = try await backend.lease(holder: "other")
                try expect(next.fence > lease.fence + 0, "\(next.fence) is more than \(lease.fence)")
                try expectEqual(try await backend.snapshot(of: "web").openIntents, [], "open intents")
            }
        },
        ConformanceCheck("breaking the lease of a stack that has none is no error") { place in
            try await place.withBackend { backend in
                try await backend.breakLease(on: "web")
                _ = try await backend.lease()
            }
        },
        ConformanceCheck("a lease that was never given writes nothing") { place in
            try await place.withBackend { backend in
                let invented = Lease(stack: "web", holder: "nobody", fence: 1, expiresAt: place.clock.now + 60)
                try await expectFailure(.leaseLost, "a write on an empty place") { () throws(StateBackendError) in
                    try await backend.commit([.put(Sample.record("a"), run: "r")], under: invented)
                }
                _ = try await backend.lease("other")
                try await expectFailure(.leaseLost, "a write beside another stack") { () throws(StateBackendError) in
                    try await backend.commit([.put(Sample.record("a"), run: "r")], under: invented)
                }
                try await expectFailure(.leaseLost, "an empty commit") { () throws(StateBackendError) in
                    try await backend.commit([], under: invented)
                }
                try await backend.release(invented)
                try expectEqual(try await backend.snapshot(of: "web").lineage, nil, "lineage")
            }
        },
        ConformanceCheck("a clock that is set back neither ends a lease nor lets a second holder in") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease(seconds: 30)
                place.clock.advance(by: -3600)
                try await backend.commit([.put(Sample.record("a"), run: "r")], under: lease)
                try await expectFailure(.leaseHeld, "acquiring it") { () throws(StateBackendError) in
                    _ = try await backend.acquireLease(on: "web", holder: "other", seconds: 30)
                }
                // The next renewal goes by the new time, so that it cannot last an hour too long.
                let renewed = try await backend.renew(lease, seconds: 30)
                try expectEqual(renewed.expiresAt, place.clock.now + 30, "expiry")
                place.clock.advance(by: 31)
                let next = try await backend.lease(holder: "other")
                try expect(next.fence > lease.fence, "\(next.fence) is more than \(lease.fence)")
            }
        },
        ConformanceCheck("whoever waits for a lease is woken when it is given back, broken, or over") { place in
            try await place.withBackend { one in
                try await place.withBackend { other in
                    try await other.awaitRelease(of: "web", seconds: 60)
                    for isBroken in [false, true] {
                        let lease = try await one.lease()
                        let clock = ContinuousClock()
                        let begin = clock.now
                        try await other.awaitRelease(of: "web", seconds: 0.3)
                        try expect(
                            clock.now - begin >= .milliseconds(250), "it waits while the stack is held")
                        async let waiting: Void = other.awaitRelease(of: "web", seconds: 60)
                        try await Task.sleep(for: .milliseconds(200))
                        if isBroken { try await one.breakLease(on: "web") } else { try await one.release(lease) }
                        try await waiting
                        try expect(clock.now - begin < .seconds(50), "it is woken")
                        try expectEqual(try await other.currentLease(on: "web"), nil, "current lease")
                    }
                    _ = try await one.lease()
                    place.clock.advance(by: 61)
                    let begin = ContinuousClock.now
                    try await other.awaitRelease(of: "web", seconds: 60)
                    try expect(ContinuousClock.now - begin < .seconds(50), "a lease that is over is not waited for")
                }
            }
        },
        ConformanceCheck("whoever no longer wants to wait for a lease is let go") { place in
            try await place.withBackend { backend in
                _ = try await backend.lease()
                let waiting = Task { try await backend.awaitRelease(of: "web", seconds: 60) }
                try await Task.sleep(for: .milliseconds(200))
                let begin = ContinuousClock.now
                waiting.cancel()
                try await waiting.value
                try expect(ContinuousClock.now - begin < .seconds(20), "it returns")
            }
        },
        ConformanceCheck("a released lease writes no more") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                try await backend.release(lease)
                try await expectFailure(.leaseLost, "a write") { () throws(StateBackendError) in
                    try await backend.commit([.put(Sample.record("a"), run: "r")], under: lease)
                }
            }
        },
        ConformanceCheck("a lease taken through one connection is seen through another") { place in
            try await place.withBackend { one in
                try await place.withBackend { other in
                    let lease = try await one.lease()
                    try expectEqual(try await other.currentLease(on: "web"), lease, "lease seen by the other")
                    try await expectFailure(.leaseHeld, "acquiring it there") { () throws(StateBackendError) in
                        _ = try await other.acquireLease(on: "web", holder: "other", seconds: 1)
                    }
                    try await other.breakLease(on: "web")
                    try await expectFailure(.leaseLost, "writing here") { () throws(StateBackendError) in
                        try await one.commit([.put(Sample.record("a"), run: "r")], under: lease)
                    }
                }
            }
        },
    ]
}
