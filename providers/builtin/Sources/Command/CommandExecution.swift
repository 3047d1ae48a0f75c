import ProviderAPI
import Subprocess
import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// One program that runs once, in a process group of its own, for a bounded time and with bounded output.
struct CommandExecution: Sendable {
    let action: String
    let line: CommandLine
    let directory: String
    let environment: [String: String]
    let input: String
    let timeout: Duration
    /// What an error says exists now.
    let partial: ResourceState?

    /// Standard output up to this size goes into the state; more is an error.
    static let largestOutput = 1024 * 1024
    /// How much of the end of standard error an error message shows.
    private static let shownError = 4096

    /// What became of it.
    private enum Ending: Sendable {
        case exited(TerminationStatus, output: String, error: String)
        case timedOut
    }

    /// Runs it to its end and gives its standard output.
    ///
    /// - Throws: `unexpected` where it cannot be started, fails or prints too much; `timeout`; `cancelled`.
    func run() async throws(ProviderError) -> String {
        let ending: Ending
        do {
            ending = try await race()
        } catch let error as SubprocessError where !Task.isCancelled {
            throw failure(error)
        } catch let error as Errno {
            throw ProviderError(.unavailable, "The \(action) command cannot start: \(error).")
        } catch {
            throw ProviderError(
                .cancelled, "The \(action) command was stopped while it ran.", isOutcomeUnknown: true,
                partial: partial)
        }
        switch ending {
        case .timedOut:
            throw ProviderError(
                .timeout, "The \(action) command was stopped: it ran for longer than \(timeout). Set timeout.",
                isOutcomeUnknown: true, partial: partial)
        case .exited(.exited(0), let output, _): return output
        case .exited(let status, _, let error):
            throw ProviderError(
                .unexpected, "The \(action) command \(status.words): \(shown(error))", partial: partial)
        }
    }

    private func race() async throws -> Ending {
        try await withThrowingTaskGroup(of: Ending.self) { group in
            group.addTask { try await execute() }
            group.addTask {
                try await Task.sleep(for: timeout)
                return .timedOut
            }
            defer { group.cancelAll() }
            return try await group.next() ?? .timedOut
        }
    }

    private func execute() async throws -> Ending {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(5))
        ]
        var changes: [Environment.Key: String?] = [:]
        for name in CommandExecution.ownSecrets() { changes[Environment.Key(stringLiteral: name)] = .some(nil) }
        for (name, value) in environment { changes[Environment.Key(stringLiteral: name)] = .some(value) }
        var started: pid_t?
        defer {
            // Whoever in its group took no notice of the polite signal.
            if let started, Task.isCancelled { kill(-started, SIGKILL) }
        }
        let result = try await Subprocess.run(
            executable, arguments: Arguments(Array(line.arguments.dropFirst())),
            environment: .inherit.updating(changes), workingDirectory: FilePath(directory),
            platformOptions: options, input: .fileDescriptor(try inputFile(), closeAfterSpawningProcess: true),
            output: .bytes(limit: CommandExecution.largestOutput), error: .sequence
        ) { execution in
            let group = execution.processIdentifier.value
            started = group
            // Of a secret at the cut, as much as it takes to know it again.
            let kept = CommandExecution.shownError + longestValue
            return try await withTaskCancellationHandler {
                var end: [UInt8] = []
                for try await piece in execution.standardError {
                    piece.withUnsafeBytes { end.append(contentsOf: $0) }
                    end.removeFirst(max(0, end.count - kept))
                }
                return String(decoding: end, as: UTF8.self)
            } onCancel: {
                // The teardown ends with the program itself; what it started must not outlive it.
                kill(-group, SIGTERM)
            }
        }
        return .exited(
            result.terminationStatus, output: String(decoding: result.standardOutput, as: UTF8.self),
            error: result.closureResult)
    }

    /// The variables by which plumb itself is told secrets: what it runs gets only what the spec gives it.
    private static func ownSecrets() -> [String] {
        var names: [String] = []
        var entry = environ
        while let pointer = entry.pointee {
            let name = String(cString: pointer).prefix { $0 != "=" }
            let isSecret = ["PLUMB_STATE_KEY", "PLUMB_AGE_PASSPHRASE", "SOPS_AGE_KEY"].contains(name)
            if isSecret || name.hasPrefix("PLUMB_VAR_") { names.append(String(name)) }
            entry += 1
        }
        return names
    }

    /// Input stands in a file without a name: a pipe would end plumb by SIGPIPE where the program reads only a part.
    private func inputFile() throws -> FileDescriptor {
        // In memory where the system has such a place: the input may be a secret.
        let place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var name = Array((place + "/.plumb-stdin-XXXXXX").utf8CString)
        let file = mkstemp(&name)
        guard file >= 0 else { throw Errno(rawValue: errno) }
        unlink(name)
        let descriptor = FileDescriptor(rawValue: file)
        do {
            _ = try descriptor.writeAll(input.utf8)
            _ = try descriptor.seek(offset: 0, from: .start)
        } catch {
            try? descriptor.close()
            throw error
        }
        return descriptor
    }

    private var executable: Executable {
        let program = line.arguments[0]
        guard program.utf8.contains(UInt8(ascii: "/")) else { return .name(program) }
        return .path(FilePath(program.hasPrefix("/") ? program : directory + "/" + program))
    }

    private func failure(_ error: SubprocessError) -> ProviderError {
        let program = line.arguments[0]
        switch error.code {
        case .executableNotFound:
            return ProviderError(.invalid, "The \(action) command cannot start: there is no program \(program).")
        case .failedToChangeWorkingDirectory:
            return ProviderError(.invalid, "The \(action) command cannot start: there is no directory \(directory).")
        case .outputLimitExceeded:
            return ProviderError(
                .unexpected,
                "The \(action) command was stopped: it printed more than \(CommandExecution.largestOutput) bytes.",
                isOutcomeUnknown: true, partial: partial)
        case .spawnFailed:
            return ProviderError(.invalid, "The \(action) command cannot start (\(program)): \(error).")
        default:
            return ProviderError(
                .unexpected, "The \(action) command was lost: \(error).", isOutcomeUnknown: true, partial: partial)
        }
    }

    private var longestValue: Int { (environment.values + [input]).map(\.utf8.count).max() ?? 0 }

    /// What it printed to standard error, without the values it was given: one of them may be a secret.
    private func shown(_ error: String) -> String {
        var text = error
        for secret in environment.values + [input] where secret.utf8.count >= 4 {
            text = text.replacing(secret, with: "(sensitive)")
        }
        // The end of a secret may stand at the cut, where it cannot be known again.
        if error.utf8.count >= CommandExecution.shownError + longestValue {
            text = String(decoding: text.utf8.dropFirst(longestValue), as: UTF8.self)
        }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text.isEmpty ? "it printed nothing to standard error." : text
    }
}

extension TerminationStatus {
    /// How a program ended, as people say it.
    fileprivate var words: String {
        switch self {
        case .exited(let code): "failed with exit code \(code)"
        case .signaled(let signal): "was ended by signal \(signal)"
        }
    }
}
