import PlumbModel
import ThrowawayServers

/// One repository at a played forge, of one test alone, and what stands there.
struct ForgeBoard {
    let kind: PlayedForge
    let repository: String
    let api: String
    private let control: String

    init(_ kind: PlayedForge) async throws {
        self.kind = kind
        repository = "acme/told-\(UInt32.random(in: 0...UInt32.max))"
        api = try await kind.api()
        control = "http://127.0.0.1:\(try await kind.port())"
    }

    /// As a controller's configuration has it.
    func settings(_ more: String = "") -> String {
        "{type: \(kind.rawValue), api: \"\(api)\", repository: \(repository), token: {env: FORGE_TOKEN}\(more)}"
    }

    /// `statuses`, `issues`, `comments`.
    func shown(_ name: String) async throws -> [Value] {
        let answer = try await LoopbackRequest("POST", "\(control)/_do/\(repository)", body: "{\"do\": \"show\"}")
            .send()
        return try Value(json: answer.body)[key: name]?.asList ?? []
    }

    /// `POST /repos/…`, in their order.
    func seen() async throws -> [String] {
        let answer = try await LoopbackRequest("GET", "\(control)/_seen/\(repository)").send()
        return (try Value(json: answer.body).asList ?? []).map { seen in
            "\(seen[key: "method"]?.asString ?? "") \(seen[key: "path"]?.asString ?? "")"
        }
    }

    func fault(_ kind: String, _ match: String, times: Int) async throws {
        _ = try await LoopbackRequest(
            "POST", "\(control)/_fault/\(repository)",
            body: "{\"kind\": \"\(kind)\", \"match\": \"\(match)\", \"times\": \(times)}"
        ).send()
    }

    /// What was against the forge's description.
    func wrongs() async throws -> [String] {
        let answer = try await LoopbackRequest("GET", "\(control)/_wrong").send()
        return (try Value(json: answer.body).asList ?? []).compactMap(\.asString).filter { $0.contains(repository) }
    }
}
