import Foundation
import Testing

/// A conversation with a program in a terminal of its own: answers are typed once the program has asked.
enum Terminal {
    struct Turn: Encodable {
        /// What the program must have said before anything is typed.
        let asked: String
        let answer: String
    }

    struct Result {
        let code: Int32?
        /// Everything that stood in the terminal, what was typed and shown included.
        let screen: String

        /// In one line, since what is meant for people is wrapped.
        var words: String { screen.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    }

    /// Waits for each question, types the answer as a person would, and shows all that came.
    private static let script = """
        import json, os, pty, select, sys, time
        turns, command = json.loads(sys.argv[1]), sys.argv[2:]
        pid, terminal = pty.fork()
        if pid == 0:
            os.execvp(command[0], command)
        screen, read, deadline = b"", 0, time.time() + 50
        while time.time() < deadline:
            ready, _, _ = select.select([terminal], [], [], 0.2)
            if ready:
                try:
                    part = os.read(terminal, 65536)
                except OSError:
                    break
                if not part:
                    break
                screen += part
            if turns and turns[0]["asked"].encode() in screen[read:]:
                read = len(screen)
                time.sleep(0.2)
                os.write(terminal, turns.pop(0)["answer"].encode())
        else:
            os.kill(pid, 9)
        sys.stdout.buffer.write(screen)
        sys.stdout.flush()
        _, status = os.waitpid(pid, 0)
        sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
        """

    static var isAvailable: Bool {
        ["/usr/bin/python3", "/usr/local/bin/python3"].contains { FileManager.default.isExecutableFile(atPath: $0) }
            || (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
                FileManager.default.isExecutableFile(atPath: "\($0)/python3")
            }
    }

    /// Runs `plumb` in the stack's directory.
    static func plumb(
        _ arguments: String..., in stack: Stack, turns: [Turn], environment: [String: String] = [:]
    ) async throws -> Result {
        let talk = String(decoding: try JSONEncoder().encode(turns), as: UTF8.self)
        return try await ProcessGate.shared.pass { [arguments] in
            let process = try ChildProcess(
                "/usr/bin/env", ["python3", "-c", script, talk, Plumb.path] + arguments, in: stack.directory.path,
                environment: Plumb.environment.merging(["TERM": "dumb"]) { $1 }.merging(environment) { $1 },
                deadline: 60)
            let result = await process.result()
            return Result(code: result.code, screen: result.output.replacing("\r\n", with: "\n"))
        }
    }
}
