import Foundation
import KubernetesFixtures
import PlumbModel
import Testing

/// The real binary on a real API server.
@Suite(.enabled(if: KubernetesServer.isExpected, "Kubernetes has not been built"))
struct KubernetesTests {
    private static func configMaps(_ count: Int, in namespace: String) -> String {
        (0..<count).map { number in
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: map-\(number), namespace: \(namespace)}
            data: {number: "\(number)"}
            """
        }.joined(separator: "\n---\n")
    }

    private static func stack(_ files: [String: String], _ server: KubernetesServer) throws -> Stack {
        try Stack(files, environment: server.environment)
    }

    /// How many objects are there when the run is killed; `PLUMB_KILLS=20` adds twenty at random.
    private static let moments: [Int] = {
        let more = ProcessInfo.processInfo.environment["PLUMB_KILLS"].flatMap { Int($0) } ?? 0
        return [5, 150, 400] + (0..<max(0, more)).map { _ in Int.random(in: 1..<500) }
    }()

    /// Killed in the middle of five hundred objects: nothing is lost, nothing is made twice.
    @Test(arguments: moments) func aKillLosesNothing(_ moment: Int) async throws {
        let server = try await KubernetesServer.shared()
        let namespace = try await server.newNamespace()
        let stack = try Self.stack(["maps.yaml": Self.configMaps(500, in: namespace)], server)
        let path = "/api/v1/namespaces/\(namespace)/configmaps"
        @Sendable func made() async throws -> [Value] {
            try await server.ask("GET", path).body[key: "items"]?.asList?.filter {
                $0[key: "metadata"]?[key: "name"]?.asString?.hasPrefix("map-") == true
            } ?? []
        }
        let isHit = try await ProcessGate.shared.pass {
            let process = try stack.start(["apply", "--auto-approve"])
            let deadline = ContinuousClock.now + .seconds(60)
            while try await made().count < moment, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(2))
            }
            process.send(SIGKILL)
            return await process.result().signal == SIGKILL
        }
        let before = Dictionary(uniqueKeysWithValues: try await made().map(identity))
        try await stack.apply()
        let after = Dictionary(uniqueKeysWithValues: try await made().map(identity))
        #expect(after.count == 500)
        // What the killed run has made is still the same, and not made anew.
        #expect(before.allSatisfy { after[$0.key] == $0.value })
        #expect(try await stack.recorded().count == 500)
        try await stack.expectNoChanges()
        if isHit { #expect(!before.isEmpty) }
    }

    private func identity(_ object: Value) -> (String, String) {
        let metadata = object[key: "metadata"]
        return (metadata?[key: "name"]?.asString ?? "", metadata?[key: "uid"]?.asString ?? "")
    }

    @Test func driftIsShownAndHealedAndAnnotationsAreNone() async throws {
        let server = try await KubernetesServer.shared()
        let namespace = try await server.newNamespace()
        let stack = try Self.stack(["maps.yaml": Self.configMaps(3, in: namespace)], server)
        try await stack.apply()
        let path = "/api/v1/namespaces/\(namespace)/configmaps"
        try await server.patch("\(path)/map-0", ["metadata": ["annotations": ["a": "b"]]])
        try await stack.expectNoChanges()
        try await server.patch("\(path)/map-0", ["data": ["number": "9"]])
        try await server.ask("DELETE", "\(path)/map-1")
        let plan = try await stack.plumb("plan", "--no-color")
        #expect(plan.output.contains("manifest.data.number: \"9\" -> \"0\""))
        #expect(plan.output.contains("deleted outside of Plumbline"))
        #expect(plan.output.contains("Plan: 1 to create, 1 to change, 0 to replace, 0 to destroy."))
        try await stack.apply()
        try await stack.expectNoChanges()
        let body = try await server.ask("GET", "\(path)/map-0").body
        #expect(body[key: "data"]?[key: "number"] == "0")
    }

    /// What is wrong with the way to the cluster is told once, and not for each object.
    @Test func aClusterThatCannotBeHadIsToldOnce() async throws {
        let server = try await KubernetesServer.shared()
        let stack = try Self.stack(["maps.yaml": Self.configMaps(300, in: "default")], server)
        try stack.write(
            "down",
            "{clusters: [{name: a, cluster: {server: 'http://127.0.0.1:9'}}], current-context: a, "
                + "contexts: [{name: a, context: {cluster: a}}]}")
        let kubeconfig = try String(contentsOfFile: server.kubeconfig, encoding: .utf8)
        try stack.write("stranger", kubeconfig.replacing(server.token, with: "nobodys-token"))
        try stack.write("reader", kubeconfig.replacing(server.token, with: "\(server.token)-low"))
        for (kubeconfig, text) in [
            ("down", "http://127.0.0.1:9 cannot be reached"), ("stranger", "The server does not know who asks"),
            ("missing", "There is no way to a cluster"),
            (
                "reader",
                #"User "reader" cannot patch resource "configmaps" in API group "" in the namespace "default"."#
            ),
        ] {
            let plan = try await stack.plumb("plan", "--no-color", environment: ["KUBECONFIG": stack.path(kubeconfig)])
            #expect(plan.code == 1)
            let words = plan.words
            #expect(words.contains(text), "\(words)")
            #expect(words.contains("It is the same for 300 resources: kubernetes_manifest.maps["), "\(words)")
            #expect(words.ranges(of: text).count == 1)
        }
    }

    /// What a Secret holds stands in no plan and not in the state.
    @Test func secretsAreKept() async throws {
        let server = try await KubernetesServer.shared()
        let namespace = try await server.newNamespace()
        let secret = """
            apiVersion: v1
            kind: Secret
            metadata: {name: key, namespace: \(namespace)}
            stringData: {password: canary-7391}
            data: {other: Y2FuYXJ5LTczOTI=}
            """
        let stack = try Self.stack(["secret.yaml": secret], server)
        let plan = try await stack.plumb("plan", "--no-color", environment: ["PLUMB_LOG": "wire"])
        let applied = try await stack.apply()
        let json = try await stack.plumb("plan", "--json")
        for text in [plan.output, plan.errors, applied.output, applied.errors, json.output] {
            for canary in ["canary-7391", "Y2FuYXJ5LTczOTE=", "canary-7392", "Y2FuYXJ5LTczOTI="] {
                #expect(!text.contains(canary))
            }
        }
        let found = try await stack.shell("grep -rlaE 'canary-739|Y2FuYXJ5LTcz' .plumb || true")
        #expect(found.isEmpty, "\(found)")
        let live = try await server.ask("GET", "/api/v1/namespaces/\(namespace)/secrets/key").body
        #expect(live[key: "data"]?[key: "password"] == "Y2FuYXJ5LTczOTE=")
        try await stack.expectNoChanges()
    }

    /// What is not ready holds up what waits for it, and the error says why.
    @Test func whatIsNotReadyIsExplained() async throws {
        let server = try await KubernetesServer.shared()
        let namespace = try await server.newNamespace()
        let text = """
            resources:
              kubernetes_object.web:
                ready: {timeout: 2s}
                spec:
                  manifest:
                    apiVersion: apps/v1
                    kind: Deployment
                    metadata: {name: web, namespace: \(namespace)}
                    spec:
                      selector: {matchLabels: {app: web}}
                      template:
                        metadata: {labels: {app: web}}
                        spec: {serviceAccountName: missing, containers: [{name: web, image: nginx}]}
              kubernetes_object.after:
                depends_on: [kubernetes_object.web]
                spec:
                  manifest:
                    {apiVersion: v1, kind: ConfigMap, metadata: {name: after, namespace: \(namespace)}}
            """
        let stack = try Self.stack(["web.yaml": text], server)
        let first = try await stack.plumb("apply", "--auto-approve", "--no-color")
        #expect(first.code == 1)
        let words = first.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("it did not get ready (0 of 1 replicas are"), "\(words)")
        #expect(words.contains("serviceaccount \"missing\" not found"), "\(words)")
        #expect(try await server.ask("GET", "/api/v1/namespaces/\(namespace)/configmaps/after").status == 404)
        let again = try await stack.plumb("plan", "--no-color")
        #expect(again.output.contains("it was not ready when the last run stopped waiting for it"))
        try stack.write(
            "web.yaml",
            text.replacing(
                "spec:\n      manifest:\n        apiVersion: apps",
                with: "spec:\n      wait: false\n      manifest:\n        apiVersion: apps"))
        try await stack.apply()
        #expect(try await server.ask("GET", "/api/v1/namespaces/\(namespace)/configmaps/after").status == 200)
    }
}
