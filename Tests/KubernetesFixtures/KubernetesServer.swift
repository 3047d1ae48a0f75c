public import Foundation
import HTTPTransport
public import PlumbModel

/// A Kubernetes cluster of the tests' own, from `Tests/Services/kubernetes`: one for a test process, which it ends with.
/// Each test uses namespaces of its own.
public final class KubernetesServer: Sendable {
    /// In CI the tests run, and fail, without the server; elsewhere they are skipped visibly.
    public static let isExpected: Bool = {
        if ProcessInfo.processInfo.environment["CI"] != nil { return true }
        return (try? run("kubernetes-build", ["--path"])) != nil
    }()

    public static func shared() async throws -> KubernetesServer { try await sharedServer.value }

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
        let output = try await OwnThread.run { try KubernetesServer.run("kubernetes", ["up", folder.path, parent]) }
        var variables: [String: String] = [:]
        for word in output.split(whereSeparator: \.isWhitespace) {
            let parts = word.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
        }
        guard let kubeconfig = variables["KUBECONFIG"], let url = variables["KUBERNETES_URL"],
            let token = variables["KUBERNETES_TOKEN"], let authority = variables["KUBERNETES_CA"],
            let keys = variables["KUBERNETES_PKI"]
        else { throw KubernetesFixtureFailure("the script printed \(output)") }
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

    /// The first line that a script of `Tests/Services` prints.
    static func output(of script: String, _ arguments: [String]) throws -> String { try run(script, arguments) }

    private static func run(_ script: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = services.appendingPathComponent(script)
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        var text = ""
        // The server inherits the pipe, so that its end never comes: one line is all there is.
        while !text.contains("\n") {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { break }
            text += String(decoding: data, as: UTF8.self)
        }
        guard text.contains("\n") else { throw KubernetesFixtureFailure("\(script) \(arguments) failed") }
        return text
    }
}

/// Why the tests have no cluster.
public struct KubernetesFixtureFailure: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
