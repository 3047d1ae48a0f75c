import Foundation
import HTTPTransport
import PlumbModel
import ProviderAPI
import ProviderTesting
import Testing
import ThrowawayServers

// How the tests of RabbitMQ ask the server past the provider, and what their types have in common.
extension RabbitMQConformanceTests {
    private static let client = HTTPClient()

    @discardableResult
    static func ask(_ method: String, _ path: String, _ body: Value? = nil) async throws -> (status: Int, body: Value) {
        let server = try await ThrowawayServer.rabbitmq.environment()
        let login = "\(server["RABBITMQ_USER"] ?? ""):\(server["RABBITMQ_PASSWORD"] ?? "")"
        let answer = try await client.send(
            HTTPRequest(
                method, "\(server["RABBITMQ_URL"] ?? "")/\(path)",
                headers: ["Authorization": "Basic \(Data(login.utf8).base64EncodedString())"],
                body: Array((body?.json ?? "").utf8)))
        return (answer.status, (try? Value(json: answer.body)) ?? .null)
    }

    /// What permissions and bindings need to be there.
    func makeShared() async throws {
        for user in ["shared", "other"] { try await Self.ask("PUT", "users/\(user)", ["password": "x", "tags": ""]) }
        try await Self.ask("PUT", "vhosts/shared", ["description": ""])
        try await Self.ask("PUT", "queues/shared/shared", ["durable": true])
    }

    static func text(_ state: ResourceState, _ name: String) -> String { state.values[key: name]?.asString ?? "" }

    static func path(_ kind: String, _ state: ResourceState, _ names: String...) -> String {
        ([kind] + names.map { URLText.escaped(text(state, $0)) }).joined(separator: "/")
    }

    static func bindingPath(_ state: ResourceState) -> String {
        let kind = text(state, "destination_type") == "exchange" ? "e" : "q"
        return path("bindings", state, "vhost") + "/e/" + text(state, "source") + "/\(kind)/" + text(state, "destination")
            + "/" + URLText.escaped(text(state, "properties_key"))
    }

    static func conformance(
        _ type: String, declared: @escaping ProviderConformance.Declaration,
        inPlace: ProviderConformance.Declaration? = nil, replacement: @escaping ProviderConformance.Declaration,
        drifts: [Drift], place: (@Sendable (ResourceState) -> String)? = nil,
        exists: (@Sendable (ResourceState) async throws -> Bool)? = nil,
        importID: @escaping @Sendable (ResourceState) -> String, unimportable: Set<String> = []
    ) -> ProviderConformance {
        ProviderConformance(
            type: type, instance: { try await instance() }, declared: declared, inPlace: inPlace,
            replacement: replacement, drifts: drifts,
            exists: { state in
                if let exists { return try await exists(state) }
                guard let place else { return nil }
                return try await ask("GET", place(state)).status == 200
            },
            importID: importID, unimportable: unimportable,
            faulty: { fault in
                let url = try await ThrowawayServer.rabbitmq.environment()["RABBITMQ_URL"] ?? ""
                return try await FaultyInstances.make(fault, upstream: URLComponents(string: url)?.port ?? 0) { proxy in
                    try instance(proxy + "/api", [("timeout", "2s")])
                }
            })
    }

    private static func instance() async throws -> any ProviderInstance {
        try instance(try await ThrowawayServer.rabbitmq.environment()["RABBITMQ_URL"] ?? "", [])
    }

    private static func instance(_ url: String, _ more: [(String, Value)]) throws -> any ProviderInstance {
        try makeInstance(api: "rabbitmq", url: url, key: "guest", more)
    }
}
