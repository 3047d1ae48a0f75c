import Foundation
import Testing

/// `Tests/Services/shop-server`: an API whose OpenAPI document its framework makes. It ends with the test process at the
/// latest.
final class ShopServer: @unchecked Sendable {
    /// In CI the tests run, and fail, without FastAPI; elsewhere they are skipped visibly.
    static let isExpected =
        ProcessInfo.processInfo.environment["CI"] != nil || isInstalled

    private static var isInstalled: Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", "import fastapi, uvicorn"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    let url: String
    private let process = Process()
    private let input = Pipe()

    init() throws {
        process.executableURL = Repository.root.appendingPathComponent("Tests/Services/shop-server")
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let port = try #require(
            Int(line.trimmingCharacters(in: .whitespacesAndNewlines)), "the server has told no port")
        url = "http://127.0.0.1:\(port)"
    }

    deinit {
        // Its end is not waited for: Foundation would wait for servers of other suites too, which inherit what it waits on.
        try? input.fileHandleForWriting.close()
    }
}
