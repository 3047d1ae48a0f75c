import Foundation
import KubernetesFixtures
import PlumbModel
import ProviderAPI
import Testing

@testable import KubernetesProvider

extension ClusterSuites {
    /// Refusals that a real server gives: webhooks, quotas, rights. Each error says who refuses and why.
    @Suite struct AdmissionTests {
        private let server: KubernetesServer
        private let namespace: String
        private let type: KubernetesObject

        init() async throws {
            server = try await KubernetesServer.shared()
            namespace = try await server.newNamespace()
            type = try makeInstance(of: server).object
        }

        private func configMap(_ name: String, _ labels: Value = .null, _ data: Value = ["a": "1"]) -> Value {
            var metadata: ValueMap = ["name": .string(name), "namespace": .string(namespace)]
            if !labels.isNull { metadata["labels"] = labels }
            return declared(["apiVersion": "v1", "kind": "ConfigMap", "data": data, "metadata": .object(metadata)])
        }

        private func path(_ name: String) -> String { "/api/v1/namespaces/\(namespace)/configmaps/\(name)" }

        private func plan(_ declared: Value, _ prior: ResourceState? = nil) async throws(ProviderError) -> ResourcePlan
        {
            try await type.plan(PlanRequest(prior: prior, declared: declared))
        }

        private func make(_ declared: Value) async throws -> ResourceState {
            try await type.create(CreateRequest(planned: try await plan(declared).planned, intent: "i"))
        }

        // MARK: - Webhooks

        /// Registers the webhook for the test's namespace alone.
        private func register(_ kind: String, path: String, sideEffects: String = "None") async throws -> Process {
            let (port, process) = try startWebhook()
            try await server.patch(
                "/api/v1/namespaces/\(namespace)", ["metadata": ["labels": ["admits": .string(namespace)]]])
            let authority = try Data(contentsOf: URL(fileURLWithPath: server.authority)).base64EncodedString()
            let version = sideEffects == "None" ? "v1" : "v1beta1"
            let made = try await server.ask(
                "POST", "/apis/admissionregistration.k8s.io/\(version)/\(kind.lowercased())s",
                [
                    "apiVersion": .string("admissionregistration.k8s.io/\(version)"), "kind": .string(kind),
                    "metadata": ["name": .string(namespace)],
                    "webhooks": [
                        [
                            "name": "judge.example.org", "sideEffects": .string(sideEffects), "timeoutSeconds": 1,
                            "failurePolicy": "Fail", "admissionReviewVersions": ["v1", "v1beta1"],
                            "clientConfig": [
                                "url": .string("https://127.0.0.1:\(port)\(path)"), "caBundle": .string(authority),
                            ],
                            "namespaceSelector": ["matchLabels": ["admits": .string(namespace)]],
                            "rules": [
                                [
                                    "apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"],
                                    "operations": ["CREATE", "UPDATE"],
                                ]
                            ],
                        ]
                    ],
                ])
            try #require(made.status == 201, "\(made.body.json)")
            // The server learns of it a moment later.
            for _ in 0..<200 {
                let seen = try await server.ask("POST", "/api/v1/namespaces/\(namespace)/configmaps?dryRun=All", probe)
                if seen.status != 201 || path == "/mutate" && seen.body.json.contains("added-by") { break }
                try await Task.sleep(for: .milliseconds(50))
            }
            return process
        }

        private var probe: Value {
            ["metadata": ["name": "probe", "labels": ["admission": "deny"]]]
        }

        private func startWebhook() throws -> (port: Int, process: Process) {
            let process = Process()
            process.executableURL = KubernetesServer.services.appendingPathComponent("admission-server")
            process.arguments = ["\(server.keys)/apiserver.crt", "\(server.keys)/apiserver.key"]
            let (input, output) = (Pipe(), Pipe())
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
            return (try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines))), process)
        }

        @Test func aWebhookThatDeniesIsNamedInThePlan() async throws {
            let process = try await register("ValidatingWebhookConfiguration", path: "/judge")
            defer { process.terminate() }
            let error = await #expect(throws: ProviderError.self) {
                try await plan(configMap("denied", ["admission": "deny"]))
            }
            let text = error?.message ?? ""
            #expect(
                text.contains("judge.example.org") && text.contains("the budget of team \"shop\" is spent"), "\(text)")
            let state = try await make(configMap("good"))
            #expect(state.values[key: "manifest"]?[key: "data"]?[key: "a"] == "1")
            let changed = await #expect(throws: ProviderError.self) {
                try await plan(configMap("good", ["admission": "deny"]), state)
            }
            #expect(changed?.message.contains("is spent") == true, "\(changed?.message ?? "")")
        }

        @Test(arguments: ["hang", "break"]) func aWebhookThatFailsIsNamed(_ wish: String) async throws {
            let process = try await register("ValidatingWebhookConfiguration", path: "/judge")
            defer { process.terminate() }
            let error = await #expect(throws: ProviderError.self) {
                try await plan(configMap("lost", ["admission": .string(wish)]))
            }
            #expect(
                error?.message.contains("failed calling webhook \"judge.example.org\"") == true,
                "\(error?.message ?? "")")
            #expect(try await server.ask("GET", path("lost")).status == 404)
        }

        /// It cannot be asked what it would say: the plan goes on without it, and the apply finds out.
        @Test func aWebhookThatKnowsNoDryRunLeavesThingsOpen() async throws {
            let process = try await register("ValidatingWebhookConfiguration", path: "/judge", sideEffects: "Some")
            defer { process.terminate() }
            let first = try await plan(configMap("open"))
            #expect(first.planned[key: "defaults"]?.isUnknown == true)
            let state = try await type.create(CreateRequest(planned: first.planned, intent: "i"))
            let change = try await plan(configMap("open", .null, ["a": "2"]), state)
            let changed = try await type.update(UpdateRequest(prior: state, planned: change.planned, intent: "i"))
            #expect(changed.values[key: "manifest"]?[key: "data"]?[key: "a"] == "2")
            try await server.ask("POST", "/api/v1/namespaces/\(namespace)/configmaps", ["metadata": ["name": "there"]])
            let there = await #expect(throws: ProviderError.self) { try await plan(configMap("there")) }
            #expect(there?.message.contains("exists already") == true, "\(there?.message ?? "")")
        }

        /// What a webhook adds is no drift.
        @Test func whatAWebhookAddsIsShownAndNoDrift() async throws {
            let process = try await register("MutatingWebhookConfiguration", path: "/mutate")
            defer { process.terminate() }
            let planned = try await plan(configMap("mutated"))
            #expect(planned.planned[key: "defaults"]?.json.contains("added-by") == true, "\(planned.planned.json)")
            let state = try await type.create(CreateRequest(planned: planned.planned, intent: "i"))
            let again = try #require(try await type.read(state))
            #expect(again.values[key: "manifest"] == state.values[key: "manifest"])
        }

        // MARK: - Quotas and rights

        @Test func aQuotaIsNamed() async throws {
            try await server.ask(
                "POST", "/api/v1/namespaces/\(namespace)/resourcequotas",
                ["metadata": ["name": "few"], "spec": ["hard": ["count/secrets": "1"]]])
            let secret = declared([
                "apiVersion": "v1", "kind": "Secret", "stringData": ["a": "canary"],
                "metadata": ["name": "one-more", "namespace": .string(namespace)],
            ])
            // Its controller counts first: the account's own token is there already.
            var told = ""
            for _ in 0..<600 {
                do throws(ProviderError) { _ = try await plan(secret) } catch { told = error.message }
                if told.contains("exceeded quota") { break }
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(told.contains("exceeded quota: few"), "\(told)")
        }

        /// A user who may get but not list is served object by object; one who may not patch is told so.
        @Test func fewRightsAreEnoughOrNamed() async throws {
            let names = (0..<7).map { "map-\($0)" }
            var states: [ResourceState] = []
            for name in names { states.append(try await make(configMap(name))) }
            try await grant(["get"])
            let low = try makeInstance([
                "host": .string(server.url), "token": .string("\(server.token)-low"),
                "ca_certificate": .string(try String(contentsOfFile: server.authority, encoding: .utf8)),
            ]).object
            try await server.ask("DELETE", path("map-3"))
            var found: [ResourceState?] = []
            // Rights take a moment to arrive.
            for _ in 0..<100 {
                do { found = try await low.read(all: states); break } catch {
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
            #expect(found.map { $0 != nil } == names.map { $0 != "map-3" })
            let error = await #expect(throws: ProviderError.self) {
                try await low.plan(PlanRequest(prior: states[0], declared: configMap("map-0", .null, ["a": "2"])))
            }
            #expect(error?.code == .unauthorized)
            let text = error?.message ?? ""
            #expect(text.contains("User \"reader\" cannot patch resource \"configmaps\""), "\(text)")
        }

        private func grant(_ verbs: Value) async throws {
            let base = "/apis/rbac.authorization.k8s.io/v1/namespaces/\(namespace)"
            let role = try await server.ask(
                "POST", "\(base)/roles",
                [
                    "metadata": ["name": "few"],
                    "rules": [["apiGroups": [""], "resources": ["configmaps"], "verbs": verbs]],
                ])
            try #require(role.status == 201, "\(role.body.json)")
            let binding = try await server.ask(
                "POST", "\(base)/rolebindings",
                [
                    "metadata": ["name": "few"],
                    "subjects": [["kind": "User", "name": "reader", "apiGroup": "rbac.authorization.k8s.io"]],
                    "roleRef": ["kind": "Role", "name": "few", "apiGroup": "rbac.authorization.k8s.io"],
                ])
            try #require(binding.status == 201, "\(binding.body.json)")
        }
    }
}
