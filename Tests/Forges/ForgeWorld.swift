import Forges
import HTTPTransport
import PlumbModel
import Testing
import ThrowawayServers

/// One repository at a played forge, of one test alone, with what users do there.
struct ForgeWorld {
    let kind: ForgeKind
    let repository: String
    let api: String
    private let control: String
    private let http = HTTPClient(HTTPClient.Settings(proxy: .none))

    init(_ kind: ForgeKind, name: String = #function) async throws {
        self.kind = kind
        let words = name.split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")
        repository = "acme/\(words)-\(UInt32.random(in: 0...UInt32.max))"
        guard let played = PlayedForge(rawValue: kind.rawValue) else {
            throw WorldFailure(words: "nobody plays \(kind)")
        }
        api = try await played.api()
        control = "http://127.0.0.1:\(try await played.port())"
    }

    func settings(_ credentials: ForgeCredentials = .token(PlayedForge.token)) -> ForgeSettings {
        let retry = RetryPolicy(firstPause: .milliseconds(10), longestPause: .milliseconds(50))
        return ForgeSettings(
            api: api, repository: repository, credentials: credentials, unsaidPause: .milliseconds(50),
            http: HTTPClient.Settings(connectionsPerHost: 4, proxy: .none, retry: retry))
    }

    func forge(_ credentials: ForgeCredentials = .token(PlayedForge.token)) throws -> any Forge {
        try kind.open(settings(credentials))
    }

    // MARK: - What users do

    @discardableResult
    func tell(_ path: String, _ body: Value?) async throws -> Value {
        var bytes: [UInt8] = []
        if let body {
            var writer = JSONWriter()
            writer.write(body)
            bytes = writer.bytes
        }
        let request = HTTPRequest(
            body == nil ? "GET" : "POST", control + path, body: bytes, timeout: .seconds(100))
        let response = try await http.send(request)
        guard response.status == 200 else {
            throw WorldFailure(words: String(decoding: response.body, as: UTF8.self))
        }
        return try Value(json: response.body)
    }

    @discardableResult
    func `do`(_ what: String, _ fields: [(String, Value)] = []) async throws -> Value {
        try await tell("/_do/\(repository)", .object(ValueMap([("do", .string(what))] + fields)))
    }

    func fault(_ kind: String, _ match: String, times: Int = 1) async throws {
        try await tell(
            "/_fault/\(repository)",
            .object(["kind": .string(kind), "match": .string(match), "times": .number(times)]))
    }

    /// `POST /repos/…: 201`, in their order.
    func seen() async throws -> [String] {
        try await tell("/_seen/\(repository)", nil).elements.map { seen in
            "\(seen["method"].string) \(seen["path"].string): \(seen["status"].int)"
        }
    }

    func shown(_ name: String) async throws -> Value { try await self.do("show")[name] }

    /// What was asked or answered against the forge's description, of this repository.
    func wrongs() async throws -> [String] {
        try await tell("/_wrong", nil).elements.map(\.string).filter { words in
            words.contains(repository) || words.contains(repository.replacing("/", with: "%2F"))
                || !words.contains("acme")
        }
    }
}

/// Why a played forge did not do what a test asks of it.
struct WorldFailure: Error, CustomStringConvertible {
    let words: String
    var description: String { words }
}

extension Value {
    /// Null where there is no such field.
    subscript(name: String) -> Value {
        if case .map(let map, _) = kind { return map[name] ?? .null }
        return .null
    }

    var elements: [Value] {
        if case .list(let elements, _) = kind { return elements }
        return []
    }

    var string: String {
        if case .string(let text) = kind { return text }
        return ""
    }

    var int: Int {
        if case .number(let number) = kind { return Int(number.description) ?? -1 }
        return -1
    }
}
