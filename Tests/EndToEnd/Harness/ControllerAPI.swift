import Foundation
import PlumbModel
import Testing

/// Somebody with a token who asks a running controller over its socket, with curl.
struct ControllerAPI {
    enum Who: String {
        /// Of everything.
        case admin = "t"
        /// Of everything.
        case `operator` = "o"
        /// Of everything.
        case viewer = "v"
        /// Of the stacks `shop-*`, with all rights.
        case shopkeeper = "s"
        case stranger = "x"
    }

    /// What the configuration says of the server and of those who may ask it.
    static let settings = """
        server:
          listen: unix:api.sock
          tokens:
            alice: {sha256: e3b98a4da31a127d4bde6e43033f66ba274cab0eb7eb1c70ec41402bf6273dd8, role: admin}
            oscar: {sha256: 65c74c15a686187bb6bbf9958f494fc6b80068034a659a9ad44991b08c58f2d2, role: operator}
            vera: {sha256: 4c94485e0c21ae6c41ce1dfe7b6bfaceea5ab68e40a2476f50208e526f506080, role: viewer}
            sam: {sha256: 043a718774c572bd8a25adbeb1bfcd5c0256ae11cecf9f9c3f925d0e52beaf89, role: admin, stacks: ["shop-*"]}

        """

    let site: ControllerSite
    var who = Who.admin

    func `as`(_ who: Who) -> ControllerAPI { ControllerAPI(site: site, who: who) }

    struct Answer {
        let status: Int
        let text: String

        /// Null where it is no JSON.
        var value: Value { (try? Value(json: text)) ?? .null }
    }

    @discardableResult
    func ask(_ path: String, _ body: String? = nil) async throws -> Answer {
        let words = arguments(path, body) + ["-w", "\\n%{http_code}"]
        let result = try await ProcessGate.shared.pass {
            await (try ChildProcess("/usr/bin/curl", words, in: site.folder.path, environment: [:], deadline: 20))
                .result()
        }
        var lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        let status = Int(lines.popLast() ?? "") ?? 0
        return Answer(status: status, text: lines.joined(separator: "\n"))
    }

    /// Asks for something, with a reason.
    @discardableResult
    func order(_ action: String, _ stack: String, because reason: String = "a test") async throws -> Answer {
        try await ask("stacks/\(stack)/\(action)", "{\"reason\": \"\(reason)\"}")
    }

    /// Reads the events as they come, for so many seconds.
    func stream(seconds: Double) throws -> ChildProcess {
        try ChildProcess(
            "/usr/bin/curl", arguments("events", nil, seconds: seconds) + ["-N", "-H", "Accept: text/event-stream"],
            in: site.folder.path, environment: [:], deadline: seconds + 20)
    }

    func status(_ stack: String) async throws -> Value { try await ask("stacks/\(stack)").value }

    func phase(_ stack: String) async throws -> String? { try await status(stack)[key: "phase"]?.asString }

    private func arguments(_ path: String, _ body: String?, seconds: Double = 10) -> [String] {
        [
            "-s", "--max-time", "\(seconds)", "--unix-socket", "api.sock", "-H",
            "Authorization: Bearer \(who.rawValue)",
            "-H", "Content-Type: application/json", "http://plumb/api/v1/\(path)",
        ] + (body.map { ["--data", $0] } ?? [])
    }
}
