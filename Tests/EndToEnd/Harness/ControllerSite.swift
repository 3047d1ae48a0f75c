import Foundation
import GitFixtures
import PlumbModel
import Testing

/// A repository, a folder for what its stacks make, and the real controller that follows it.
final class ControllerSite: Sendable {
    let repository: TemporaryRepository
    /// Where stacks write files; the controller's configuration and data are in it too.
    let folder: URL
    private let environment: [String: String]

    /// - Parameters:
    ///   - files: of the first commit.
    ///   - settings: what the configuration says beside the repository.
    init(
        _ files: [String: String], interval: String = "200ms", settings: String = "",
        environment: [String: String] = [:]
    ) throws {
        repository = try TemporaryRepository()
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("plumb-site-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.environment = environment
        try configure(interval: interval, settings)
        for (name, text) in files { try write(name, text) }
        if !files.isEmpty { try repository.commit() }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// - Parameter url: of the repository, where a server serves it.
    func configure(interval: String = "200ms", url: String? = nil, _ settings: String) throws {
        let text = """
            repositories:
              infra: {url: "\(url ?? repository.path)", stacks: ["stacks/*"], interval: \(interval)}
            \(settings)

            """
        try Data(text.utf8).write(to: folder.appendingPathComponent("controller.yaml"))
    }

    /// Writes a file of the repository; `FOLDER` in it stands for the folder of what is made.
    func write(_ name: String, _ text: String) throws {
        try repository.write(name, text.replacing("FOLDER", with: folder.path))
    }

    /// A stack of one file.
    static func file(_ name: String, _ content: String) -> String {
        """
        resources:
          local_file.\(name): {spec: {filename: "FOLDER/\(name)", content: "\(content)"}}

        """
    }

    func start(_ arguments: String..., deadline: Double = 90) throws -> ChildProcess {
        try ChildProcess(
            Plumb.path, ["controller", "--config", "controller.yaml"] + arguments, in: folder.path,
            environment: Plumb.environment.merging(environment) { $1 }, deadline: deadline)
    }

    func once() async throws -> ChildProcess.Result {
        try await ProcessGate.shared.pass { await (try self.start("--once")).result() }
    }

    /// Runs a controller as long as the body lasts, and ends it as systemd does.
    @discardableResult
    func running(_ body: () async throws -> Void) async throws -> ChildProcess.Result {
        let process = try start()
        do {
            try await body()
        } catch {
            process.send(SIGKILL)
            let result = await process.result()
            Issue.record("\(error); the controller said:\n\(result.errors)")
            throw error
        }
        process.send(SIGTERM)
        let result = await process.result()
        #expect(result.code == 0, "\(result.errors)")
        return result
    }

    func content(_ name: String) -> String? {
        (try? Data(contentsOf: folder.appendingPathComponent(name))).map { String(decoding: $0, as: UTF8.self) }
    }

    /// When a file was written.
    func time(of name: String) throws -> Date {
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.appendingPathComponent(name).path)
        return try #require(attributes[.modificationDate] as? Date)
    }

    func tamper(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }

    struct TookTooLong: Error, CustomStringConvertible { let description: String }

    /// - Returns: the seconds it took.
    @discardableResult
    func wait(_ what: String, seconds: Double = 30, until isSo: () async throws -> Bool) async throws -> Double {
        let start = ContinuousClock.now
        while try await !isSo() {
            let passed = (ContinuousClock.now - start) / .seconds(1)
            guard passed < seconds else { throw TookTooLong(description: "\(what) did not come in \(seconds) s") }
            try await Task.sleep(for: .milliseconds(20))
        }
        return (ContinuousClock.now - start) / .seconds(1)
    }

    @discardableResult
    func wait(_ name: String, is text: String?) async throws -> Double {
        try await wait("\(name) = \(text ?? "nothing")") { self.content(name) == text }
    }
}

extension ChildProcess.Result {
    /// The lines of its log about a message.
    func logged(_ message: String) throws -> [Value] {
        try errors.split(separator: "\n").filter { $0.hasPrefix("{") }.map { try Value(json: String($0)) }.filter {
            $0[key: "message"]?.asString == message
        }
    }
}
