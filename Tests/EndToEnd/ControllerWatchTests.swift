import Foundation
import KubernetesFixtures
import PlumbModel
import Testing

/// The controller with a real API server: what changes there is healed when it happens, and not at the next check.
@Suite(.enabled(if: KubernetesServer.isExpected, "Kubernetes has not been built"))
struct ControllerWatchTests {
    private static func deployments(_ namespace: String, _ count: Int) -> String {
        """
        resources:
          kubernetes_object.web:
            for_each: '${toset([for i in range(\(count)) : "web-${i}"])}'
            spec:
              wait: false
              manifest:
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: "${each.key}", namespace: \(namespace)}
                spec:
                  replicas: 1
                  selector: {matchLabels: {app: web}}
                  template:
                    metadata: {labels: {app: web}}
                    spec: {containers: [{name: app, image: "web:1"}]}
        """
    }

    private static func replicas(_ server: KubernetesServer, _ namespace: String, _ index: Int) async throws -> Value? {
        let path = "/apis/apps/v1/namespaces/\(namespace)/deployments/web-\(index)"
        return try await server.ask("GET", path).body[key: "spec"]?[key: "replicas"]
    }

    private static func scale(_ server: KubernetesServer, _ namespace: String, _ index: Int, to count: Int) async throws
    {
        let path = "/apis/apps/v1/namespaces/\(namespace)/deployments/web-\(index)"
        let patch: Value = ["spec": ["replicas": .number(Number(count))]]
        try await server.patch(path, patch, manager: "hand-\(count)")
    }

    @Test func aScaledDeploymentIsHealedAtOnceAndManyAreOneHeal() async throws {
        let server = try await KubernetesServer.shared()
        let namespace = try await server.newNamespace()
        let site = try ControllerSite(
            [
                "stacks/web/stack.yaml": "stack: web\nsync: {drift: {mode: heal, every: 1h}}\n",
                "stacks/web/main.yaml": Self.deployments(namespace, 5),
            ], environment: server.environment)
        var times: [Double] = []
        let result = try await site.running {
            try await site.wait("the last deployment") { try await Self.replicas(server, namespace, 4) == 1 }
            // The watch begins when the apply is over.
            try await Task.sleep(for: .seconds(2))
            for round in 2..<22 {
                try await Self.scale(server, namespace, 0, to: round + 1)
                times.append(
                    try await site.wait("the heal of \(round)", seconds: 20) {
                        try await Self.replicas(server, namespace, 0) == 1
                    })
            }
            for index in 1..<5 { try await Self.scale(server, namespace, index, to: 9) }
            try await site.wait("the heal of all", seconds: 20) {
                for index in 1..<5 where try await Self.replicas(server, namespace, index) != 1 { return false }
                return true
            }
        }
        let median = times.sorted()[times.count / 2]
        print("a scaled deployment was healed after \(times.sorted()) s")
        #expect(median < 5, "\(times)")
        let heals = try result.logged("drift is healed")
        #expect(heals.count >= 21 && heals.count <= 23, "\(heals.count) heals")
    }
}
