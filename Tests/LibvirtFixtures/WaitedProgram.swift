public import Foundation

/// A program that a test runs to its end, which it waits for on a thread of its own, and not for ever.
public enum WaitedProgram {
    /// How it ended.
    public struct Outcome: Sendable {
        /// Its exit code; 128 and the signal where one has ended it.
        public let status: Int32
        /// All that it has written to its standard output.
        public let output: String
    }

    /// It could not be started, or did not end in time.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// What it starts may live on: files take its output, so that nobody waits for a pipe that somebody else holds open. Its
    /// standard error is the test's own.
    public static func run(_ program: URL, _ arguments: [String], within seconds: Double = 180) async throws -> Outcome
    {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try runAndWait(program, arguments, seconds) })
            }
        }
    }

    private static func runAndWait(_ program: URL, _ arguments: [String], _ seconds: Double) throws -> Outcome {
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("output-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: output) }
        let pid = try spawn(program.path, arguments, output.path)
        let end = ContinuousClock.now + .seconds(seconds)
        var status: Int32 = 0
        while waitpid(pid, &status, WNOHANG) == 0 {
            guard ContinuousClock.now < end else {
                kill(-pid, SIGKILL)
                waitpid(pid, &status, 0)
                let words = ([program.lastPathComponent] + arguments).joined(separator: " ")
                throw Failure(description: "\(words) did not end within \(seconds) seconds")
            }
            Thread.sleep(forTimeInterval: 0.01)
        }
        let text = String(decoding: (try? Data(contentsOf: output)) ?? Data(), as: UTF8.self)
        let signal = status & 0x7f
        return Outcome(status: signal == 0 ? (status >> 8) & 0xff : 128 + signal, output: text)
    }

    /// Closes what it has inherited: a server would hold open what others read to its end.
    private static let closing =
        #"for file in /proc/self/fd/*; do file=${file##*/}; [ "$file" -le 2 ] || eval "exec $file>&-"; done; exec "$0" "$@""#

    /// In a process group of its own, and without any file of the test's.
    private static func spawn(_ program: String, _ arguments: [String], _ output: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What the test runner ignores or blocks must not reach the program.
        var (all, none) = (sigset_t(), sigset_t())
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        var words = (["/bin/bash", "-c", closing, program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, "/bin/bash", &actions, &attributes, &words, environ)
        guard failure == 0 else {
            throw Failure(description: "\(program) cannot be started: \(String(cString: strerror(failure)))")
        }
        return pid
    }
}
