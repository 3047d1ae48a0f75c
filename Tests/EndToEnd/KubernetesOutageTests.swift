import Foundation
import KubernetesFixtures
import PlumbModel
import Testing

/// The real binary, while the API server goes away and comes back.
@Suite(.enabled(if: KubernetesServer.isExpected, "Kubernetes has not been built"))
struct KubernetesOutageTests {
    private static let count = 400

    private static func configMaps(in namespace: String) -> String {
        (0..<count).map { number in
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: map-\(number), namespace: \(namespace)}
            data: {number: "\(number)"}
            """
        }.joined(separator: "\n---\n")
    }

    /// The API server is killed in the middle of an apply, and is back some seconds later: the apply goes on and ends well.
    @Test func anApplyOutlivesARestartOfTheServer() async throws {
        let server = try await KubernetesServer.own()
        let namespace = try await server.newNamespace()
        let stack = try Stack(["maps.yaml": Self.configMaps(in: namespace)], environment: server.environment)
        let path = "/api/v1/namespaces/\(namespace)/configmaps"
        @Sendable func made() async throws -> Int {
            let items = try await server.ask("GET", "\(path)?resourceVersion=0").body[key: "items"]?.asList ?? []
            return items.filter { $0[key: "metadata"]?[key: "name"]?.asString?.hasPrefix("map-") == true }.count
        }
        let result = try await ProcessGate.shared.pass {
            let process = try stack.start(["apply", "--auto-approve", "--no-color"])
            let deadline = ContinuousClock.now + .seconds(60)
            while try await made() < 50, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(2)) }
            let killed = try server.kill("kube-apiserver")
            // Longer than the retries of a single request.
            try await Task.sleep(for: .seconds(6))
            try server.start(killed)
            return await process.result()
        }
        #expect(result.code == 0, "\(result.output)\n\(result.errors)")
        #expect(result.errors.contains("waiting for the API server, which answered before"), "\(result.errors)")
        #expect(try await made() == Self.count)
        #expect(try await stack.recorded().count == Self.count)
        try await stack.expectNoChanges()
        try await server.end()
    }

    /// It does not come back: the run ends with what is done recorded, and the error says where it looked.
    @Test func aServerThatStaysAwayIsTold() async throws {
        let server = try await KubernetesServer.own()
        let namespace = try await server.newNamespace()
        let stack = try Stack(["maps.yaml": Self.configMaps(in: namespace)], environment: server.environment)
        _ = try server.kill("kube-apiserver")
        // Without the wait for its turn.
        let (result, duration) = try await ProcessGate.shared.pass {
            let start = ContinuousClock.now
            let result = await (try stack.start(["plan", "--no-color"])).result()
            return (result, ContinuousClock.now - start)
        }
        #expect(result.code == 1)
        #expect(duration < .seconds(60))
        let words = (result.output + result.errors).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("connection refused") && words.contains(server.kubeconfig), "\(words)")
        try await server.end()
    }
}
