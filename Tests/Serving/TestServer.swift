import Crypto
import Foundation
import HTTPServing
import HTTPTransport
import LibvirtFixtures
import Logging
import PlumbModel
import SQLiteBackend
import StateBackendAPI
import Synchronization

@testable import Serving

/// A real server on a port of its own, before a plane that keeps things in a real database.
struct TestServer: Sendable {
    struct Refused: Error {}

    /// `127.0.0.1:41234`, or the path of the socket.
    let place: String
    let scheme: String
    let plane: KeptPlane
    let store: SQLiteControllerStore
    let server: ControllerServer
    let client: HTTPClient
    let log: KeptLog

    static let start = 1_800_000_000.0

    /// Tokens that all servers know: for everything, and for the stacks `shop-*`.
    static let tokens: [String: APIToken] = {
        func token(_ text: String, _ role: APIRole, _ globs: String? = nil, until end: Double? = nil) -> (
            String, APIToken
        ) {
            let digest = SHA256.hash(data: Array(text.utf8)).map {
                String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
            }
            let patterns = globs.flatMap { try? GlobPattern.all(in: $0) }
            guard
                let token = APIToken(
                    name: text.replacing("-token", with: ""), digest: digest.joined(), role: role, stacks: patterns,
                    expiresAt: end)
            else { preconditionFailure("a digest has 64 digits") }
            return (text, token)
        }
        return Dictionary(
            uniqueKeysWithValues: [
                token("viewer-token", .viewer), token("operator-token", .operator), token("admin-token", .admin),
                token("shop-viewer-token", .viewer, "shop-*"), token("shop-admin-token", .admin, "shop-*"),
                token("old-token", .admin, until: start - 1), token("short-token", .viewer, until: start + 2),
            ])
    }()

    /// Starts one, hands it to the body, and ends it.
    static func run(
        _ change: (inout ServerSettings) throws -> Void = { _ in },
        limits: (inout RequestGuard.Limits) -> Void = { _ in }, bodySeconds: Double = 60,
        tls: TLSSettings = TLSSettings(),
        now: @escaping @Sendable () -> Double = { start }, _ body: (TestServer) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "serving-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = SQLiteControllerStore(path: folder.appending(path: "state.db").path)
        let plane = KeptPlane(store)
        for stack in ["network", "shop-api", "shop-web"] { try await plane.add(stack) }
        var settings = ServerSettings()
        settings.address = .tcp(host: "127.0.0.1", port: 0)
        settings.tokens = Array(tokens.values)
        settings.webhooks = WebhookSecret.Forge.allCases.compactMap {
            WebhookSecret(forge: $0, secret: "secret of \($0.rawValue)")
        }
        try change(&settings)
        var bounds = RequestGuard.Limits()
        limits(&bounds)
        let log = KeptLog()
        let logger = Logger(label: "test") { _ in KeptLogHandler(log: log) }
        let server = try ControllerServer(
            settings, plane: plane, store: store, logger: logger, limits: bounds, bodySeconds: bodySeconds, now: now)
        let (places, started) = AsyncStream.makeStream(of: String.self)
        let serving = Task {
            defer { started.finish() }
            try await server.run { place in started.yield(place) }
        }
        var found: String?
        for await place in places {
            found = place
            break
        }
        do {
            guard let place = found else {
                try await serving.value
                throw Refused()
            }
            var client = HTTPClient.Settings(tls: tls, proxy: .none, retry: .none)
            if case .unix(let path) = settings.address { client.unixSocket = path }
            try await body(
                TestServer(
                    place: place, scheme: settings.tls == nil ? "http" : "https", plane: plane, store: store,
                    server: server, client: HTTPClient(client), log: log))
        } catch {
            await server.stop()
            _ = await serving.result
            await store.close()
            throw error
        }
        await server.stop()
        try await serving.value
        await store.close()
    }

    var base: String { place.hasPrefix("/") ? "http://localhost" : "\(scheme)://\(place)" }

    func ask(
        _ method: String, _ path: String, _ token: String? = nil, body: String? = nil,
        headers: [(String, String)] = []
    ) async throws -> HTTPResponse {
        var all = HTTPHeaders()
        if let token { all["Authorization"] = "Bearer \(token)" }
        if body != nil { all["Content-Type"] = "application/json" }
        for (name, value) in headers { all[name] = value }
        var request = HTTPRequest(method, base + path, headers: all, body: Array((body ?? "").utf8))
        request.timeout = .seconds(30)
        return try await client.send(request)
    }

    /// What the audit log says, oldest first.
    func audit() async throws -> [Value] {
        try await store.entries(of: "audit", subject: nil, after: 0, limit: 1_000).map { try Value(json: $0.text) }
    }

    func metric(_ line: String) async throws -> String? {
        let text = String(decoding: try await ask("GET", "/metrics", "viewer-token").body, as: UTF8.self)
        return text.split(separator: "\n").first { $0.hasPrefix(line + " ") }.map {
            String($0.dropFirst(line.count + 1))
        }
    }
}

extension HTTPResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
    func json() throws -> Value { try Value(json: body) }
}

extension Value {
    subscript(_ key: String) -> Value { self[key: key] ?? .null }
    var items: [Value] { self["items"].asList ?? [] }
}

/// What the server logs.
final class KeptLog: Sendable {
    private let lines = Mutex<[String]>([])

    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

struct KeptLogHandler: LogHandler {
    let log: KeptLog
    var logLevel = Logger.Level.debug
    var metadata: Logger.Metadata = [:]

    init(log: KeptLog) { self.log = log }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { log.add("\(event.level) \(event.message) \(event.metadata ?? [:])") }
}

/// Runs a program to its end, which is not waited for for ever.
enum Program {
    /// - Returns: its exit code and what it wrote to its standard output.
    static func run(_ words: [String]) async throws -> (status: Int32, output: String) {
        let outcome = try await WaitedProgram.run(URL(fileURLWithPath: "/usr/bin/env"), words, within: 60)
        return (outcome.status, outcome.output)
    }
}
