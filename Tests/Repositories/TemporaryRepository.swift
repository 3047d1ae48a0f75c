import FoundationEssentials
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A real repository in a temporary folder, made with the git command.
final class TemporaryRepository {
    let path: String

    init(bare: Bool = false) throws {
        var template = Array("/tmp/plumb-git-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template).map { String(cString: $0) })
        path = made
        try git("init", "-q", "-b", "main", bare ? "--bare" : ".", in: made)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws {
        let file = path + "/" + name
        let folder = String(file[..<(file.lastIndex(of: "/") ?? file.endIndex)])
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: file))
    }

    @discardableResult
    func commit(_ message: String = "change") throws -> String {
        try git("add", "-A")
        try git("commit", "-q", "-m", message)
        return try git("rev-parse", "HEAD")
    }

    @discardableResult
    func git(_ arguments: String..., in folder: String? = nil) throws -> String {
        let settings = [
            "-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "protocol.file.allow=always",
            "-c", "commit.gpgsign=false",
        ]
        return try run(["git", "-C", folder ?? path] + settings + arguments)
    }

    /// Runs a command and gives back what it printed; a failure is an issue of the test.
    private func run(_ arguments: [String]) throws -> String {
        let output = "\(path).out"
        defer { unlink(output) }
        let quoted = arguments.map { "'" + $0.replacing("'", with: "'\\''") + "'" }.joined(separator: " ")
        var child = pid_t()
        let command = ["/bin/sh", "-c", quoted + " > '\(output)' 2>&1"]
        let words: [UnsafeMutablePointer<CChar>?] = command.map { $0.withCString { strdup($0) } } + [nil]
        defer { for word in words { free(word) } }
        try #require(posix_spawn(&child, "/bin/sh", nil, nil, words, environ) == 0)
        var status: Int32 = 0
        try #require(waitpid(child, &status, 0) == child)
        let text = String(decoding: try Data(contentsOf: URL(filePath: output)), as: UTF8.self)
        try #require(status == 0, "\(quoted): \(text)")
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}
