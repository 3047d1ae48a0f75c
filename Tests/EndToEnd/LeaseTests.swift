import Foundation
import Testing

/// One apply at a time: the second is told who holds the stack, and a killed one holds nobody up.
struct LeaseTests {
    private static let spec = """
        variables: {pause: {type: string, default: 5s}}
        resources:
          local_file.started: {spec: {filename: out/started, content: x}}
          time_sleep.a: {depends_on: [local_file.started], spec: {create_duration: "${var.pause}"}}
        """

    @Test func theSecondOfTwoIsToldWhoHoldsTheStack() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        let first = try stack.start(["apply", "--auto-approve"])
        try await stack.awaitFile("out/started")
        // Past the gate: the first one waits only so long.
        let second = await (try stack.start(["apply", "--auto-approve"])).result()
        #expect(second.code == 1)
        #expect(second.words.contains("is held by tester@"), "\(second.errors)")
        #expect(second.words.contains("pid \(first.pid)"))
        // Plans take no lease.
        #expect(try await stack.plumb("plan").code == 0)
        let result = await first.result()
        #expect(result.code == 0, "\(result.errors)")
        try await stack.expectNoChanges()
    }

    @Test func aKilledHolderHoldsNobodyUp() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        let first = try stack.start(["apply", "--auto-approve", "--var", "pause=60s"])
        try await stack.awaitFile("out/started")
        first.send(SIGKILL)
        _ = await first.result()
        let next = try await stack.apply("--var", "pause=10ms")
        #expect(next.duration < 28)
        #expect(try await stack.plumb("plan", "--detailed-exitcode", "--var", "pause=10ms").code == 0)
    }

    @Test func thePlanThatAnotherApplyOvertookIsNotDone() async throws {
        let spec = "resources: {local_file.a: {spec: {filename: out/a, content: one}}}\n"
        let stack = try Stack(["main.yaml": spec])
        #expect(try await stack.plumb("plan", "--out", "p.plan").code == 0)
        try await stack.apply()
        let result = try await stack.plumb("apply", "p.plan")
        #expect(result.code == 1)
        #expect(result.words.contains("it did not exist then"), "\(result.errors)")
    }

    @Test func manyAtOnceMakeEverythingOnce() async throws {
        let stack = try Stack([
            "main.yaml": """
            resources:
              random_uuid.a: {count: 20}
              local_file.a: {count: 20, spec: {filename: "out/${count.index}", content: x}}
            """
        ])
        let processes = try (0..<4).map { _ in try stack.start(["apply", "--auto-approve"]) }
        var succeeded = 0
        for process in processes {
            let result = await process.result()
            if result.code == 0 { succeeded += 1 } else { #expect(result.code == 1, "\(result.errors)") }
        }
        #expect(succeeded >= 1)
        #expect(stack.list("out").count == 20)
        #expect(try await stack.recorded().count == 40)
        try await stack.expectNoChanges()
    }
}

extension Stack {
    /// Waits until a run has made a file.
    func awaitFile(_ name: String) async throws {
        for _ in 0..<600 where !exists(name) { try await Task.sleep(for: .milliseconds(50)) }
        try #require(exists(name), "\(name) was not made within 30 s")
        // What waits for the file has begun by then.
        try await Task.sleep(for: .milliseconds(300))
    }
}
