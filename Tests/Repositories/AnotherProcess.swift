import Foundation
import GitFixtures
import PlumbModel
import Repositories
import Testing

/// Another process that asks for what is new: this very test program, told to run the one test that does so.
final class AnotherProcess {
    static let variable = "PLUMB_TEST_FOLLOWED_REPOSITORY"

    /// What it is told, in a file.
    struct Task: Codable {
        var url: String
        var cache: String
        var tokenVariable: String?
        var tokenFile: String?
        var user: String?
        var answer: String
    }

    private let process = Process()
    private let task: Task

    /// - Parameter largestFile: in blocks of 512 bytes; more is refused by the system, as on a full disk.
    init(
        _ it: Following, url: String, credentials: RepositoryDeclaration.Credentials = .init(),
        environment: [String: String] = [:], largestFile: Int? = nil
    ) throws {
        let name = it.home.path + "/process-" + UUID().uuidString
        task = Task(
            url: url, cache: it.cache, tokenVariable: credentials.tokenVariable, tokenFile: credentials.tokenFile,
            user: credentials.user, answer: name + ".answer")
        try JSONEncoder().encode(task).write(to: URL(filePath: name))
        process.executableURL = URL(
            filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        process.arguments = ["--testing-library", "swift-testing", "--filter", "RepositoriesTests.AnotherProcessTask"]
        if let largestFile, let program = process.executableURL?.path, let words = process.arguments {
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-c", "trap '' XFSZ; ulimit -f \(largestFile); exec \"$0\" \"$@\"", program] + words
        }
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.environment?[Self.variable] = name
        // It goes before SSL_CERT_FILE.
        process.environment?["GIT_SSL_CAINFO"] = environment["GIT_SSL_CAINFO"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit { if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) } }

    func kill() throws {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// The commit, or the problem.
    func answer() async throws -> String {
        for _ in 0..<1200 where process.isRunning { try await _Concurrency.Task.sleep(for: .milliseconds(50)) }
        return try String(contentsOfFile: task.answer, encoding: .utf8)
    }
}

/// What `AnotherProcess` does.
struct AnotherProcessTask {
    @Test(.enabled(if: ProcessInfo.processInfo.environment[AnotherProcess.variable] != nil))
    func looks() throws {
        let environment = ProcessInfo.processInfo.environment
        let file = try #require(environment[AnotherProcess.variable])
        let task = try JSONDecoder().decode(AnotherProcess.Task.self, from: Data(contentsOf: URL(filePath: file)))
        let credentials = RepositoryDeclaration.Credentials(
            tokenVariable: task.tokenVariable, tokenFile: task.tokenFile, user: task.user)
        let followed = FollowedRepository(
            RepositoryDeclaration(name: "it", url: task.url, target: .branch("main"), credentials: credentials),
            cache: task.cache, environment: environment)
        let answer: String
        do throws(Diagnostics) {
            answer = try followed.newest().commit
        } catch {
            answer = error.all.first.map { "\($0.summary): \($0.detail)" } ?? "no problem is told"
        }
        try answer.write(toFile: task.answer, atomically: true, encoding: .utf8)
    }
}
