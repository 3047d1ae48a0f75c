import Foundation
import Testing
import ThrowawayServers

/// The programs that other tests start never make them wait for ever.
@Suite(.timeLimit(.minutes(10))) struct ThrowawayProcessTests {
    private let shell = URL(fileURLWithPath: "/bin/sh")

    /// A server that a starter leaves running keeps the starter's output open.
    @Test func nobodyWaitsForTheEndOfAPipe() async throws {
        // Not also the output of whoever runs the tests.
        let orders = "echo A=1 B=two; sleep 30 2>/dev/null & echo $!"
        let result = try ThrowawayProcess.run(shell, ["-c", orders])
        #expect(result.status == 0)
        let lines = String(decoding: result.output, as: UTF8.self).split(separator: "\n")
        #expect(lines.first == "A=1 B=two")
        let starter = try await ThrowawayProcess(shell, ["-c", orders])
        #expect(starter.variables == ["A": "1", "B": "two"])
        for left in [lines.last.flatMap { Int32($0) }].compactMap(\.self) { kill(left, SIGTERM) }
    }

    @Test func oneThatSaysNothingIsGivenUp() async throws {
        let silent = await #expect(throws: ThrowawayProcessFailure.self) {
            try await ThrowawayProcess(shell, ["-c", "exec sleep 300"], within: .milliseconds(200))
        }
        #expect(silent?.description == "sh has told nothing within 0.2 seconds")
        let ended = await #expect(throws: ThrowawayProcessFailure.self) {
            try await ThrowawayProcess(shell, ["-c", "printf half; exit 3"])
        }
        #expect(ended?.description.hasPrefix("sh has ended") == true)
        let slow = #expect(throws: ThrowawayProcessFailure.self) {
            try ThrowawayProcess.run(shell, ["-c", "exec sleep 300"], within: .milliseconds(200))
        }
        #expect(slow?.description == "sh has not ended within 0.2 seconds")
    }

    /// Its input ends with it, so that it ends too; and what the test process has open it does not inherit.
    @Test func itEndsWhenItIsLetGo() async throws {
        let open = Pipe()
        let inherited = "/proc/$$/fd/\(open.fileHandleForWriting.fileDescriptor)"
        let process = try await ThrowawayProcess(
            shell, ["-c", "if [ -e \(inherited) ]; then echo open; else echo shut; fi; exec cat"])
        #expect(process.announcement == "shut")
        process.end()
        try open.fileHandleForWriting.close()
        #expect(try ThrowawayProcess.run(shell, ["-c", "kill -9 $$"]).status == -1)
    }
}
