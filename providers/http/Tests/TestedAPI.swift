import Expressions
import Foundation
import HTTPProvider
import HTTPTransport
import PlumbModel
import ProviderAPI
import ProviderTesting
import Testing
import ThrowawayServers

/// A file of the catalogue with the server it is tested against: makes instances, asks past them, and knows what the
/// conformance suites of its types have in common.
struct TestedAPI: Sendable {
    /// Where the server is, and how tests and instances show who they are.
    struct Server: Sendable {
        let url: String
        /// Sent when a test asks past the provider.
        var headers: HTTPHeaders = HTTPHeaders()
        var key: String?
        var settings: [(String, Value)] = []
    }

    /// The catalogue's name for it.
    let name: String
    let server: @Sendable () async throws -> Server
    /// What waits for seconds in the file waits for milliseconds in a test.
    var waitsShortly = false

    private static let client = HTTPClient()

    /// Asks past the provider.
    @discardableResult
    func ask(
        _ method: String, _ path: String, _ body: Value? = nil, text: String? = nil, _ headers: [String: String] = [:]
    ) async throws -> (status: Int, body: Value) {
        let server = try await server()
        var request = HTTPRequest(method, server.url + path, headers: server.headers)
        request.body = Array((text ?? body?.json ?? "").utf8)
        request.headers["Content-Type"] = body == nil ? nil : "application/json"
        for (name, value) in headers { request.headers[name] = value }
        let answer = try await Self.client.send(request)
        return (answer.status, (try? Value(json: answer.body)) ?? .string(String(decoding: answer.body, as: UTF8.self)))
    }

    /// Asks, and fails unless it is done.
    func demand(_ method: String, _ path: String, _ body: Value? = nil) async throws {
        let answer = try await ask(method, path, body)
        try #require((200...299).contains(answer.status), "\(method) \(path): \(answer.status) \(answer.body.json)")
    }

    // MARK: - Instances

    func instance() async throws -> any ProviderInstance {
        let server = try await server()
        return try instance(server, at: server.url)
    }

    /// One whose next change meets the fault.
    ///
    /// - Parameter request: the change, as `Tests/Services/faulty-server` has it.
    func instance(meeting fault: Fault, on request: String = "CHANGE /") async throws -> any ProviderInstance {
        let server = try await server()
        let parts = try #require(URLComponents(string: server.url))
        return try await FaultyInstances.make(fault, upstream: parts.port ?? 80, on: request) { proxy in
            try instance(server, at: proxy + parts.path, [("timeout", "2s")])
        }
    }

    private func instance(
        _ server: Server, at url: String, _ more: [(String, Value)] = []
    ) throws -> any ProviderInstance {
        var settings = server.settings + more + [("base_url", .string(url))]
        if let key = server.key { settings.append(("key", .string(key))) }
        guard waitsShortly else {
            return try HTTPProvider().configure(configuration([("api", .string(name))] + settings))
        }
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("apis/\(name).yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
            .replacing(/interval: \d+s/, with: "interval: 10ms")
        return try HTTPProvider().configure(
            configuration([("api", .string("apis/\(name).yaml"))] + settings, files: ["apis/\(name).yaml": text]))
    }

    // MARK: - Conformance

    /// - Parameters:
    ///   - place: the path that answers 200 as long as the resource is there.
    ///   - faultyRequest: the request that meets the faults, as `Tests/Services/faulty-server` has it.
    func conformance(
        _ type: String, declared: @escaping ProviderConformance.Declaration,
        inPlace: ProviderConformance.Declaration? = nil, replacement: ProviderConformance.Declaration? = nil,
        drifts: [Drift], place: (@Sendable (ResourceState) -> String)? = nil,
        exists: (@Sendable (ResourceState) async throws -> Bool)? = nil,
        importID: @escaping @Sendable (ResourceState) -> String, unimportable: Set<String> = [],
        faultyRequest: String = "CHANGE /"
    ) -> ProviderConformance {
        ProviderConformance(
            type: type, instance: { try await instance() }, declared: typed(declared, type),
            inPlace: inPlace.map { typed($0, type) }, replacement: replacement.map { typed($0, type) }, drifts: drifts,
            exists: { state in
                if let exists { return try await exists(state) }
                guard let place else { return nil }
                return try await (200...299).contains(ask("GET", place(state)).status)
            },
            importID: importID, unimportable: unimportable,
            faulty: { try await instance(meeting: $0, on: faultyRequest) })
    }
}

extension TestedAPI {
    /// Declared values in the schema's types, as the engine hands them to a provider.
    private func typed(
        _ declaration: @escaping ProviderConformance.Declaration, _ type: String
    ) -> ProviderConformance.Declaration {
        // A schema is the same wherever the server is.
        let nowhere = Server(url: "http://127.0.0.1:1", settings: [("variables", .map(["owner": "acme"]))])
        let plain = Server(url: nowhere.url)
        let instance = (try? self.instance(nowhere, at: nowhere.url)) ?? (try? self.instance(plain, at: plain.url))
        let schema = instance?.resourceTypes.first { $0.name == type }?.schema
        return { unique in
            let values = declaration(unique).asMap ?? ValueMap()
            return .object(
                ValueMap(
                    values.map { entry in
                        let converted = schema?[entry.key].flatMap { try? entry.value.converted(to: $0.type) }
                        return (entry.key, converted ?? entry.value)
                    }))
        }
    }
}

extension ResourceState {
    /// An attribute that is a string; empty where it is none.
    func text(_ name: String) -> String { values[key: name]?.asString ?? "" }
}
