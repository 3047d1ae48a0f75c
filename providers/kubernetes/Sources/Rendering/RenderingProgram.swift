import Dispatch
import PlumbModel
import Subprocess
import Synchronization
import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Runs a program that makes manifests, for a bounded time and with bounded output, and waits for it.
struct RenderingProgram: Sendable {
    /// Why there are no manifests: goes on from the program's name.
    struct Failure: Error {
        let reason: String
        /// Whether there is no such program.
        var isMissing = false
    }

    let name: String
    let arguments: [String]
    let directory: String
    /// Whether it may talk to other machines.
    let usesNetwork: Bool
    /// Besides those that it inherits.
    var variables: [String: String] = [:]

    private static let timeout = Duration.seconds(120)
    private static let largestOutput = 128 << 20

    private typealias Outcome = Result<[UInt8], Failure>

    private final class Slot: Sendable {
        let outcome = Mutex<Outcome?>(nil)
        let isFull = DispatchSemaphore(value: 0)
    }

    /// What it has printed. Blocks the thread, which must not be one of the cooperative pool.
    func run() throws(Failure) -> [UInt8] {
        let slot = Slot()
        Task.detached {
            let found = await outcome()
            slot.outcome.withLock { $0 = found }
            slot.isFull.signal()
        }
        slot.isFull.wait()
        let found = slot.outcome.withLock { $0 } ?? .failure(Failure(reason: "was lost"))
        return try found.get()
    }

    private func outcome() async -> Outcome {
        await withTaskGroup(of: Outcome.self) { group in
            group.addTask { await execute() }
            group.addTask {
                try? await Task.sleep(for: Self.timeout)
                return .failure(Failure(reason: "was stopped: it took longer than \(Self.timeout)"))
            }
            defer { group.cancelAll() }
            return await group.next() ?? .failure(Failure(reason: "was lost"))
        }
    }

    private func execute() async -> Outcome {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        do {
            let result = try await Subprocess.run(
                .name(name), arguments: Arguments(arguments), environment: .custom(environment),
                workingDirectory: FilePath(directory), platformOptions: options, input: .none,
                output: .bytes(limit: Self.largestOutput), error: .string(limit: 1 << 20))
            guard result.terminationStatus.isSuccess else {
                return .failure(Failure(reason: "refuses it: \(Self.sentence(result.standardError))"))
            }
            return .success(result.standardOutput)
        } catch let error as SubprocessError where error.code == .executableNotFound {
            return .failure(Failure(reason: "is not installed", isMissing: true))
        } catch let error as SubprocessError where error.code == .outputLimitExceeded {
            return .failure(Failure(reason: "was stopped: it printed more than \(Self.largestOutput >> 20) MiB"))
        } catch {
            return .failure(Failure(reason: "cannot be run: \(error)"))
        }
    }

    /// What a program may know of the surroundings. Whoever writes an overlay could have any other variable printed.
    private static let plain = ["PATH", "LANG", "TMPDIR"]
    /// What it takes to fetch something: where, by whom, whom to trust.
    private static let fetching = [
        "HOME", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "SSH_AUTH_SOCK", "GIT_SSH_COMMAND", "XDG_CACHE_HOME", "XDG_CONFIG_HOME",
        "XDG_DATA_HOME", "DOCKER_CONFIG", "HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME",
        "HELM_REGISTRY_CONFIG", "HELM_REPOSITORY_CONFIG", "HELM_REPOSITORY_CACHE",
    ]

    /// Without the network, what the program would fetch fails at once, whatever it fetches it with.
    private var environment: [Environment.Key: String] {
        var all: [String: String] = [:]
        for name in usesNetwork ? Self.plain + Self.fetching : Self.plain {
            if let value = getenv(name) { all[name] = String(cString: value) }
        }
        all.merge(variables) { $1 }
        // Nothing of the cluster that somebody happens to use gets into what is rendered.
        all["KUBECONFIG"] = "/dev/null"
        if !usesNetwork {
            all["HOME"] = directory
            for name in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
                all[name] = "http://127.0.0.1:9"
            }
            all["GIT_ALLOW_PROTOCOL"] = "none"
        }
        return Dictionary(
            all.map { (Environment.Key(stringLiteral: $0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// The last lines of what it told, in one.
    private static func sentence(_ text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmed }.filter { !$0.isEmpty }
        let told = lines.suffix(6).joined(separator: " ")
        return told.isEmpty ? "it told no reason" : told
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return start[...last]
    }
}
