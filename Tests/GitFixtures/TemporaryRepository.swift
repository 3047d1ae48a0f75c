import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// A real repository in a temporary folder, made with the git command.
public final class TemporaryRepository: Sendable {
    public let path: String

    public init(bare: Bool = false) throws {
        var template = Array("/tmp/plumb-git-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template).map({ String(cString: $0) }) else {
            throw GitFixtureFailure("no temporary folder can be made")
        }
        path = made
        try git("init", "-q", "-b", "main", bare ? "--bare" : ".", in: made)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    public func write(_ name: String, _ text: String) throws {
        let file = path + "/" + name
        let folder = String(file[..<(file.lastIndex(of: "/") ?? file.endIndex)])
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: file))
    }

    @discardableResult
    public func commit(_ message: String = "change") throws -> String {
        try git("add", "-A")
        try git("commit", "-q", "-m", message)
        return try git("rev-parse", "HEAD")
    }

    @discardableResult
    public func git(_ arguments: String..., in folder: String? = nil) throws -> String {
        let settings = [
            "-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "protocol.file.allow=always",
            "-c", "commit.gpgsign=false",
        ]
        return try run(["git", "-C", folder ?? path] + settings + arguments)
    }

    /// Runs a line of the shell in the repository's folder.
    @discardableResult
    public func shell(_ line: String) throws -> String { try run(["/bin/sh", "-c", "cd '\(path)' && { \(line)\n}"]) }

    /// Runs a command and gives back what it printed; a failure is an issue of the test.
    private func run(_ arguments: [String]) throws -> String {
        let output = "\(path).out"
        defer { unlink(output) }
        let quoted = arguments.map { "'" + $0.replacing("'", with: "'\\''") + "'" }.joined(separator: " ")
        var child = pid_t()
        let command = ["/bin/sh", "-c", quoted + " > '\(output)' 2>&1"]
        let words: [UnsafeMutablePointer<CChar>?] = command.map { $0.withCString { strdup($0) } } + [nil]
        defer { for word in words { free(word) } }
        guard posix_spawn(&child, "/bin/sh", nil, nil, words, environ) == 0 else {
            throw GitFixtureFailure("\(quoted) cannot be started")
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) == -1, errno == EINTR {}
        let text = String(decoding: try Data(contentsOf: URL(filePath: output)), as: UTF8.self)
        guard status == 0 else { throw GitFixtureFailure("\(quoted): \(text)") }
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}

/// Why a repository or a server for a test could not be had.
struct GitFixtureFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
