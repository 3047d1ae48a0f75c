import Glibc
import Synchronization

/// A child process, with a connection from it and, unless it reads a file, one to it. Other children inherit neither.
final class Child: Sendable {
    let name: String
    private let pid: pid_t
    private let output: Int32
    private let state: Mutex<State>

    private struct State {
        /// What is not taken yet of what it has printed.
        var printed: [UInt8] = []
        var hasClosedOutput = false
        /// As `waitpid` tells it, once it has ended.
        var status: Int32?
        /// Our end of the connection to it.
        var input: Int32?
    }

    /// - Parameter input: the file that it reads instead.
    init(_ path: String, _ arguments: [String], input file: String? = nil) throws {
        name = path.split(separator: "/").last.map(String.init) ?? path
        let output = try Child.connection()
        defer { close(output.child) }
        _ = fcntl(output.ours, F_SETFL, O_NONBLOCK)
        let input = file == nil ? try Child.connection() : nil
        defer { if let input { close(input.child) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let file {
            posix_spawn_file_actions_addopen(&actions, 0, file, O_RDONLY, 0)
        } else if let input {
            posix_spawn_file_actions_adddup2(&actions, input.child, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output.child, 1)
        // What others of the test process have opened is not for it.
        for descriptor in 3..<Int32(min(1024, max(3, sysconf(Int32(_SC_OPEN_MAX))))) {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        let words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid = pid_t()
        let fault = posix_spawn(&pid, path, &actions, nil, words, environ)
        guard fault == 0 else {
            close(output.ours)
            if let input { close(input.ours) }
            throw ThrowawayProcessFailure(description: "\(path) cannot be started: \(String(cString: strerror(fault)))")
        }
        self.pid = pid
        self.output = output.ours
        state = Mutex(State(input: input?.ours))
    }

    /// The child's and our end of a connection: sockets, because a pipe cannot be closed to other children from its beginning.
    private static func connection() throws -> (child: Int32, ours: Int32) {
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw ThrowawayProcessFailure(description: "no connection: \(String(cString: strerror(errno)))")
        }
        return (ends[0], ends[1])
    }

    // MARK: - What it says

    func firstLine(within limit: Duration) throws -> String {
        let deadline = ContinuousClock.now + limit
        while true {
            let hasEnded = hasEnded()
            take()
            let (line, isAll) = state.withLock { state -> (String?, Bool) in
                guard let end = state.printed.firstIndex(of: UInt8(ascii: "\n")) else {
                    return (nil, state.hasClosedOutput)
                }
                return (String(decoding: state.printed[..<end], as: UTF8.self), false)
            }
            if let line { return line }
            if hasEnded || isAll { throw failure("has ended, or closed its output, before it told anything") }
            if ContinuousClock.now > deadline { throw failure("has told nothing within \(limit)") }
            wait()
        }
    }

    func result(within limit: Duration) throws -> ThrowawayProcess.Result {
        let deadline = ContinuousClock.now + limit
        while !hasEnded() {
            take()
            if ContinuousClock.now > deadline { throw failure("has not ended within \(limit)") }
            wait()
        }
        take()
        return state.withLock { state in
            let status = state.status ?? 0
            return ThrowawayProcess.Result(status: status & 0x7F == 0 ? status >> 8 & 0xFF : -1, output: state.printed)
        }
    }

    private func failure(_ text: String) -> ThrowawayProcessFailure {
        kill(after: .zero)
        return ThrowawayProcessFailure(description: "\(name) \(text)")
    }

    /// Takes what has come; never waits.
    private func take() {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(output, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                if count == 0 { state.withLock { $0.hasClosedOutput = true } }
                return
            }
            state.withLock { $0.printed += buffer[..<count] }
        }
    }

    /// Waits a moment, or until something comes.
    private func wait() {
        guard !state.withLock({ $0.hasClosedOutput }) else {
            usleep(20_000)
            return
        }
        var descriptor = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        _ = poll(&descriptor, 1, 50)
    }

    // MARK: - Its end

    private func hasEnded() -> Bool {
        state.withLock { state in
            if state.status != nil { return true }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { return false }
            state.status = status
            return true
        }
    }

    func endInput() {
        state.withLock { state in
            if let input = state.input { close(input) }
            state.input = nil
        }
    }

    /// Kills it unless it has ended by then.
    func kill(after limit: Duration) {
        let deadline = ContinuousClock.now + limit
        while !hasEnded() {
            if ContinuousClock.now >= deadline {
                // Not waited for yet, so that the number is still its own.
                _ = Glibc.kill(pid, SIGKILL)
            }
            usleep(10_000)
        }
    }

    /// Ends its input and forgets it; it is waited for aside, because nobody else would.
    func letGo() {
        endInput()
        guard !hasEnded() else {
            close(output)
            return
        }
        var thread = pthread_t()
        let retained = Unmanaged.passRetained(self)
        let fault = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Child>.fromOpaque(argument).takeRetainedValue().waitForEnd()
                return nil
            }, retained.toOpaque())
        if fault == 0 { pthread_detach(thread) } else { retained.release() }
    }

    private func waitForEnd() {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) == -1, errno == EINTR {}
        close(output)
    }
}
