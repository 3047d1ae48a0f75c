import PlumbModel
import StateBackendAPI

extension StateBackendConformance {
    static let journalChecks = [
        ConformanceCheck("an intent is open until it is concluded, whatever the conclusion") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                let conclusions: [Intent.Conclusion] = [.done, .failed, .adopted, .absent]
                for conclusion in conclusions {
                    let intent = Sample.intent("intent-\(conclusion)")
                    try await backend.commit([.openIntent(intent)], under: lease)
                    try expectEqual(try await backend.snapshot(of: "web").openIntents, [intent], "open intents")
                    try await backend.commit([.conclude(intent: intent.id, conclusion)], under: lease)
                    try expectEqual(try await backend.snapshot(of: "web").openIntents, [], "after \(conclusion)")
                }
            }
        },
        ConformanceCheck("every field of an intent comes back") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                let intent = Intent(
                    id: "7b1f", run: "run-1", address: Sample.address("a", key: .name("k")), deposedKey: "d",
                    provider: "sample.x", action: .update, planned: ["a": .unknown(.string)],
                    prior: ["a": Value.string("s").sensitive()], privateData: "\u{0}p",
                    bookkeeping: Bookkeeping(
                        dependencies: [Sample.address("b")], isProtected: true, createsBeforeDestroy: true))
                let deletion = Intent(
                    id: "9c", run: "run-1", address: Sample.address("b"), provider: "sample", action: .delete,
                    planned: nil, prior: .null)
                try await backend.commit([.openIntent(intent), .openIntent(deletion)], under: lease)
                try expectEqual(try await backend.snapshot(of: "web").openIntents, [intent, deletion], "open intents")
            }
        },
        ConformanceCheck("open intents are listed oldest first") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                for id in ["m", "z", "a", "k"] {
                    try await backend.commit([.openIntent(Sample.intent(id))], under: lease)
                }
                try await backend.commit([.conclude(intent: "z", .done)], under: lease)
                let open = try await backend.snapshot(of: "web").openIntents.map(\.id)
                try expectEqual(open, ["m", "a", "k"], "open intents")
            }
        },
        ConformanceCheck("an intent is opened once and concluded once") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                try await backend.commit([.openIntent(Sample.intent("i"))], under: lease)
                try await expectFailure(.failed, "opening it again") { () throws(StateBackendError) in
                    try await backend.commit([.openIntent(Sample.intent("i"))], under: lease)
                }
                try await backend.commit([.conclude(intent: "i", .done)], under: lease)
                try await expectFailure(.failed, "concluding it again") { () throws(StateBackendError) in
                    try await backend.commit([.conclude(intent: "i", .failed)], under: lease)
                }
                try await expectFailure(.failed, "concluding an unknown one") { () throws(StateBackendError) in
                    try await backend.commit([.conclude(intent: "j", .failed)], under: lease)
                }
            }
        },
        ConformanceCheck("a commit with a failing write in its middle leaves nothing") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                try await backend.commit(
                    [.put(Sample.record("kept"), run: "r"), .outputs([OutputRecord(name: "o", value: 1)])],
                    under: lease)
                let before = try await backend.snapshot(of: "web")
                try await expectFailure(.failed, "the commit") { () throws(StateBackendError) in
                    try await backend.commit(
                        [
                            .beginRun(Sample.run("run-1")), .openIntent(Sample.intent("i")),
                            .put(Sample.record("a"), run: "r"),
                            .remove(Sample.address("kept"), deposedKey: nil, run: "r"),
                            .outputs([]), .conclude(intent: "nobody opened it", .done),
                            .put(Sample.record("b"), run: "r"),
                        ], under: lease)
                }
                let after = try await backend.snapshot(of: "web")
                try expectEqual(after.resources, before.resources, "resources")
                try expectEqual(after.outputs, before.outputs, "outputs")
                try expectEqual(after.openIntents, [], "open intents")
                try expectEqual(after.generation, before.generation, "generation")
                try expectEqual(try await backend.runs(of: "web", limit: 9), [], "runs")
                try expectEqual(try await backend.history(of: "web", address: nil, limit: 9).count, 1, "history")
                try await backend.commit([.openIntent(Sample.intent("i"))], under: lease)
            }
        },
        ConformanceCheck("a result and the end of its intent are one commit") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                try await backend.commit([.openIntent(Sample.intent("i"))], under: lease)
                try await backend.commit(
                    [.put(Sample.record("a"), run: "run-1"), .conclude(intent: "i", .done)], under: lease)
                let snapshot = try await backend.snapshot(of: "web")
                try expectEqual(snapshot.resources.map(\.asPut), [Sample.record("a")], "resources")
                try expectEqual(snapshot.openIntents, [], "open intents")
            }
        },
        ConformanceCheck("a run is recorded when it begins and when it ends") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                var run = RunRecord(
                    id: "run-1", kind: "destroy", trigger: "schedule", revision: "abc", actor: "ada", startedAt: 12.5)
                try await backend.commit([.beginRun(run)], under: lease)
                try expectEqual(try await backend.runs(of: "web", limit: 9), [run], "while it runs")
                try await backend.commit(
                    [.finishRun(id: "run-1", outcome: .failed, summary: "1 failed", at: 99.25)], under: lease)
                run.outcome = .failed
                run.summary = "1 failed"
                run.finishedAt = 99.25
                try expectEqual(try await backend.runs(of: "web", limit: 9), [run], "when it has ended")
                try await expectFailure(.failed, "ending an unknown run") { () throws(StateBackendError) in
                    try await backend.commit(
                        [.finishRun(id: "run-2", outcome: .succeeded, summary: "", at: 1)], under: lease)
                }
            }
        },
        ConformanceCheck("runs are listed newest first, up to the limit") { place in
            try await place.withBackend { backend in
                let lease = try await backend.lease()
                for number in 1...5 {
                    try await backend.commit([.beginRun(Sample.run("run-\(number)", startedAt: 7))], under: lease)
                }
                let ids = try await backend.runs(of: "web", limit: 3).map(\.id)
                try expectEqual(ids, ["run-5", "run-4", "run-3"], "runs")
                try expectEqual(try await backend.runs(of: "web", limit: 0), [], "none")
            }
        },
    ]
}
