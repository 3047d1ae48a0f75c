import Foundation
import KubernetesFixtures
import PlumbModel
import Testing

/// The real binary beside the real kubectl, on one API server.
@Suite(
    .enabled(if: KubernetesServer.isExpected, "Kubernetes has not been built"),
    .enabled(if: RenderingPrograms.folder != nil, "kubectl is missing (Tests/Services/rendering-programs)"))
struct KubectlTests {
    private let server: KubernetesServer
    private let namespace: String
    private let stack: Stack

    init() async throws {
        server = try await KubernetesServer.shared()
        namespace = try await server.newNamespace()
        stack = try Stack(environment: server.environment)
    }

    @discardableResult
    private func kubectl(_ command: String) async throws -> String {
        let program = "\(RenderingPrograms.folder ?? "")/kubectl"
        return try await stack.shell("\(program) --kubeconfig '\(server.kubeconfig)' -n \(namespace) \(command)")
    }

    private func map(_ data: String) -> String {
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, namespace: \(namespace)}\ndata: \(data)\n"
    }

    private static let deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, annotations: {plumbline/wait: "false"}}
        spec:
          replicas: 1
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
                - {name: app, image: nginx, ports: [{containerPort: 80}], resources: {requests: {cpu: 1000m, memory: 1024Mi}}}
        """

    /// Scaled and deleted is drift, annotated is not; healed, it is as it was.
    @Test func scaleAndDeleteAreDriftAndAnnotateIsNot() async throws {
        try stack.write("stack.yaml", "stack: test\nproviders: {kubernetes: {namespace: \(namespace)}}\n")
        try stack.write("web.yaml", Self.deployment)
        try stack.write("map.yaml", map("{a: \"1\"}"))
        try await stack.apply()
        try await kubectl("annotate deployment/web note=something")
        try await kubectl("label configmap/web team=a")
        try await stack.expectNoChanges()
        try await kubectl("scale deployment/web --replicas=3")
        try await kubectl("delete configmap/web")
        let plan = try await stack.plumb("plan", "--no-color")
        #expect(plan.output.contains("manifest.spec.replicas: 3 -> 1"), "\(plan.output)")
        #expect(plan.output.contains("deleted outside of Plumbline"), "\(plan.output)")
        #expect(plan.output.contains("Plan: 1 to create, 1 to change, 0 to replace, 0 to destroy."), "\(plan.output)")
        try await stack.apply()
        #expect(try await kubectl("get deployment/web -o 'jsonpath={.spec.replicas}'") == "1")
        #expect(try await kubectl("get deployment/web -o 'jsonpath={.metadata.annotations.note}'") == "something")
        try await stack.expectNoChanges()
    }

    /// What `kubectl apply` has made becomes Plumbline's: a field that leaves the spec later goes.
    @Test func whatKubectlHasAppliedIsTakenOver() async throws {
        try stack.write("before/map.yaml", map("{a: \"1\", b: \"2\", c: \"3\"}"))
        try await kubectl("apply -f before/map.yaml")
        try stack.write("map.yaml", map("{a: \"1\", b: \"2\"}"))
        let address = "kubernetes_manifest.map[\"ConfigMap/\(namespace)/web\"]"
        let refused = try await stack.plumb("plan", "--no-color")
        #expect(refused.words.contains("exists already"), "\(refused.errors)")
        #expect(refused.words.contains("\"kubectl-client-side-apply\""), "\(refused.errors)")
        let imported = try await stack.plumb("import", address, "ConfigMap/\(namespace)/web")
        #expect(imported.code == 0, "\(imported.errors)")
        try await stack.apply()
        #expect(try await kubectl("get configmap/web -o 'jsonpath={.data}'") == #"{"a":"1","b":"2"}"#)
        try await stack.expectNoChanges()
        try stack.write("map.yaml", map("{a: \"1\"}"))
        try await stack.apply()
        #expect(try await kubectl("get configmap/web -o 'jsonpath={.data}'") == #"{"a":"1"}"#)
        #expect(
            try await kubectl(
                "get configmap/web --show-managed-fields -o 'jsonpath={.metadata.managedFields[*].manager}'")
                == "plumbline")
    }

    /// A field that another tool applies is named with it, and taken by `force` alone.
    @Test func whatAnotherToolAppliesIsAConflict() async throws {
        try stack.write("map.yaml", map("{a: \"1\"}"))
        try await stack.apply()
        try stack.write("other/map.yaml", map("{b: \"2\"}"))
        try await kubectl("apply --server-side --field-manager=another-tool -f other/map.yaml")
        try await stack.expectNoChanges()
        try stack.write("map.yaml", map("{a: \"1\", b: \"3\"}"))
        let plan = try await stack.plumb("plan", "--no-color")
        #expect(plan.code == 1)
        #expect(plan.words.contains("data.b belongs to \"another-tool\" (Apply, written 2"), "\(plan.errors)")
        try stack.write(
            "map.yaml",
            map("{a: \"1\", b: \"3\"}").replacing("}\ndata", with: ", annotations: {plumbline/force: \"true\"}}\ndata"))
        try await stack.apply()
        #expect(try await kubectl("get configmap/web -o 'jsonpath={.data}'") == #"{"a":"1","b":"3"}"#)
        try await stack.expectNoChanges()
    }
}
