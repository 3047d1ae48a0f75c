import Foundation
import Synchronization

/// A program that runs beside the test: started with its own environment and process group, ended by a deadline.
final class ChildProcess: Sendable {
    /// How a process ended, and what it said.
    struct Result: Sendable {
        /// The exit code; nil when a signal ended it.
        let code: Int32?
        /// The signal that ended it; nil when it exited by itself.
        let signal: Int32?
        /// Its standard output.
        let output: String
        /// Its standard error.
        let errors: String
        /// Seconds.
        let duration: Double
        let ranIntoDeadline: Bool

        /// All that it said in one line, since what is meant for people is wrapped.
        var words: String { (output + "\n" + errors).split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    }

    let pid: pid_t
    private let folder: URL
    private let ending: Task<Result, Never>

    /// - Parameters:
    ///   - input: the path of its standard input.
    ///   - deadline: seconds after which it is killed.
    init(
        _ program: String, _ arguments: [String], in directory: String, environment: [String: String],
        input: String = "/dev/null", deadline: Double
    ) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("plumb-io-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.folder = folder
        let pid = try Self.spawn(program, arguments, directory, environment, input, folder)
        self.pid = pid
        ending = Task { await Self.end(of: pid, deadline, folder) }
    }

    func result() async -> Result { await ending.value }

    func send(_ signal: Int32) { kill(pid, signal) }

    /// Whether it has not ended, as far as the system has been asked.
    var isRunning: Bool { kill(pid, 0) == 0 }

    // MARK: - Spawning

    private struct SpawnFailure: Error, CustomStringConvertible {
        let description: String
    }

    private static func spawn(
        _ program: String, _ arguments: [String], _ directory: String, _ environment: [String: String],
        _ input: String, _ folder: URL
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        let writing = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, 1, folder.appendingPathComponent("out").path, writing, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, folder.appendingPathComponent("err").path, writing, 0o600)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What the test runner ignores or blocks must not reach the program.
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))

        // `env` becomes the program: same process, same pid.
        var words = (["env", "-C", directory, program] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, "/usr/bin/env", &actions, &attributes, &words, &variables)
        guard failure == 0 else {
            throw SpawnFailure(description: "\(program) cannot be started: \(String(cString: strerror(failure)))")
        }
        return pid
    }

    // MARK: - Ending

    private static func end(of pid: pid_t, _ deadline: Double, _ folder: URL) async -> Result {
        let clock = ContinuousClock()
        let begin = clock.now
        let isLate = Mutex(false)
        let watch = Task {
            try await Task.sleep(for: .seconds(deadline))
            isLate.withLock { $0 = true }
            kill(-pid, SIGKILL)
        }
        let status = await wait(for: pid)
        watch.cancel()
        func text(_ name: String) -> String {
            let data = try? Data(contentsOf: folder.appendingPathComponent(name))
            return String(decoding: data ?? Data(), as: UTF8.self)
        }
        defer { try? FileManager.default.removeItem(at: folder) }
        let signal = status & 0x7f
        return Result(
            code: signal == 0 ? (status >> 8) & 0xff : nil, signal: signal == 0 ? nil : signal, output: text("out"),
            errors: text("err"), duration: (clock.now - begin) / .seconds(1), ranIntoDeadline: isLate.withLock { $0 })
    }

    /// The wait status, from a thread of its own: the cooperative pool must not block.
    private static func wait(for pid: pid_t) async -> Int32 {
        await withCheckedContinuation { continuation in
            let thread = Thread {
                var status: Int32 = 0
                while waitpid(pid, &status, 0) == -1, errno == EINTR {}
                continuation.resume(returning: status)
            }
            thread.start()
        }
    }
}
