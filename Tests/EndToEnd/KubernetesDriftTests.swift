import Foundation
import KubernetesFixtures
import PlumbModel
import Testing

/// `plumb drift` on a real API server, with the real kubectl.
@Suite(
    .enabled(if: KubernetesServer.isExpected, "Kubernetes has not been built"),
    .enabled(if: RenderingPrograms.folder != nil, "kubectl is missing (Tests/Services/rendering-programs)"))
struct KubernetesDriftTests {
    private static func deployment(_ namespace: String, _ drift: String) -> String {
        """
        resources:
          kubernetes_object.web:
            drift: \(drift)
            spec:
              wait: false
              manifest:
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web, namespace: \(namespace)}
                spec:
                  replicas: 1   # as the contract says
                  selector: {matchLabels: {app: web}}
                  template:
                    metadata: {labels: {app: web}}
                    spec:
                      containers:
                        - {name: app, image: "web:1"}
                        - {name: proxy, image: "proxy:1"}
        """
    }

    private struct Site {
        let server: KubernetesServer
        let namespace: String
        let stack: Stack

        init(_ drift: String) async throws {
            server = try await KubernetesServer.shared()
            namespace = try await server.newNamespace()
            stack = try Stack(
                ["main.yaml": KubernetesDriftTests.deployment(namespace, drift)], environment: server.environment)
            try await stack.apply()
        }

        func kubectl(_ arguments: String) async throws {
            let program = "\(try #require(RenderingPrograms.folder))/kubectl"
            try await stack.shell(
                "HOME=$PWD '\(program)' --kubeconfig '\(server.kubeconfig)' -n \(namespace) \(arguments)")
        }

        func spec() async throws -> Value {
            let path = "/apis/apps/v1/namespaces/\(namespace)/deployments/web"
            return try #require(try await server.ask("GET", path).body[key: "spec"])
        }

        func look(_ arguments: String...) async throws -> (code: Int32?, drift: [Value]) {
            let result = try await ProcessGate.shared.pass { [arguments] in
                await (try stack.start(["drift", "--json"] + arguments)).result()
            }
            let document = try Value(json: result.output)
            return (result.code, document[key: "stacks"]?.asList?.first?[key: "drift"]?.asList ?? [])
        }
    }

    /// Of what goes by way of `scale`, servers before 1.22 do not note who it was.
    @Test func kubectlScaleIsSeenAndHealedAndWhoHasEditedIsTold() async throws {
        let site = try await Site("{mode: heal}")
        #expect(try await site.look().code == 0)
        try await site.kubectl("scale deployment/web --replicas=4")
        let found = try await site.look()
        #expect(found.code == 2)
        let finding = try #require(found.drift.first)
        #expect(found.drift.count == 1)
        #expect(finding[key: "path"] == "manifest.spec.replicas")
        #expect(finding[key: "expected"] == 1 && finding[key: "live"] == 4)
        #expect(["kubectl", .null].contains(finding[key: "written_by"]))
        #expect(try await site.look("--heal").code == 0)
        #expect(try await site.spec()[key: "replicas"] == 1)

        let start = Date().timeIntervalSince1970
        try await site.kubectl(#"patch deployment/web -p '{"spec": {"replicas": 5}}'"#)
        let patched = try #require(try await site.look().drift.first)
        #expect(patched[key: "live"] == 5 && patched[key: "written_by"] == "kubectl-patch")
        let time = try #require(patched[key: "written_at"]?.asString.flatMap(InstantText.seconds(parsing:)))
        #expect(abs(time - start) < 120)
        let shown = try await site.stack.plumb("drift")
        #expect(shown.words.contains("written by kubectl-patch at 20"), "\(shown.output)")
        #expect(try await site.look("--heal").code == 0)
        #expect(try await site.spec()[key: "replicas"] == 1)
        #expect(try await site.look().code == 0)
        try await site.stack.expectNoChanges()
    }

    /// What may drift stays, beside what is healed; others' fields in the same list are not blamed.
    @Test func aHealLeavesThePathsOfOthers() async throws {
        let site = try await Site("{mode: heal, paths: {manifest.spec.replicas: detect}}")
        try await site.kubectl(#"patch deployment/web -p '{"spec": {"replicas": 4}}'"#)
        try await site.kubectl("set image deployment/web app=web:2")
        let found = try await site.look("--heal")
        #expect(found.code == 2)
        #expect(found.drift.map { $0[key: "status"] } == ["open", "healed"])
        #expect(found.drift.map { $0[key: "written_by"] } == ["kubectl-patch", "kubectl-set"])
        let spec = try await site.spec()
        #expect(spec[key: "replicas"] == 4)
        let containers = spec[key: "template"]?[key: "spec"]?[key: "containers"]?.asList
        #expect(containers?.map { $0[key: "image"] } == ["web:1", "proxy:1"])
        let after = try await site.look()
        #expect(after.drift.map { $0[key: "path"] } == ["manifest.spec.replicas"])
        let accepted = try await site.stack.plumb("drift", "accept", "kubernetes_object.web", "manifest.spec.replicas")
        #expect(accepted.code == 0, "\(accepted.errors)")
        #expect(site.stack.read("main.yaml")?.contains("replicas: 4   # as the contract says") == true)
        try await site.stack.apply()
        #expect(try await site.look().code == 0)
    }

    @Test func deletedObjectsComeBack() async throws {
        let site = try await Site("{mode: heal}")
        try await site.kubectl("delete deployment/web")
        let found = try await site.look()
        #expect(found.code == 2)
        #expect(found.drift.map { $0[key: "path"] } == [""])
        #expect(try await site.look("--heal").code == 0)
        #expect(try await site.spec()[key: "replicas"] == 1)
    }
}
