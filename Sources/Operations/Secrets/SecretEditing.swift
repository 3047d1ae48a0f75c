internal import Dispatch
public import PlumbModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
#if canImport(Glibc)
    internal import Glibc
#endif

/// `plumb secret edit`: lets a person change an encrypted file in an editor.
///
/// The clear text stands in a file of a private directory, which is removed in the end, also when a signal ends the
/// process. Nothing is written where the text was not changed or where the editor fails.
public struct SecretEditing: Sendable {
    public enum Ending: Sendable {
        case unchanged
        case written
    }

    private let operation: SecretOperation
    private let environment: [String: String]
    private let options: SecretOperation.Options
    private let note: @Sendable (String) -> Void

    /// - Parameters:
    ///   - options: for a file that is new.
    ///   - note: tells the person something that is good to know.
    public init(
        environment: [String: String], _ options: SecretOperation.Options, note: @escaping @Sendable (String) -> Void
    ) {
        operation = SecretOperation(environment: environment)
        self.environment = environment
        self.options = options
        self.note = note
    }

    /// Edits the file until what is there can be encrypted, or the person gives up.
    ///
    /// - Parameter retries: asks, after a problem was shown, whether to edit on; false ends with the problem.
    public func edit(
        _ path: String, retries: @escaping @Sendable (Diagnostics) -> Bool
    ) async throws(Diagnostics) -> Ending {
        let encrypted = try Self.read(path)
        var clear: [UInt8] = []
        if let encrypted { clear = try await operation.decrypt(encrypted, path: path) }
        let directory = try PrivateDirectory.make(environment)
        let guardian = RemovalOnSignal(directory)
        defer {
            directory.remove()
            guardian.stop()
        }
        if !directory.isInMemory {
            note(
                "\(directory.path), where the clear text stands while it is edited, is on a disk. Mount a tmpfs for TMPDIR."
            )
        }
        let file = try directory.write(clear, to: Self.name(path))
        while true {
            try await run(file, guardian)
            guard let edited = try Self.read(file) else {
                throw Diagnostics(
                    .error("Nothing was written", "The editor has removed the file. \(path) was left as it is."))
            }
            if edited == clear { return .unchanged }
            do throws(Diagnostics) {
                let result = try await encrypt(edited, encrypted, path)
                try await FileReplacement.write(result, to: path, mode: 0o600)
                return .written
            } catch {
                guard retries(error) else { throw error }
            }
        }
    }

    private func encrypt(
        _ edited: [UInt8], _ encrypted: [UInt8]?, _ path: String
    ) async throws(Diagnostics) -> [UInt8] {
        guard let encrypted else { return try await operation.encrypt(edited, path: path, options) }
        return try await BlockingWork.run { () throws(Diagnostics) in
            try operation.encrypt(edited, replacing: encrypted, path: path)
        }
    }

    // MARK: - Files

    /// The file's own name, by which an editor knows its language.
    private static func name(_ path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? "secret"
        return name.hasSuffix(".age") && name.utf8.count > 4 ? String(name.dropLast(4)) : name
    }

    /// Nil where there is no such file.
    static func read(_ path: String) throws(Diagnostics) -> [UInt8]? {
        var status = stat()
        guard stat(path, &status) == 0 || errno != ENOENT else { return nil }
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw Diagnostics(.error("File cannot be read", "\(path) cannot be read: \(SystemReason(error))."))
        }
    }

    // MARK: - The editor

    private func run(_ file: String, _ guardian: RemovalOnSignal) async throws(Diagnostics) {
        let named = ["SOPS_EDITOR", "VISUAL", "EDITOR"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        let editor = named ?? "vi"
        // The shell splits what the variable says (`code --wait`), and the file's name stays one word.
        let status = try await BlockingWork.run { () throws(Diagnostics) in
            try Self.wait(["/bin/sh", "-c", "\(editor) \"$1\"", "sh", file], guardian)
        }
        guard status == 0 else {
            throw Diagnostics(
                .error(
                    "The editor failed",
                    "`\(editor)` ended with the code \(status), so that nothing was changed."
                        + (named == nil ? " Set EDITOR to the editor of your choice." : "")))
        }
    }

    /// Runs a program in the foreground, with the signals that we leave to it.
    private static func wait(_ arguments: [String], _ guardian: RemovalOnSignal) throws(Diagnostics) -> Int32 {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE] { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, arguments[0], nil, &attributes, &words, environ)
        guard code == 0 else {
            throw Diagnostics(
                .error("The editor cannot start", "/bin/sh cannot be started: \(String(cString: strerror(code)))."))
        }
        guardian.child(process)
        defer { guardian.child(0) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { return 127 }
        }
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F)
    }
}

/// Removes a directory before a signal ends the process. Ctrl-C is left to the editor, which has the terminal.
private final class RemovalOnSignal: Sendable {
    private struct Sources: @unchecked Sendable {
        // Dispatch sources may be used from any thread; the type does not say so on Linux.
        var all: [any DispatchSourceSignal] = []
    }

    private let sources: Sources
    private let process = ProcessNumber()

    init(_ directory: PrivateDirectory) {
        for number in [SIGINT, SIGQUIT] { signal(number, SIG_IGN) }
        let process = process
        sources = Sources(
            all: [SIGTERM, SIGHUP].map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler {
                    let child = process.value
                    if child > 0 { kill(child, number) }
                    directory.remove()
                    signal(number, SIG_DFL)
                    kill(getpid(), number)
                }
                source.resume()
                return source
            })
    }

    func child(_ number: pid_t) { process.set(number) }

    func stop() {
        for source in sources.all { source.cancel() }
        for number in [SIGINT, SIGQUIT, SIGTERM, SIGHUP] { signal(number, SIG_DFL) }
    }
}
