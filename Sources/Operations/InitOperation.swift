internal import Loading
public import PlumbModel
internal import Repositories
internal import Synchronization

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// `plumb init`: makes a stack in a directory, and touches nothing that is there; where there is one, pins its modules from
/// Git and fetches them.
public struct InitOperation: Sendable {
    public enum Result: Sendable {
        /// The paths of the files that were made.
        case madeStack([String])
        case pinnedModules(ModulePins)
    }

    private let location: StackLocation
    private let name: String?
    private let upgrades: Bool
    private let environment: [String: String]

    /// - Parameters:
    ///   - location: with a revision, what its lock file names is fetched and nothing else is done.
    ///   - name: of a stack that is made; nil for the directory's.
    ///   - upgrades: whether branches and tags are looked up again that have been pinned.
    public init(_ location: StackLocation, name: String?, upgrades: Bool, environment: [String: String]) {
        self.location = location
        self.name = name
        self.upgrades = upgrades
        self.environment = environment
    }

    private var directory: String { location.directory }

    /// - Parameter report: is told each source of modules before it is fetched.
    public func run(report: @escaping @Sendable (String) -> Void) async throws(Diagnostics) -> Result {
        let isStopped = Mutex(false)
        return try await withTaskCancellationHandler {
            await resultOf { () throws(Diagnostics) in
                guard try hasStack() else { return .madeStack(try make()) }
                return .pinnedModules(try pin(report) { isStopped.withLock { $0 } })
            }
        } onCancel: {
            isStopped.withLock { $0 = true }
        }.get()
    }

    private func resultOf(
        _ body: @escaping @Sendable () throws(Diagnostics) -> Result
    ) async -> Swift.Result<Result, Diagnostics> {
        do throws(Diagnostics) {
            return .success(try await BlockingWork.run(body))
        } catch {
            return .failure(error)
        }
    }

    private func hasStack() throws(Diagnostics) -> Bool {
        if upgrades || location.revision != nil { return true }
        let names = ["stack.yaml", "stack.yml"]
        guard names.contains(where: { FileManager.default.fileExists(atPath: directory + "/" + $0) }) else {
            return false
        }
        guard name == nil else {
            throw Diagnostics(
                .error(
                    "Already a stack",
                    "\(directory) holds a stack already. Nothing was touched: to name it, write `stack: NAME` in stack.yaml; "
                        + "to fetch its modules, run `plumb init` without --name."))
        }
        return true
    }

    // MARK: Modules

    private func pin(
        _ report: @escaping @Sendable (String) -> Void, _ isStopped: @escaping @Sendable () -> Bool
    ) throws(Diagnostics) -> ModulePins {
        let source = RecordingSource(try location.open().source)
        let lock = try ModuleLock(from: source)
        let seconds = environment["PLUMB_GIT_TIMEOUT"].flatMap(Double.init) ?? 60
        let pinner = ModulePinner(
            source: source, caches: ModuleCaches(location, environment), lock: lock,
            rule: location.revision != nil ? .lockAlone : upgrades ? .upgrade : .keep,
            patience: FetchPatience(seconds: seconds, isStopped: isStopped), report: report)
        let specification = try SpecLoader(
            source: source, repositories: pinner, decrypter: SpecDecrypter(environment)
        ).load()
        var result = pinner.result()
        result.warnings.append(specification.warnings)
        guard location.revision == nil else { return result }
        let pins = ModuleLock(Dictionary(result.pins.map { ($0.source, $0.commit) }) { first, _ in first })
        result.hasChangedLock = try pins.write(to: directory)
        return result
    }

    // MARK: A new stack

    private func make() throws(Diagnostics) -> [String] {
        let files = FileManager.default
        do {
            try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
            var made = [try write("stack.yaml", stackFile)]
            let others = try files.contentsOfDirectory(atPath: directory)
            if !others.contains(where: {
                !["stack.yaml", ModuleLock.file].contains($0) && ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml"))
            }) {
                made.append(try write("main.yaml", Self.firstSpec))
            }
            if !files.fileExists(atPath: directory + "/.gitignore") {
                made.append(try write(".gitignore", "# The state and its key: never in Git.\n.plumb/\n"))
            }
            return made
        } catch {
            throw Diagnostics(
                .error("Cannot make the stack", "Files could not be written in \(directory): \(SystemReason(error))."))
        }
    }

    private func write(_ file: String, _ text: String) throws -> String {
        let path = directory == "." ? file : directory + "/" + file
        try Data(text.utf8).write(to: URL(filePath: path), options: .withoutOverwriting)
        return path
    }

    private var stackFile: String {
        let absolute = URL(filePath: directory).standardizedFileURL.lastPathComponent
        let usable = absolute.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let given = name ?? String(String(usable).drop { !$0.isLetter })
        return """
            # What this stack is, where its state is, and whom it talks to.
            stack: \(given.isEmpty ? "main" : given)

            """
    }

    private static let firstSpec = """
        # A first resource. `plumb plan` shows what an apply would do; `plumb apply` does it.
        variables:
          greeting:
            type: string
            default: Hello from Plumbline

        resources:
          local_file.hello:
            spec:
              filename: out/hello.txt
              content: |
                ${var.greeting}

        outputs:
          hello: {value: "${local_file.hello.filename}"}

        """
}
