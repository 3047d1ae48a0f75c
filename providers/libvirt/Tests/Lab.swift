import Foundation
import HTTPTransport
import LibvirtFixtures
import Loading
import PlumbModel
import ProviderAPI
import Testing

@testable import LibvirtProvider

/// The tests that talk to a real libvirtd through a real gateway.
@Suite(
    .enabled(
        if: LibvirtServer.isExpected && FileManager.default.isExecutableFile(atPath: GatewayProcess.binary.path),
        "libvirtd, root or the gateway's binary are missing"))
enum LabSuites {}

/// A libvirtd, a gateway before it, and a pool: one of each for a test process.
final class Lab: Sendable {
    static func shared() async throws -> Lab { try await started.value }

    private static let started = Task { try await Lab() }

    let server: LibvirtServer
    let gateway: GatewayProcess
    /// The id of a pool for volumes of the tests.
    static let pool = UUID().uuidString.lowercased()
    /// Of the gateway; pools lie in `pools`.
    static let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
        "lab-\(UUID().uuidString.prefix(8))")
    private let client: HTTPClient

    private init() async throws {
        server = try await LibvirtServer.shared()
        gateway = try GatewayProcess(uri: server.uri, folder: Lab.folder)
        client = HTTPClient(.init(unixSocket: gateway.socket, wireLog: nil))
        try await gateway.awaitReady()
        try await ask(
            "PUT", "/v1/pools/\(Lab.pool)",
            ["name": "tests", "target": .string(gateway.pools.appendingPathComponent("tests").path)])
    }

    /// Asks past the provider.
    @discardableResult
    func ask(_ method: String, _ path: String, _ body: Value? = nil) async throws -> Value {
        var request = HTTPRequest(method, "http://gateway\(path)", timeout: .seconds(60))
        if let body {
            request.headers["Content-Type"] = "application/json"
            request.body = Array(body.json.utf8)
        }
        let answer = try await client.send(request)
        let text = String(decoding: answer.body, as: UTF8.self)
        try #require(answer.status < 400, "\(method) \(path): \(answer.status) \(text)")
        return answer.body.isEmpty ? .null : try Value(json: answer.body)
    }

    func has(_ path: String) async throws -> Bool {
        try await client.send(HTTPRequest("GET", "http://gateway\(path)")).status == 200
    }

    /// An instance of the provider.
    func instance() throws -> any ProviderInstance {
        try Lab.instance(["url": .string("unix://\(gateway.socket)")])
    }

    static func instance(_ settings: Value) throws -> any ProviderInstance {
        let schema = LibvirtProvider().configurationSchema
        let given = settings.asMap ?? ValueMap()
        let values = schema.attributes.map { ($0.name, given[$0.name] ?? $0.defaultValue ?? .null) }
        let folder = FileManager.default.temporaryDirectory.path
        return try LibvirtProvider().configure(
            ProviderConfiguration(
                instanceName: nil, values: .object(ValueMap(values)), range: nil, source: DirectorySource(path: folder),
                workingDirectory: folder))
    }
}

extension ProviderInstance {
    func type(_ name: String) throws -> any ResourceType { try #require(resourceTypes.first { $0.name == name }) }
}

extension ResourceType {
    /// As the engine would: plans, then creates or updates.
    func apply(_ given: Value, to prior: ResourceState? = nil) async throws -> ResourceState {
        let plan = try await plan(given, prior)
        try #require(plan.replacePaths.isEmpty, "\(plan.replacePaths) \(plan.replaceReason ?? "")")
        guard let prior else {
            return try await create(CreateRequest(planned: plan.planned, intent: UUID().uuidString))
        }
        return try await update(UpdateRequest(prior: prior, planned: plan.planned, intent: UUID().uuidString))
    }

    func plan(_ given: Value, _ prior: ResourceState?) async throws -> ResourcePlan {
        let map = given.asMap ?? ValueMap()
        let declared = Value.object(ValueMap(schema.attributes.map { ($0.name, map[$0.name] ?? .null) }))
        return try await plan(PlanRequest(prior: prior, declared: declared))
    }

    func remove(_ state: ResourceState) async throws {
        try await delete(DeleteRequest(prior: state, intent: UUID().uuidString))
    }
}
