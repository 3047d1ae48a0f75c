public import Foundation
import HTTPTransport
public import PlumbModel
import ThrowawayServers

/// A Kubernetes cluster of the tests' own, from `Tests/Services/kubernetes`: one for a test process, which it ends with.
/// Each test uses namespaces of its own.
public final class KubernetesServer: Sendable {
    /// In CI the tests run, and fail, without the server; elsewhere they are skipped visibly.
    public static let isExpected: Bool = {
        if ProcessInfo.processInfo.environment["CI"] != nil { return true }
        return (try? output(of: "kubernetes-build", ["--path"])) != nil
    }()

    public static func shared() async throws -> KubernetesServer { try await sharedServer.value }

    /// A cluster for one test alone, which may do to it what it wants.
    public static func own() async throws -> KubernetesServer { try await KubernetesServer() }

    private static let sharedServer = Task { try await KubernetesServer() }

    /// The path of a kubeconfig for a user who may do all.
    public let kubeconfig: String
    public let url: String
    public let token: String
    /// The path of the authority's certificate.
    public let authority: String
    /// The folder with the keys: `client.crt` and `client.key` are of another user who may do all.
    public let keys: String
    private let client: HTTPClient

    private init() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "plumb-kubernetes-\(UUID().uuidString)")
        let parent = String(ProcessInfo.processInfo.processIdentifier)
        let starter = try await ThrowawayProcess(
            Self.services.appendingPathComponent("kubernetes"), ["up", folder.path, parent], within: .seconds(600))
        let variables = starter.variables
        guard let kubeconfig = variables["KUBECONFIG"], let url = variables["KUBERNETES_URL"],
            let token = variables["KUBERNETES_TOKEN"], let authority = variables["KUBERNETES_CA"],
            let keys = variables["KUBERNETES_PKI"]
        else { throw KubernetesFixtureFailure("the script printed \(starter.announcement)") }
        (self.kubeconfig, self.url, self.token, self.authority) = (kubeconfig, url, token, authority)
        self.keys = keys
        client = HTTPClient(.init(tls: TLSSettings(authorities: .file(authority)), wireLog: nil))
    }

    /// For programs that are to use it, and to leave the caches of whoever runs the tests alone.
    public var environment: [String: String] {
        let folder = URL(fileURLWithPath: kubeconfig).deletingLastPathComponent()
        return ["KUBECONFIG": kubeconfig, "XDG_CACHE_HOME": folder.appendingPathComponent("cache").path]
    }

    public var port: Int { URLComponents(string: url)?.port ?? 0 }

    /// Asks past Plumbline.
    @discardableResult
    public func ask(
        _ method: String, _ path: String, _ body: Value? = nil, type: String = "application/json"
    ) async throws -> (status: Int, body: Value) {
        let request = HTTPRequest(
            method, url + path, headers: ["Authorization": "Bearer \(token)", "Content-Type": type],
            body: Array((body?.json ?? "").utf8), isIdempotent: method != "POST")
        let answer = try await client.send(request)
        return (answer.status, (try? Value(json: answer.body)) ?? .null)
    }

    /// Changes an object as another manager than Plumbline.
    public func patch(_ path: String, _ patch: Value, manager: String = "somebody") async throws {
        let answer = try await ask(
            "PATCH", "\(path)?fieldManager=\(manager)", patch, type: "application/merge-patch+json")
        guard answer.status == 200 else { throw KubernetesFixtureFailure("\(path): \(answer.body.json)") }
    }

    /// Makes a namespace that nobody else has.
    public func newNamespace() async throws -> String {
        let name = "t-\(UUID().uuidString.lowercased().prefix(12))"
        let answer = try await ask(
            "POST", "/api/v1/namespaces",
            ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]])
        guard answer.status == 201 else { throw KubernetesFixtureFailure(answer.body.json) }
        // What is in it needs the account that the controller makes for it.
        for _ in 0..<200 {
            if try await ask("GET", "/api/v1/namespaces/\(name)/serviceaccounts/default").status == 200 { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        return name
    }

    public static let services = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Services")

    /// What a script of `Tests/Services` prints that ends soon.
    static func output(of script: String, _ arguments: [String]) throws -> String {
        let result = try ThrowawayProcess.run(services.appendingPathComponent(script), arguments)
        guard result.status == 0 else { throw KubernetesFixtureFailure("\(script) \(arguments) failed") }
        return String(decoding: result.output, as: UTF8.self)
    }

    /// Runs a script of `Tests/Services` to its end.
    static func finish(_ script: String, _ arguments: [String]) throws {
        let result = try ThrowawayProcess.run(services.appendingPathComponent(script), arguments)
        guard result.status == 0 else { throw KubernetesFixtureFailure("\(script) \(arguments) failed") }
    }
}

/// Why the tests have no cluster.
public struct KubernetesFixtureFailure: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
