internal import PlumbModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Runs a program that judges a plan: the plan as JSON on its standard input, 0 for a plan that is in order, 1 for one
/// that is not. What it prints are the reasons; of conftest's JSON, its failures and warnings.
///
/// Input and output are files of a private folder: no pipe can fill up. Time and output are bounded, and what the program
/// has started is ended with it.
struct PolicyCommand: Sendable {
    let words: [String]
    let seconds: Double
    let directory: String
    let environment: [String: String]

    /// Bytes of output that are looked at; a program that prints more is ended.
    private static let outputLimit = 1 << 20

    private struct Impossible: Error { let reason: String }

    /// Blocks the thread.
    func judge(_ document: String) -> PolicyVerdict {
        do {
            let folder = try makeFolder()
            defer {
                for name in ["plan.json", "output", "problems"] { unlink("\(folder)/\(name)") }
                rmdir(folder)
            }
            try write(document, to: folder + "/plan.json")
            let status = try run(in: folder)
            return verdict(status, text(folder + "/output"), text(folder + "/problems"))
        } catch {
            return PolicyVerdict(.error, [(error as? Impossible)?.reason ?? "The program \(words[0]) cannot be run."])
        }
    }

    private func verdict(_ status: Int32, _ output: String, _ problems: String) -> PolicyVerdict {
        if let found = conftest(output) {
            if !found.failures.isEmpty { return PolicyVerdict(.fail, found.failures, warnings: found.warnings) }
            if status == 0 || !found.warnings.isEmpty { return PolicyVerdict(.pass, warnings: found.warnings) }
        }
        switch status {
        case 0: return PolicyVerdict(.pass)
        case 1:
            let lines = Self.lines(output).isEmpty ? Self.lines(problems) : Self.lines(output)
            return PolicyVerdict(.fail, lines)
        case 126, 127:
            return PolicyVerdict(
                .error,
                [
                    "The program \(words[0]) cannot be started in \(directory). Install it, or put it on the search path of "
                        + "whoever plans. \(Self.lines(problems).last ?? "")"
                ])
        default:
            let last = Self.lines(problems).last ?? Self.lines(output).last
            return PolicyVerdict(.error, ["\(words[0]) ended with status \(status)\(last.map { ": \($0)" } ?? ".")"])
        }
    }

    /// What `conftest test --output json` prints: a list of results, each with `failures` and `warnings`.
    private func conftest(_ output: String) -> (failures: [String], warnings: [String])? {
        guard let results = (try? Value(json: output))?.asList, !results.isEmpty,
            results.allSatisfy({ $0.asMap != nil })
        else { return nil }
        func messages(_ key: String) -> [String] {
            results.flatMap { ($0[key: key]?.asList ?? []).map { $0[key: "msg"]?.asString ?? $0.json } }
        }
        return (messages("failures"), messages("warnings"))
    }

    private static func lines(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).filter { line in line.contains { !$0.isWhitespace } }.map(String.init)
    }

    // MARK: - The system

    private func makeFolder() throws -> String {
        let base = environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var template = Array("\(base)/plumb-policy-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw Impossible(reason: "No folder can be made in \(base): \(String(cString: strerror(errno))).")
        }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private func write(_ text: String, to path: String) throws {
        let bytes = Array(text.utf8)
        guard let stream = fopen(path, "we") else {
            throw Impossible(reason: "\(path) cannot be written: \(String(cString: strerror(errno))).")
        }
        let count = fwrite(bytes, 1, bytes.count, stream)
        guard fclose(stream) == 0, count == bytes.count else {
            throw Impossible(reason: "\(path) could not be written. Is the disk full?")
        }
    }

    private func run(in folder: String) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, folder + "/plan.json", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, folder + "/output", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, folder + "/problems", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own, so that what it has started can be ended with it.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        // Not every system's library can start a program in another folder.
        let entering = ["/bin/sh", "-c", "cd \"$1\" && shift && exec \"$@\"", "plumb", directory]
        var arguments = (entering + words).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var child = pid_t()
        let code = posix_spawn(&child, "/bin/sh", &actions, &attributes, &arguments, &variables)
        guard code == 0 else {
            throw Impossible(reason: "/bin/sh cannot be started: \(String(cString: strerror(code))).")
        }
        defer { kill(-child, SIGKILL) }
        return try wait(child, folder)
    }

    private func wait(_ child: pid_t, _ folder: String) throws -> Int32 {
        let begin = ContinuousClock.now
        var status: Int32 = 0
        while true {
            let ended = waitpid(child, &status, WNOHANG)
            if ended == child { return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F) }
            if ended < 0, errno != EINTR {
                throw Impossible(reason: "\(words[0]) was lost: \(String(cString: strerror(errno))).")
            }
            let isLate = ContinuousClock.now - begin > .seconds(seconds)
            let isLong = [folder + "/output", folder + "/problems"].contains { Self.size(of: $0) > Self.outputLimit }
            if isLate || isLong {
                kill(-child, SIGKILL)
                while waitpid(child, &status, 0) == -1, errno == EINTR {}
                throw Impossible(
                    reason: isLate
                        ? "\(words[0]) did not end within \(Int(seconds.rounded(.up))) seconds. `timeout` gives it longer."
                        : "\(words[0]) printed more than 1 MiB, and was ended.")
            }
            usleep(5_000)
        }
    }

    private static func size(of path: String) -> Int {
        var found = stat()
        return stat(path, &found) == 0 ? Int(found.st_size) : 0
    }

    private func text(_ path: String) -> String {
        guard let stream = fopen(path, "re") else { return "" }
        defer { fclose(stream) }
        var bytes = [UInt8](repeating: 0, count: Self.outputLimit)
        let count = fread(&bytes, 1, bytes.count, stream)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
