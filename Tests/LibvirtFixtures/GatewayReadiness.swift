import Foundation

extension GatewayProcess {
    /// Waits until it answers, with libvirt behind it.
    public func awaitReady() async throws {
        let words = [
            // Without the bodies of refusals, which curl cannot take back from /dev/null when it tries again.
            "-fs", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", socket, "--retry", "60",
            "--retry-all-errors",
            "--retry-delay", "1", "--retry-max-time", "60", "http://gateway/health",
        ]
        let status = try await LibvirtServer.run(URL(fileURLWithPath: "/usr/bin/curl"), words)
        guard status.hasSuffix("200") else {
            throw Failure(description: "the gateway did not get ready: \(status)\n\(log.suffix(3000))")
        }
    }
}
