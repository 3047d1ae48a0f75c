import Foundation

/// A cloud API that cannot run here, played by `Tests/Services/described-api` as its published description has it.
/// Each is played at most once in a test process and ends with it.
public enum DescribedAPI: String, Sendable, CaseIterable {
    case digitalocean, hcloud, cloudflare, github

    /// The only one that is let in.
    public static let token = "a-token"

    /// Where `path`s of the API begin; without a slash at the end.
    public func url() async throws -> String { "http://127.0.0.1:\(try await Self.running.port(of: self))\(basePath)" }

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

/// The processes, by what they play; each lives as long as it is held here.
private actor RunningAPIs {
    private var starts: [DescribedAPI: Task<ThrowawayProcess, any Error>] = [:]

    func port(of api: DescribedAPI) async throws -> Int {
        let start =
            starts[api]
            ?? Task {
                try await ThrowawayProcess(
                    ThrowawayServer.services.appendingPathComponent("described-api"), [api.rawValue])
            }
        starts[api] = start
        return try await start.value.port
    }
}
