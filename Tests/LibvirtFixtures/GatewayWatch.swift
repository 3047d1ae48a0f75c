import Foundation

extension GatewayProcess {
    /// Waits until it answers, with libvirt behind it.
    public func awaitReady() async throws {
        let words = [
            "-s", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", socket, "--retry", "60",
            "--retry-all-errors",
            "--retry-delay", "1", "--retry-max-time", "60", "http://gateway/health",
        ]
        let status = try await LibvirtServer.run(URL(fileURLWithPath: "/usr/bin/curl"), words)
        guard status.hasSuffix("200") else {
            throw Failure(description: "the gateway did not get ready: \(status)\n\(log.suffix(3000))")
        }
    }

    /// For one that nobody lets go of before the tests end: it ends when their process has ended, however that came.
    public func endWithTests() throws {
        let watcher = Process()
        watcher.executableURL = URL(fileURLWithPath: "/bin/sh")
        watcher.arguments = [
            "-c", "while kill -0 $0 && kill -0 $1; do sleep 1; done 2>/dev/null; kill -9 $1",
            String(ProcessInfo.processInfo.processIdentifier), String(processIdentifier),
        ]
        watcher.standardInput = FileHandle.nullDevice
        watcher.standardOutput = FileHandle.nullDevice
        watcher.standardError = FileHandle.nullDevice
        try watcher.run()
    }
}
