import PlumbModel
import StateBackendAPI

extension StateBackendConformance {
    static let contentsChecks = [
        ConformanceCheck("a stack never written has no contents") { place in
            try await place.withBackend { backend in
                try expectEqual(try await backend.contents(of: "web"), nil, "contents")
                _ = try await backend.lease()
                try expectEqual(try await backend.contents(of: "web"), nil, "contents under a lease alone")
            }
        },
        ConformanceCheck("contents have all that was written: rows, outputs, open intents, history and runs") { place in
            try await place.withBackend { backend in
                let lease = try await fill(backend)
                let contents = try await existing(backend)
                let snapshot = try await backend.snapshot(of: "web")
                try expectEqual(contents.lineage, snapshot.lineage ?? "", "lineage")
                try expectEqual(contents.generation, snapshot.generation, "generation")
                try expectEqual(contents.revision, "abc", "revision")
                try expectEqual(contents.movedTo, nil, "moved to")
                try expectEqual(Set(contents.resources), Set(snapshot.resources), "rows")
                try expectEqual(contents.outputs, snapshot.outputs, "outputs")
                try expectEqual(contents.openIntents, [Sample.intent("i-open")], "intents")
                try expectEqual(contents.runs.map(\.id), ["run-1", "run-2"], "runs, oldest first")
                try expectEqual(
                    contents.history.map(\.generation), contents.history.map(\.generation).sorted(),
                    "generations of history, oldest first")
                try expectEqual(contents.history.count, 3, "changes")
                try await backend.release(lease)
            }
        },
        ConformanceCheck("what is restored elsewhere is what was there, to the last number") { place in
            try await place.withBackend { backend in
                _ = try await fill(backend)
                var contents = try await existing(backend)
                let other = try await backend.lease("other")
                try await backend.commit([.put(Sample.record("z"), run: "r")], under: other)
                // Intents and runs are one-time names in a place, so those of the copy get others.
                contents.runs = []
                contents.openIntents = [Sample.intent("i-copy")]
                try await backend.commit([.restore(contents)], under: other)
                var copy = try await existing(backend, "other")
                try expectEqual(copy.stack, "other", "stack")
                copy.stack = "web"
                copy.resources.sort { $0.address < $1.address }
                contents.resources.sort { $0.address < $1.address }
                try expectEqual(copy, contents, "contents")
                try await backend.commit([.put(Sample.record("new"), run: "r")], under: other)
                let row = try await backend.record(Sample.address("new"), in: "other")
                try expect(row.generation > contents.generation, "generations go on from \(contents.generation)")
            }
        },
        ConformanceCheck("restoring what is there changes nothing, and leaves no intent of its own behind") { place in
            try await place.withBackend { backend in
                let lease = try await fill(backend)
                let contents = try await existing(backend)
                try await backend.commit([.restore(contents)], under: lease)
                var after = try await existing(backend)
                after.resources.sort { $0.address < $1.address }
                try expectEqual(after, contents.sorted, "contents")
                try await backend.commit([.conclude(intent: "i-open", .absent)], under: lease)
                try expectEqual(try await backend.snapshot(of: "web").openIntents, [], "open intents")
            }
        },
        ConformanceCheck("a stale holder restores nothing") { place in
            try await place.withBackend { backend in
                let lease = try await fill(backend)
                let contents = try await existing(backend)
                try await backend.breakLease(on: "web")
                try await expectFailure(.leaseLost, "a restore after the lease was broken") {
                    () throws(StateBackendError) in
                    try await backend.commit([.restore(contents)], under: lease)
                }
            }
        },
        ConformanceCheck("a state that was moved says where to, until it is restored") { place in
            try await place.withBackend { backend in
                let lease = try await fill(backend)
                let contents = try await existing(backend)
                try await backend.commit([.markMoved(to: "elsewhere")], under: lease)
                try expectEqual(try await backend.snapshot(of: "web").movedTo, "elsewhere", "moved to, in the snapshot")
                try expectEqual(
                    try await backend.contents(of: "web")?.movedTo, "elsewhere", "moved to, in the contents")
                try await backend.commit([.restore(contents)], under: lease)
                try expectEqual(try await backend.snapshot(of: "web").movedTo, nil, "moved to, afterwards")
            }
        },
    ]

    /// Two runs with rows, a deposed one, secrets as they are stored, an output, a revision, and an open intent.
    private static func fill(_ backend: any StateBackend) async throws -> Lease {
        let lease = try await backend.lease()
        var record = Sample.record("a", key: .name("k\"1"), values: ["size": Value.string("sealed").sensitive()])
        record.privateData = "p\0q"
        record.status = .unready
        record.bookkeeping = Bookkeeping(
            dependencies: [Sample.address("b")], isProtected: true, createsBeforeDestroy: true)
        var run = Sample.run("run-1", startedAt: 1_800_000_000.125)
        run.summary = "first"
        try await backend.commit(
            [
                .beginRun(run), .put(record, run: "run-1"), .put(Sample.record("b", deposedKey: "d"), run: "run-1"),
                .finishRun(id: "run-1", outcome: .succeeded, summary: "1 done", at: 1_800_000_001.5),
            ], under: lease)
        try await backend.commit(
            [
                .beginRun(Sample.run("run-2")),
                .put(Sample.record("c", values: ["size": Value.number(Number(1.5))]), run: "run-2"),
                .openIntent(Sample.intent("i-open")),
                .outputs([OutputRecord(name: "o", value: Value.string("sealed").sensitive())]),
                .applied(revision: "abc"),
            ], under: lease)
        return lease
    }

    private static func existing(_ backend: any StateBackend, _ stack: String = "web") async throws -> StateContents {
        guard let contents = try await backend.contents(of: stack) else {
            throw ConformanceFailure(description: "the stack \(stack) has no contents")
        }
        return contents
    }
}

extension StateContents {
    fileprivate var sorted: StateContents {
        var copy = self
        copy.resources.sort { $0.address < $1.address }
        return copy
    }
}
