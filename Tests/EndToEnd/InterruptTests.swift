import Foundation
import Testing

/// Ctrl-C, SIGTERM, no terminal, and a reader that goes away.
struct InterruptTests {
    private static let spec = """
        variables: {pause: {type: string, default: 60s}}
        resources:
          local_file.started: {spec: {filename: out/started, content: x}}
          time_sleep.a: {depends_on: [local_file.started], spec: {create_duration: "${var.pause}"}}
          local_file.after: {depends_on: [time_sleep.a], spec: {filename: out/after, content: x}}
        """

    @Test(arguments: [SIGINT, SIGTERM])
    func onceWhatRunsIsFinishedAndNothingMoreIsStarted(_ signal: Int32) async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        let process = try stack.start(["apply", "--auto-approve", "--var", "pause=3s"])
        try await stack.awaitFile("out/started")
        process.send(signal)
        let result = await process.result()
        #expect(result.code == 1, "\(result.errors)")
        #expect(result.words.contains("Apply stopped after"), "\(result.output)")
        #expect(result.words.contains("2 created; 1 not tried."), "\(result.output)")
        #expect(try await stack.recorded() == ["local_file.started", "time_sleep.a"])
        #expect(!stack.exists("out/after"))
        try await stack.apply("--var", "pause=3s")
        #expect(stack.exists("out/after"))
    }

    @Test func twiceCallsAreCancelledAndTheNextApplyConverges() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        let process = try stack.start(["apply", "--auto-approve"])
        try await stack.awaitFile("out/started")
        process.send(SIGINT)
        try await Task.sleep(for: .milliseconds(300))
        process.send(SIGINT)
        let result = await process.result()
        #expect(result.code == 1)
        #expect(result.duration < 55)
        #expect(result.words.contains("Apply stopped after"), "\(result.output)")
        try await stack.apply("--var", "pause=10ms")
        #expect(stack.exists("out/after"))
        #expect(try await stack.plumb("plan", "--detailed-exitcode", "--var", "pause=10ms").code == 0)
    }

    @Test(arguments: ["apply", "destroy"])
    func withoutATerminalNobodyCanApprove(_ command: String) async throws {
        let stack = try Stack(["main.yaml": "resources: {local_file.a: {spec: {filename: out/a, content: x}}}\n"])
        if command == "destroy" { try await stack.apply() }
        let result = try await stack.plumb(command)
        #expect(result.code == 1)
        #expect(result.words.contains("There is no terminal to ask for approval in. Say `--auto-approve`"))
        #expect(stack.exists("out/a") == (command == "destroy"))
    }

    @Test func aReaderThatGoesAwayIsNoFailure() async throws {
        let stack = try Stack(
            [
                "main.yaml": """
                resources: {local_file.a: {count: 500, spec: {filename: "out/${count.index}", content: x}}}
                """
            ], environment: ["PLUMB": Plumb.path])
        let said = try await stack.shell("\"$PLUMB\" plan 2>err | head -1; echo ${PIPESTATUS[0]}")
        #expect(said == "500 to create:\n0\n")
        // An apply whose reader has gone is finished.
        let applied = try await stack.shell(
            "\"$PLUMB\" apply --auto-approve 2>/dev/null | head -1; echo ${PIPESTATUS[0]}")
        #expect(applied == "500 to create:\n0\n")
        #expect(stack.list("out").count == 500)
        try await stack.expectNoChanges()
    }
}
