import Foundation

/// A cloud API that cannot run here, played by `Tests/Services/described-api` as its published description has it.
/// Each is played at most once in a test process and ends with it.
public enum DescribedAPI: String, Sendable, CaseIterable {
    case digitalocean, hcloud, cloudflare, github

    /// The only one that is let in.
    public static let token = "a-token"

    /// Where `path`s of the API begin; without a slash at the end.
    public func url() throws -> String { try Self.running.get(self).url + basePath }

    public var basePath: String {
        switch self {
        case .digitalocean: "/v2"
        case .hcloud: "/v1"
        case .cloudflare: "/client/v4"
        case .github: ""
        }
    }

    private static let running = RunningAPIs()
}

/// The processes, by what they play.
private final class RunningAPIs: @unchecked Sendable {
    struct Running {
        let url: String
        /// Held open: the process ends with it.
        let input: Pipe
    }

    private let lock = NSLock()
    private var running: [DescribedAPI: Running] = [:]

    func get(_ api: DescribedAPI) throws -> Running {
        lock.lock()
        defer { lock.unlock() }
        if let started = running[api] { return started }
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = ThrowawayServer.services.appendingPathComponent("described-api")
        process.arguments = [api.rawValue]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw ThrowawayServer.StartFailure(description: "\(api.rawValue) did not start")
        }
        let started = Running(url: "http://127.0.0.1:\(port)", input: input)
        running[api] = started
        return started
    }
}
