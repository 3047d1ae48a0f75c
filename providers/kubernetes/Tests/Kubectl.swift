import Foundation
import KubernetesFixtures
import Testing
import ThrowawayServers

/// The machine's kubectl, on the test's cluster.
enum Kubectl {
    static let path = ["\(RenderingPrograms.folder ?? "")/kubectl", "/usr/local/bin/kubectl", "/usr/bin/kubectl"].first(
        where: FileManager.default.isExecutableFile)

    /// - Returns: when it had ended.
    @discardableResult
    static func run(_ server: KubernetesServer, _ arguments: String...) async throws -> ContinuousClock.Instant {
        try await OwnThread.run { [arguments] in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: try #require(path))
            process.arguments = ["--kubeconfig", server.kubeconfig] + arguments
            process.standardOutput = FileHandle.nullDevice
            process.environment = ProcessInfo.processInfo.environment.merging(
                ["HOME": FileManager.default.temporaryDirectory.path]) { $1 }
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0, "kubectl \(arguments)")
            return ContinuousClock.now
        }
    }
}
