import PlumbModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Runs a program of the system in a private folder, which goes with the value. Input and output are files in it: no pipe
/// can fill up, and none is left open.
final class ToolRun {
    struct Result {
        let status: Int32
        let output: String
        let problems: String
    }

    private static let patience = 30.0

    let folder: String
    private let environment: [String: String]

    /// - Parameter environment: what is passed on of it is the search path alone.
    init(environment: [String: String]) throws(Diagnostics) {
        let base = environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var template = Array("\(base)/plumb-signature-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw Self.impossible("no folder can be made in \(base): \(String(cString: strerror(errno)))")
        }
        folder = String(cString: made)
        self.environment = [
            "PATH": environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin", "HOME": folder, "GNUPGHOME": folder,
            "LC_ALL": "C", "TZ": "UTC",
        ]
    }

    deinit { RepositoryCache.removeFolder(folder) }

    static func impossible(_ reason: String) -> Diagnostics {
        Diagnostics(
            .error(
                "Signature cannot be checked", "A signature is required, and could not be looked at: \(reason)."))
    }

    /// Writes a file into the folder.
    ///
    /// - Returns: its path.
    func write(_ name: String, _ content: [UInt8]) throws(Diagnostics) -> String {
        let path = folder + "/" + name
        guard let stream = fopen(path, "we") else {
            throw Self.impossible("\(path): \(String(cString: strerror(errno)))")
        }
        let count = fwrite(content, 1, content.count, stream)
        guard fclose(stream) == 0, count == content.count else {
            throw Self.impossible("\(path) could not be written: is the disk full?")
        }
        return path
    }

    /// - Parameters:
    ///   - input: a file.
    ///   - package: where the program comes from, for whoever does not have it.
    func run(_ words: [String], input: String? = nil, package: String) throws(Diagnostics) -> Result {
        let (output, problems) = (folder + "/output", folder + "/problems")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input ?? "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, problems, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var arguments = words.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var child = pid_t()
        let code = posix_spawnp(&child, words[0], &actions, nil, &arguments, &variables)
        guard code == 0 else {
            throw Self.impossible(
                "the program \(words[0]) cannot be started (\(String(cString: strerror(code)))). Install \(package)")
        }
        guard let status = Self.wait(child) else {
            throw Self.impossible("\(words[0]) did not end within \(Int(Self.patience)) seconds")
        }
        return Result(status: status, output: Self.text(output), problems: Self.text(problems))
    }

    /// Nil for a program that had to be killed.
    private static func wait(_ child: pid_t) -> Int32? {
        let begin = ContinuousClock.now
        var status: Int32 = 0
        while true {
            let ended = waitpid(child, &status, WNOHANG)
            if ended == child { return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 }
            if ended < 0, errno != EINTR { return 128 }
            if ContinuousClock.now - begin > .seconds(patience) {
                kill(child, SIGKILL)
                while waitpid(child, &status, 0) == -1, errno == EINTR {}
                return nil
            }
            usleep(2_000)
        }
    }

    private static func text(_ path: String) -> String {
        guard let stream = fopen(path, "re") else { return "" }
        defer { fclose(stream) }
        var text = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&text, 1, text.count, stream)
        return String(decoding: text[..<count], as: UTF8.self)
    }
}
