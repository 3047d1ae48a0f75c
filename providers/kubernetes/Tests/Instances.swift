import Foundation
import HTTPTransport
import KubernetesFixtures
import Loading
import PlumbModel
import ProviderAPI
import Synchronization
import Testing

@testable import KubernetesProvider

/// The tests that talk to a real API server.
@Suite(.enabled(if: KubernetesServer.isExpected, "Kubernetes has not been built (Tests/Services/kubernetes-build)"))
enum ClusterSuites {}

/// An instance of the provider with the given settings.
func makeInstance(_ settings: Value) throws -> any ProviderInstance {
    let schema = KubernetesProvider().configurationSchema
    let given = settings.asMap ?? ValueMap()
    let values = Value.object(ValueMap(schema.attributes.map { ($0.name, given[$0.name] ?? $0.defaultValue ?? .null) }))
    let folder = FileManager.default.temporaryDirectory.path
    return try KubernetesProvider().configure(
        ProviderConfiguration(
            instanceName: nil, values: values, range: nil, source: DirectorySource(path: folder),
            workingDirectory: folder))
}

func makeInstance(of server: KubernetesServer) throws -> any ProviderInstance {
    try makeInstance(["kubeconfig": .string(server.kubeconfig)])
}

extension ProviderInstance {
    var object: KubernetesObject {
        get throws { try #require(resourceTypes.first { $0.name == "kubernetes_object" } as? KubernetesObject) }
    }
}

/// All attributes of the schema, those that are not given null.
func declared(_ manifest: Value, _ others: [(String, Value)] = []) -> Value {
    let given = ValueMap([("manifest", manifest)] + others)
    return .object(ValueMap(KubernetesObject.schema.attributes.map { ($0.name, given[$0.name] ?? .null) }))
}

/// `Tests/Services/faulty-server` before the API server.
final class FaultyProxy: @unchecked Sendable {
    let url: String
    private let process = Process()
    private let input = Pipe()
    private let client = HTTPClient()

    init(upstream: Int) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", KubernetesServer.services.appendingPathComponent("faulty-server").path, "--upstream",
            String(upstream), "--tls",
        ]
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
        url = "http://127.0.0.1:\(port)"
    }

    deinit { try? input.fileHandleForWriting.close() }

    func order(_ orders: String) async throws {
        let answer = try await client.send(HTTPRequest("PUT", url + "/_faults", body: Array(orders.utf8)))
        try #require(answer.status == 204)
    }

    /// Method and target of each request since the last look.
    func seen() async throws -> [String] {
        let answer = try await client.send(HTTPRequest("GET", url + "/_seen"))
        return try (Value(json: answer.body).asList ?? []).map {
            "\($0[key: "method"]?.asString ?? "") \($0[key: "target"]?.asString ?? "")"
        }
    }

    /// Proxies live until the test process ends: an instance does not know of its own.
    private static let all = Mutex<[FaultyProxy]>([])

    static func start(before server: KubernetesServer) async throws -> FaultyProxy {
        let port = server.port
        let proxy = try await OwnThread.run { try FaultyProxy(upstream: port) }
        all.withLock { $0.append(proxy) }
        return proxy
    }
}
