import Foundation
import Testing

/// A stack in a directory of its own, on which the real binary is run. Removed when the test has ended.
final class Stack: Sendable {
    let directory: URL
    /// Added to the environment of every run.
    let environment: [String: String]

    /// - Parameters:
    ///   - files: by path; a `stack.yaml` is made where none is given.
    init(_ files: [String: String] = [:], environment: [String: String] = [:]) throws {
        directory = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appendingPathComponent("plumb-e2e-\(UUID().uuidString)")
        self.environment = environment
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        if files["stack.yaml"] == nil { try write("stack.yaml", "stack: test\n") }
        for (path, text) in files { try write(path, text) }
    }

    /// A copy of a folder of the repository.
    convenience init(copying folder: String, environment: [String: String] = [:]) throws {
        try self.init(environment: environment)
        let source = Repository.root.appendingPathComponent(folder)
        for name in try FileManager.default.contentsOfDirectory(atPath: source.path) where !name.hasPrefix(".") {
            guard name != "out" else { continue }
            let target = directory.appendingPathComponent(name)
            try? FileManager.default.removeItem(at: target)
            try FileManager.default.copyItem(at: source.appendingPathComponent(name), to: target)
        }
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    // MARK: - Files

    func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

    func write(_ name: String, _ text: String) throws {
        let file = directory.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// The text of a file; nil where there is none.
    func read(_ name: String) -> String? {
        FileManager.default.contents(atPath: path(name)).map { String(decoding: $0, as: UTF8.self) }
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    /// The names in a folder, sorted; none where there is no such folder.
    func list(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path(folder))) ?? []).sorted()
    }

    // MARK: - Runs

    /// Runs `plumb` to its end.
    func plumb(
        _ arguments: String..., environment: [String: String] = [:], deadline: Double = 180
    ) async throws -> ChildProcess.Result {
        try await ProcessGate.shared.pass { [arguments] in
            let process = try start(arguments, environment, deadline)
            let result = await process.result()
            #expect(!result.ranIntoDeadline, "plumb \(arguments) did not end within \(deadline) s: \(result.errors)")
            return result
        }
    }

    /// Starts `plumb` and leaves it running.
    func start(
        _ arguments: [String], _ environment: [String: String] = [:], _ deadline: Double = 180
    ) throws -> ChildProcess {
        try ChildProcess(
            Plumb.path, arguments, in: directory.path,
            environment: Plumb.environment.merging(self.environment) { $1 }.merging(environment) { $1 },
            deadline: deadline)
    }

    /// Runs a shell command in the directory; it must succeed.
    @discardableResult
    func shell(_ command: String) async throws -> String {
        try await ProcessGate.shared.pass {
            let process = try ChildProcess(
                "/bin/bash", ["-c", command], in: directory.path,
                environment: Plumb.environment.merging(environment) { $1 }, deadline: 60)
            let result = await process.result()
            #expect(result.code == 0, "\(command): \(result.errors)")
            return result.output
        }
    }

    // MARK: - What most tests expect

    /// Applies, which must succeed.
    @discardableResult
    func apply(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws
        -> ChildProcess.Result
    {
        let result = try await ProcessGate.shared.pass { [arguments] in
            await (try start(["apply", "--auto-approve"] + arguments, [:], 120)).result()
        }
        #expect(
            result.code == 0, "apply failed:\n\(result.output)\n\(result.errors)", sourceLocation: sourceLocation)
        return result
    }

    /// A plan of the stack must have nothing to do.
    func expectNoChanges(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let result = try await plumb("plan", "--detailed-exitcode")
        #expect(
            result.code == 0, "the plan is not empty:\n\(result.output)\n\(result.errors)",
            sourceLocation: sourceLocation)
    }

    /// The addresses in the state, sorted.
    func recorded() async throws -> [String] {
        let result = try await plumb("state", "list")
        try #require(result.code == 0, "\(result.errors)")
        return result.output.split(separator: "\n").map(String.init).sorted()
    }
}

/// Where the project's files are.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
}

/// The binary under test: the one that `PLUMB_TESTED` names, or the one from the same build as these tests.
enum Plumb {
    static let path: String = {
        if let named = ProcessInfo.processInfo.environment["PLUMB_TESTED"], !named.isEmpty { return named }
        // Both the test bundle and the binary are in the build folder; how the runner was started differs.
        let bundles = CommandLine.arguments.filter { $0.hasSuffix(".xctest") } + Bundle.allBundles.map(\.bundlePath)
        let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        for place in bundles + [executable, CommandLine.arguments.first ?? ""] {
            let beside = URL(fileURLWithPath: place).deletingLastPathComponent().appendingPathComponent("plumb").path
            if FileManager.default.isExecutableFile(atPath: beside) { return beside }
        }
        return Repository.root.appendingPathComponent(".build/debug/plumb").path
    }()

    /// Nothing of the person who runs the tests: no variables, colours, Git settings or home.
    static let environment: [String: String] = [
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": "/nonexistent",
        "USER": "tester",
        "LANG": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "Test",
        "GIT_AUTHOR_EMAIL": "test@example.org",
        "GIT_COMMITTER_NAME": "Test", "GIT_COMMITTER_EMAIL": "test@example.org",
    ]
}
