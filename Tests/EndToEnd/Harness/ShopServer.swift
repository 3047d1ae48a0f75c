import Foundation
import Testing
import ThrowawayServers

/// `Tests/Services/shop-server`: an API whose OpenAPI document its framework makes. It ends with the test process at the
/// latest.
final class ShopServer: Sendable {
    /// In CI the tests run, and fail, without FastAPI; elsewhere they are skipped visibly.
    static let isExpected =
        ProcessInfo.processInfo.environment["CI"] != nil || isInstalled

    private static var isInstalled: Bool {
        let python = URL(fileURLWithPath: "/usr/bin/python3")
        return (try? ThrowawayProcess.run(python, ["-c", "import fastapi, uvicorn"]))?.status == 0
    }

    let url: String
    private let process: ThrowawayProcess

    init() async throws {
        process = try await ThrowawayProcess(ThrowawayServer.services.appendingPathComponent("shop-server"))
        url = "http://127.0.0.1:\(try process.port)"
    }
}
