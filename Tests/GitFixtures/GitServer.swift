import Foundation

/// Runs `Tests/Services/git-server` for as long as it is held: the repositories of a folder on a loopback port.
public final class GitServer: @unchecked Sendable {
    public let port: Int
    private let process = Process()
    private let input = Pipe()

    /// - Parameter arguments: as the script's head describes them.
    public init(_ arguments: String...) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", root.appendingPathComponent("Services/git-server").path] + arguments
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw GitFixtureFailure("git-server does not start: \(arguments)")
        }
        self.port = port
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
