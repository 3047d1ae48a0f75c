import Foundation
import Testing

/// Many processes on one stack: who plans waits for nobody, who applies comes after the one before, and whoever has lost the
/// stack writes nothing more.
struct CrowdTests {
    /// 100 in `PLUMB_CROWD=100 make test FILTER=CrowdTests`.
    private static let planners = TestSize.of("PLUMB_CROWD", byDefault: 12)
    private static let leave = "providers: {builtin: {allow_commands: true}}\n"

    /// Each `b` is made after its `a`; the apply goes on until there is a file `go`.
    @Test(arguments: StateHome.expected)
    func whoPlansWaitsForNobodyAndReadsOneInstant(_ home: StateHome) async throws {
        let pairs = 150
        let stack = try await home.stack(
            [
                "main.yaml": """
                resources:
                  data_value.a: {count: \(pairs), spec: {input: "${count.index}"}}
                  data_value.b: {count: \(pairs), spec: {input: "${data_value.a[count.index].id}"}}
                  command.gate: {spec: {create: 'touch begun; while [ ! -e go ]; do sleep 0.1; done'}}
                """
            ], more: Self.leave)
        let apply = try stack.start(["apply", "--auto-approve"], [:], 300)
        try await stack.awaitFile("begun")
        let plans = try (0..<Self.planners).map { _ in
            try stack.start(["plan", "--json", "--detailed-exitcode"], [:], 240)
        }
        var seen: [Int] = []
        for plan in plans {
            let result = await plan.result()
            #expect(!result.ranIntoDeadline, "a plan waited for the apply")
            #expect(result.code == 2, "\(result.errors)")
            let missing = try Set(Self.creations(in: result.output))
            for index in 0..<pairs where missing.contains("data_value.a[\(index)]") {
                #expect(missing.contains("data_value.b[\(index)]"), "half of what was there was read")
            }
            #expect(missing.contains("command.gate"), "it is still being made")
            seen.append(missing.count)
        }
        #expect(apply.isRunning)
        #expect(seen.count == Self.planners)
        try stack.write("go", "")
        let result = await apply.result()
        #expect(result.code == 0, "\(result.errors)")
        #expect(try await stack.recorded().count == 2 * pairs + 1)
        try await stack.expectNoChanges()
    }

    private static func creations(in document: String) throws -> [String] {
        struct Document: Decodable {
            struct Change: Decodable {
                struct Actions: Decodable { let actions: [String] }
                let address: String
                let change: Actions
            }
            let resource_changes: [Change]
        }
        let plan = try JSONDecoder().decode(Document.self, from: Data(document.utf8))
        return plan.resource_changes.filter { $0.change.actions == ["create"] }.map(\.address)
    }

    @Test(arguments: StateHome.expected)
    func eightThatWaitForEachOtherApplyOneAfterTheOther(_ home: StateHome) async throws {
        let stack = try await home.stack([
            "main.yaml": """
            resources:
              local_file.f: {count: 8, spec: {filename: "out/${count.index}", content: x}}
              time_sleep.t: {count: 8, spec: {create_duration: 150ms}}
            """
        ])
        let processes = try (0..<8).map { number in
            try stack.start(
                [
                    "apply", "--auto-approve", "--lock-timeout", "2m", "--target", "local_file.f[\(number)]",
                    "--target",
                    "time_sleep.t[\(number)]",
                ], [:], 150)
        }
        var waited = 0
        for process in processes {
            let result = await process.result()
            #expect(result.code == 0, "\(result.output)\(result.errors)")
            if result.words.contains("Waiting up to 2m for tester@") { waited += 1 }
        }
        #expect(waited >= 4, "only \(waited) of 8 had to wait")
        #expect(try await stack.recorded().count == 16)
        #expect(stack.list("out").count == 8)
        try await stack.expectNoChanges()
        // One run begins when the one before it has ended.
        let runs = try await stack.recordedRuns().sorted { $0.started < $1.started }
        #expect(runs.count == 8)
        for (first, second) in zip(runs, runs.dropFirst()) {
            #expect(second.started >= first.finished, "two runs at once")
        }
    }

    @Test(arguments: StateHome.expected)
    func eightThatDoNotWaitLoseNothing(_ home: StateHome) async throws {
        let stack = try await home.stack([
            "main.yaml": """
            resources:
              random_uuid.a: {count: 20}
              local_file.a: {count: 20, spec: {filename: "out/${count.index}", content: x}}
            """
        ])
        let processes = try (0..<8).map { _ in try stack.start(["apply", "--auto-approve"], [:], 120) }
        var succeeded = 0
        for process in processes {
            let result = await process.result()
            if result.code == 0 { succeeded += 1 } else { #expect(result.code == 1, "\(result.errors)") }
        }
        #expect(succeeded >= 1)
        #expect(try await stack.recorded().count == 40)
        try await stack.expectNoChanges()
        let runs = try await stack.recordedRuns().sorted { $0.started < $1.started }
        for (first, second) in zip(runs, runs.dropFirst()) {
            #expect(second.started >= first.finished, "two runs at once")
        }
    }

    @Test(arguments: StateHome.expected)
    func whoeverGivesUpWaitingIsTold(_ home: StateHome) async throws {
        let stack = try await home.stack([
            "main.yaml": """
            resources:
              local_file.started: {spec: {filename: out/started, content: x}}
              time_sleep.a: {depends_on: [local_file.started], spec: {create_duration: 6s}}
            """
        ])
        let first = try stack.start(["apply", "--auto-approve"])
        try await stack.awaitFile("out/started")
        let second = await (try stack.start(["apply", "--auto-approve", "--lock-timeout", "500ms"])).result()
        #expect(second.code == 1)
        #expect(second.words.contains("is held by tester@"), "\(second.errors)")
        #expect(second.words.contains("Waiting up to 500ms for"))
        let wrong = await (try stack.start(["apply", "--lock-timeout", "soon"])).result()
        #expect(wrong.code == 1 || wrong.code == 64)
        #expect(wrong.words.contains("--lock-timeout"))
        #expect(await first.result().code == 0)
    }

    /// A machine that was suspended in the middle of an apply, and wakes up after somebody else has done the work.
    @Test(arguments: StateHome.expected)
    func aHolderThatSleptThroughItsLeaseWritesNothing(_ home: StateHome) async throws {
        let stack = try await home.stack(
            [
                "main.yaml": """
                resources:
                  local_file.started: {spec: {filename: out/started, content: x}}
                  command.slow:
                    depends_on: [local_file.started]
                    spec: {create: 'touch made; while [ ! -e go ]; do sleep 0.1; done', repeatable: true}
                  local_file.later: {depends_on: [command.slow], spec: {filename: out/later, content: x}}
                """
            ], more: Self.leave)
        let first = try stack.start(["apply", "--auto-approve"], [:], 120)
        try await stack.awaitFile("made")
        first.send(SIGSTOP)
        let unlocked = await (try stack.start(["state", "unlock", "--force", "--reason", "the machine sleeps"]))
            .result()
        #expect(unlocked.code == 0, "\(unlocked.errors)")
        try stack.write("go", "")
        let second = await (try stack.start(["apply", "--auto-approve"], [:], 120)).result()
        #expect(second.code == 0, "\(second.output)\(second.errors)")
        let before = try await stack.plumb("state", "pull", "--history").output
        first.send(SIGCONT)
        let result = await first.result()
        #expect(result.code == 1, "\(result.output)")
        #expect(result.words.contains("Lease lost"), "\(result.output)\(result.errors)")
        #expect(result.words.contains("nothing was written"))
        #expect(try await stack.plumb("state", "pull", "--history").output == before)
        try await stack.expectNoChanges()
    }
}

/// A run as the state tells of it.
struct RecordedRun: Decodable {
    let started: Double
    let finished: Double

    private enum CodingKeys: String, CodingKey {
        case started = "started_at"
        case finished = "finished_at"
    }
}

extension Stack {
    /// The runs that history keeps, oldest first.
    func recordedRuns() async throws -> [RecordedRun] {
        struct Document: Decodable { let runs: [RecordedRun] }
        let text = try await plumb("state", "pull", "--history").output
        return try JSONDecoder().decode(Document.self, from: Data(text.utf8)).runs
    }
}
