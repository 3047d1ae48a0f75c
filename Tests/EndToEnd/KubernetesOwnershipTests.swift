import Foundation
import KubernetesFixtures
import PlumbModel
import Testing

/// Kills, leaving the spec, replacement and scans, with the real binary on a real API server.
@Suite(.enabled(if: KubernetesServer.isExpected, "Kubernetes has not been built"))
struct KubernetesOwnershipTests {
    enum Scenario: String, CaseIterable, Sendable { case create, adopt, importing, update, replace, delete }

    struct Kill: Sendable, CustomTestStringConvertible {
        let scenario: Scenario
        let step: String

        var testDescription: String { "\(scenario) \(step)" }
    }

    static let kills = Scenario.allCases.flatMap { scenario in
        ["before-intent", "after-intent", "before-call", "after-call", "after-result"].map {
            Kill(scenario: scenario, step: $0)
        }
    }

    private static let names = ["a", "b", "c"]

    private static func specs(_ version: Int, _ scenario: Scenario, in namespace: String) -> String {
        if scenario == .delete, version == 2 { return "" }
        // What is immutable is replaced.
        let immutable = scenario == .replace ? "\nimmutable: true" : ""
        let annotations = scenario == .adopt ? ", annotations: {plumbline/adopt: \"true\"}" : ""
        return names.map { name in
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: \(name), namespace: \(namespace)\(annotations)}
            data: {version: "\(version)"}\(immutable)
            """
        }.joined(separator: "\n---\n")
    }

    /// Killed at each step of the journal: the next apply converges by itself, with each object there once and as declared.
    @Test(arguments: kills) func theNextApplyConvergesByItself(_ kill: Kill) async throws {
        let server = try await KubernetesServer.shared()
        let namespace = try await server.newNamespace()
        let path = "/api/v1/namespaces/\(namespace)/configmaps"
        let stack = try Stack(environment: server.environment)
        let isForeign = kill.scenario == .adopt || kill.scenario == .importing
        if isForeign {
            for name in Self.names {
                let made = try await server.ask(
                    "POST", "\(path)?fieldManager=kubectl-client-side-apply",
                    ["metadata": ["name": .string(name)], "data": ["version": "1", "more": "1"]])
                #expect(made.status == 201)
            }
        } else if kill.scenario != .create {
            try stack.write("maps.yaml", Self.specs(1, kill.scenario, in: namespace))
            try await stack.apply()
        }
        if kill.scenario == .importing {
            try stack.write(
                "imports.yaml",
                "import:\n"
                    + Self.names.map { name in
                        #"  - {to: 'kubernetes_manifest.maps["ConfigMap/\#(namespace)/\#(name)"]', id: ConfigMap/\#(namespace)/\#(name)}"#
                    }.joined(separator: "\n"))
        }
        try stack.write("maps.yaml", Self.specs(2, kill.scenario, in: namespace))
        let killed = try await stack.plumb("apply", "--auto-approve", environment: ["PLUMB_FAULT": "\(kill.step):2"])
        try #require(killed.signal == SIGKILL, "it was not killed: \(killed.output)\(killed.errors)")
        try await stack.apply()
        let expected = kill.scenario == .delete ? [] : Self.names
        for name in Self.names {
            let answer = try await server.ask("GET", "\(path)/\(name)")
            #expect(answer.status == (expected.contains(name) ? 200 : 404))
            guard expected.contains(name) else { continue }
            let more: Value = kill.scenario == .adopt ? ["more": "1", "version": "2"] : ["version": "2"]
            #expect(answer.body[key: "data"] == more, "\(name)")
        }
        #expect(try await stack.recorded().count == expected.count)
        try await stack.expectNoChanges()
    }

    /// Of one name there can be one: said by the plan, before anything is saved that would destroy what it has made.
    @Test func createBeforeDestroyUnderTheSameNameIsRefused() async throws {
        let server = try await KubernetesServer.shared()
        let namespace = try await server.newNamespace()
        func spec(_ version: Int, name: String = "web") -> String {
            """
            resources:
              kubernetes_object.web:
                lifecycle: {create_before_destroy: true}
                spec:
                  manifest:
                    apiVersion: v1
                    kind: ConfigMap
                    immutable: true
                    metadata: {name: \(name), namespace: \(namespace)}
                    data: {version: "\(version)"}
            """
        }
        let stack = try Stack(["web.yaml": spec(1)], environment: server.environment)
        try await stack.apply()
        try stack.write("web.yaml", spec(2))
        let refused = try await stack.plumb("plan", "--out", "saved.plan", "--no-color")
        #expect(refused.code == 1)
        #expect(refused.errors.contains("Replacement under the same name"), "\(refused.errors)")
        #expect(!stack.exists("saved.plan"))
        try stack.write("web.yaml", spec(2, name: "web-2"))
        let saved = try await stack.plumb("plan", "--out", "saved.plan")
        #expect(saved.code == 0, "\(saved.errors)")
        let applied = try await stack.plumb("apply", "saved.plan", "--auto-approve")
        #expect(applied.code == 0, "\(applied.errors)")
        let path = "/api/v1/namespaces/\(namespace)/configmaps"
        #expect(try await server.ask("GET", "\(path)/web").status == 404)
        #expect(try await server.ask("GET", "\(path)/web-2").status == 200)
    }

    @Test func whatIsNotToBePrunedStays() async throws {
        let server = try await KubernetesServer.shared()
        let namespace = try await server.newNamespace()
        func map(_ name: String, _ annotations: String) -> String {
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: \(name), namespace: \(namespace), annotations: {\(annotations)}}
            data: {a: "1"}
            """
        }
        let texts = [map("goes", "a: b"), map("stays", #"plumbline/prune: "false""#), map("marked", "a: b")]
        let stack = try Stack(["maps.yaml": texts.joined(separator: "\n---\n")], environment: server.environment)
        try await stack.apply()
        let path = "/api/v1/namespaces/\(namespace)/configmaps"
        try await server.patch("\(path)/marked", ["metadata": ["annotations": ["plumbline/prune": "false"]]])
        try stack.write("maps.yaml", "")
        let plan = try await stack.plumb("plan", "--no-color")
        #expect(plan.output.contains("1 to destroy"), "\(plan.output)")
        try await stack.apply()
        #expect(try await server.ask("GET", "\(path)/goes").status == 404)
        #expect(try await server.ask("GET", "\(path)/stays").status == 200)
        #expect(try await server.ask("GET", "\(path)/marked").status == 200)
        #expect(try await stack.recorded().isEmpty)
    }

    @Test func aScanGivesImportsThatWork() async throws {
        let server = try await KubernetesServer.shared()
        let namespace = try await server.newNamespace()
        let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mine, namespace: \(namespace)}\ndata: {a: \"1\"}\n"
        let stack = try Stack(["maps.yaml": map], environment: server.environment)
        try await stack.apply()
        try await server.ask(
            "POST", "/api/v1/namespaces/\(namespace)/configmaps?fieldManager=kubectl-create",
            ["metadata": ["name": "stray"], "data": ["a": "1"]])
        let scan = try await stack.plumb("scan", "kubernetes_*", "--json")
        #expect(scan.code == 0, "\(scan.errors)")
        let unmanaged = try Value(json: scan.output)[key: "unmanaged"]?.asList ?? []
        #expect(unmanaged.compactMap { $0[key: "id"]?.asString } == ["ConfigMap/\(namespace)/stray"])
        let address = try #require(unmanaged.first?[key: "address"]?.asString)
        try stack.write("imports.yaml", try await stack.plumb("scan", "--imports").output)
        try stack.write(
            "stray.yaml",
            """
            resources:
              \(address):
                spec:
                  manifest: {apiVersion: v1, kind: ConfigMap, metadata: {name: stray, namespace: \(namespace)}, data: {a: "1"}}
            """)
        try await stack.apply()
        try await stack.expectNoChanges()
        let rest = try await stack.plumb("scan", "--detailed-exitcode")
        #expect(rest.code == 0, "\(rest.output)\(rest.errors)")
    }
}
