#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Asks Git's credential helpers, through `git credential fill`, where git is installed. Nobody is ever prompted.
struct CredentialHelper {
    let environment: [String: String]
    /// Milliseconds after which a helper is taken for stuck.
    private static let patience: Int32 = 30_000

    /// User and password for a server; nil where no helper knows any.
    func ask(_ address: RemoteAddress) -> (user: String, password: String)? {
        var question = "protocol=\(address.scheme ?? "https")\nhost=\(address.host)\npath=\(address.path)\n"
        if let user = address.user { question += "username=\(user)\n" }
        let lines = question.utf8.count { $0 < 0x20 }
        // A line end in a part of the URL would begin a line of its own, maybe about another server.
        guard lines == (address.user == nil ? 3 : 4) else { return nil }
        guard let answer = run(["git", "credential", "fill"], input: Array((question + "\n").utf8)) else { return nil }
        var user: String?
        var password: String?
        for line in String(decoding: answer, as: UTF8.self).split(separator: "\n") {
            if line.hasPrefix("username=") { user = String(line.dropFirst("username=".count)) }
            if line.hasPrefix("password=") { password = String(line.dropFirst("password=".count)) }
        }
        guard let user, let password, !password.isEmpty else { return nil }
        return (user, password)
    }

    /// What a program prints; nil where it fails, hangs, or is not installed.
    private func run(_ words: [String], input: [UInt8]) -> [UInt8]? {
        guard let question = Pipe(), let answer = Pipe() else { return nil }
        // The question fits the pipe's buffer: written before the program runs, it can neither block nor raise SIGPIPE.
        guard input.count < 4096, write(question.writing, input, input.count) == input.count else { return nil }
        question.closeWriting()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, question.reading, 0)
        posix_spawn_file_actions_adddup2(&actions, answer.writing, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var variables = environment
        variables["GIT_TERMINAL_PROMPT"] = "0"
        // A window that asks would wait for somebody who may not be there; GIT_ASKPASS is the user's own word.
        variables["SSH_ASKPASS"] = nil
        if variables["GIT_ASKPASS"] == nil { variables["GIT_ASKPASS"] = "true" }
        var arguments = words.map { strdup($0) } + [nil]
        var environment = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var child = pid_t()
        guard posix_spawnp(&child, words[0], &actions, nil, &arguments, &environment) == 0 else { return nil }
        answer.closeWriting()
        let text = readAll(answer.reading)
        if text == nil { kill(child, SIGKILL) }
        var status: Int32 = 0
        while waitpid(child, &status, 0) == -1, errno == EINTR {}
        return status == 0 ? text : nil
    }

    private func readAll(_ descriptor: Int32) -> [UInt8]? {
        var text: [UInt8] = []
        while text.count < 1 << 16 {
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&wait, 1, Self.patience)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return nil }
            var count = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, filled in
                count = read(descriptor, buffer.baseAddress, buffer.count)
                filled = max(0, count)
            }
            guard count >= 0 else { return nil }
            if count == 0 { return text }
            text += chunk
        }
        return nil
    }
}

/// A pipe of the system; both of its ends are closed with it.
private final class Pipe {
    let reading: Int32
    private(set) var writing: Int32

    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        // The program gets its ends as its standard input and output alone.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        reading = ends[0]
        writing = ends[1]
    }

    func closeWriting() {
        if writing >= 0 { close(writing) }
        writing = -1
    }

    deinit {
        closeWriting()
        close(reading)
    }
}
