import KubernetesFixtures
import PlumbModel
import ProviderAPI
import Testing

@testable import KubernetesProvider

extension ClusterSuites {
    /// Who owns what of an object that somebody else has made.
    @Suite struct OwnershipTests {
        private let server: KubernetesServer
        private let namespace: String
        private let type: KubernetesObject

        init() async throws {
            server = try await KubernetesServer.shared()
            namespace = try await server.newNamespace()
            type = try makeInstance(of: server).object
        }

        private var path: String { "/api/v1/namespaces/\(namespace)/configmaps/web" }

        private func manifest(_ data: Value) -> Value {
            [
                "apiVersion": "v1", "kind": "ConfigMap", "data": data,
                "metadata": ["name": "web", "namespace": .string(namespace)],
            ]
        }

        private func make(_ data: Value, by manager: String) async throws {
            let annotations: Value = ["kubectl.kubernetes.io/last-applied-configuration": "{}"]
            let answer = try await server.ask(
                "POST", "/api/v1/namespaces/\(namespace)/configmaps?fieldManager=\(manager)",
                ["metadata": ["name": "web", "annotations": annotations], "data": data])
            try #require(answer.status == 201)
        }

        private func managers() async throws -> [String] {
            FieldManager.all(of: try await server.ask("GET", path).body).map { "\($0.name) \($0.operation)" }.sorted()
        }

        private func data() async throws -> Value? { try await server.ask("GET", path).body[key: "data"] }

        private func imported() async throws -> ResourceState {
            try #require(try await type.importResource(id: "ConfigMap/\(namespace)/web"))
        }

        private func update(
            _ prior: ResourceState, _ data: Value, _ others: [(String, Value)] = []
        ) async throws -> ResourceState {
            let plan = try await type.plan(PlanRequest(prior: prior, declared: declared(manifest(data), others)))
            return try await type.update(UpdateRequest(prior: prior, planned: plan.planned, intent: "i"))
        }

        @Test(arguments: ["kubectl-client-side-apply", "kubectl-create", "kubectl-edit", "before-first-apply"])
        func anImportTakesOverFromKubectl(_ manager: String) async throws {
            try await make(["a": "1", "b": "2"], by: manager)
            let state = try await imported()
            #expect(state.values[key: "written_by"] == [.string(manager)])
            #expect(state.values[key: "manifest"] == manifest(["a": "1", "b": "2"]))
            // What is not declared goes, as the plan says; it does even where kubectl had it.
            let taken = try await update(state, ["a": "1"])
            #expect(try await managers() == ["plumbline Apply"])
            #expect(try await data() == ["a": "1"])
            #expect(taken.values[key: "written_by"]?.isNull == true)
            let live = try #require(try await type.read(taken))
            #expect(live == taken)
            let plan = try await type.plan(PlanRequest(prior: live, declared: declared(manifest(["a": "1"]))))
            #expect(plan.planned == live.values)
        }

        /// Keys with dots are keys, as the server's refusals do not say.
        @Test(arguments: ["a", "app.conf", ".hidden", "a..b"])
        func whatSomebodyHasEditedIsSetBack(_ key: String) async throws {
            let wanted = manifest(.object([key: "1", "b": "2"]))
            let plan = try await type.plan(PlanRequest(prior: nil, declared: declared(wanted)))
            let state = try await type.create(CreateRequest(planned: plan.planned, intent: "i"))
            let edited: Value = ["data": .object([key: "by hand"])]
            let answer = try await server.ask(
                "PATCH", "\(path)?fieldManager=kubectl-edit", edited, type: "application/merge-patch+json")
            try #require(answer.status == 200)
            let live = try #require(try await type.read(state))
            #expect(live.values[key: "manifest"]?[key: "data"]?[key: key] == "by hand")
            let healed = try await update(live, .object([key: "1", "b": "2"]))
            #expect(healed.values[key: "manifest"] == state.values[key: "manifest"])
            #expect(try await data() == .object([key: "1", "b": "2"]))
        }

        @Test func fieldsAreFoundWhereTheirKeysHaveDots() {
            let manifest: Value = [
                "metadata": ["labels": ["app.kubernetes.io/name": "x", "app": ["b": .null]]],
                "data": [".a": "1", "a..b": "2"], "list": [["name": "x.y", "v.w": 1]],
            ]
            func path(_ field: String) -> String { ServerField(field).path(in: manifest).description }
            #expect(ServerField(".metadata.labels.app.kubernetes.io/name").isDeclared(in: manifest))
            #expect(
                ServerField(".data..a").isDeclared(in: manifest) && ServerField(".data.a..b").isDeclared(in: manifest))
            #expect(ServerField("list[0].v.w").isDeclared(in: manifest))
            #expect(ServerField(#".list[name="x.y"].v.w"#).isDeclared(in: manifest))
            #expect(!ServerField(".data.a").isDeclared(in: manifest))
            #expect(!ServerField(".metadata.labels.app.b").isDeclared(in: manifest))
            #expect(
                path(".metadata.labels.app.kubernetes.io/name")
                    == #"manifest.metadata.labels["app.kubernetes.io/name"]"#)
            #expect(path(".data.nothing") == "manifest.data.nothing")
        }

        /// Nothing differs but who owns it: that is a change too, or a field that leaves the spec later would stay.
        @Test func anImportOfTheSameFieldsIsAnUpdateOnce() async throws {
            try await make(["a": "1", "b": "2"], by: "kubectl-client-side-apply")
            let state = try await imported()
            let plan = try await type.plan(
                PlanRequest(prior: state, declared: declared(manifest(["a": "1", "b": "2"]))))
            #expect(!plan.planned.isSame(as: state.values))
            #expect(plan.replacePaths.isEmpty)
            let taken = try await update(state, ["a": "1", "b": "2"])
            _ = try await update(taken, ["b": "3"])
            #expect(try await data() == ["b": "3"])
        }

        @Test func anImportTakesNothingFromOtherTools() async throws {
            try await make(["a": "1"], by: "another-tool")
            let state = try await imported()
            let error = await #expect(throws: ProviderError.self) { try await update(state, ["a": "2"]) }
            #expect(error?.code == .conflict)
            #expect(error?.message.contains("data.a belongs to \"another-tool\" (Update") == true)
            let forced = try await update(state, ["a": "2"], [("force", true)])
            #expect(try await data() == ["a": "2"])
            #expect(forced.isApplied)
        }

        /// What an adopting manifest leaves out stays with whoever has written it; what it declares becomes its own.
        @Test func adoptionTakesWhatIsDeclaredAlone() async throws {
            try await make(["a": "1", "b": "2"], by: "kubectl-client-side-apply")
            let wanted = declared(manifest(["a": "9"]), [("adopt", true)])
            let plan = try await type.plan(PlanRequest(prior: nil, declared: wanted))
            let state = try await type.create(CreateRequest(planned: plan.planned, intent: "i"))
            #expect(try await data() == ["a": "9", "b": "2"])
            #expect(try await managers() == ["kubectl-client-side-apply Update", "plumbline Apply"])
            #expect(state.values[key: "manifest"] == manifest(["a": "9"]))
            _ = try await update(state, ["c": "3"])
            #expect(try await data() == ["b": "2", "c": "3"])
        }

        @Test func adoptionTakesNothingFromOtherTools() async throws {
            try await make(["a": "1"], by: "another-tool")
            let wanted = declared(manifest(["a": "9"]), [("adopt", true)])
            let error = await #expect(throws: ProviderError.self) {
                try await type.plan(PlanRequest(prior: nil, declared: wanted))
            }
            #expect(error?.message.contains("\"another-tool\"") == true)
            #expect(try await data() == ["a": "1"])
        }

        /// A field that another tool applies as well is that tool's too, although Plumbline has applied it first.
        @Test func whatAnotherToolAppliesTooIsNotTaken() async throws {
            let plan = try await type.plan(PlanRequest(prior: nil, declared: declared(manifest(["a": "1"]))))
            let state = try await type.create(CreateRequest(planned: plan.planned, intent: "i"))
            let answer = try await server.ask(
                "PATCH", "\(path)?fieldManager=another-tool", manifest(["a": "1"]), type: "application/apply-patch+yaml"
            )
            #expect(answer.status == 200)
            let live = try #require(try await type.read(state))
            let error = await #expect(throws: ProviderError.self) { try await update(live, ["a": "2"]) }
            #expect(error?.message.contains("data.a belongs to \"another-tool\" (Apply") == true)
            #expect(try await data() == ["a": "1"])
        }

        /// Somebody has applied the same manifest with kubectl in between: what leaves the spec goes nonetheless.
        @Test func whatKubectlHasAppliedTooStillGoes() async throws {
            let plan = try await type.plan(PlanRequest(prior: nil, declared: declared(manifest(["a": "1", "b": "1"]))))
            let state = try await type.create(CreateRequest(planned: plan.planned, intent: "i"))
            try await server.patch(path, ["data": ["b": "2"]], manager: "kubectl-client-side-apply")
            let drifted = try #require(try await type.read(state))
            // The value that kubectl has written is what the spec says next, so both own it.
            let accepted = try await update(drifted, ["a": "1", "b": "2"])
            #expect(try await managers() == ["kubectl-client-side-apply Update", "plumbline Apply"])
            let live = try #require(try await type.read(accepted))
            _ = try await update(live, ["a": "1"])
            #expect(try await data() == ["a": "1"])
        }

        /// What a person has written besides is theirs: a spec that comes to declare it otherwise must say `force`.
        @Test func whatAPersonHasAddedIsNotTakenSilently() async throws {
            let plan = try await type.plan(PlanRequest(prior: nil, declared: declared(manifest(["a": "1"]))))
            let state = try await type.create(CreateRequest(planned: plan.planned, intent: "i"))
            try await server.patch(path, ["data": ["b": "theirs"]], manager: "kubectl-edit")
            let live = try #require(try await type.read(state))
            let error = await #expect(throws: ProviderError.self) { try await update(live, ["a": "1", "b": "ours"]) }
            #expect(error?.message.contains("data.b belongs to \"kubectl-edit\"") == true)
        }

        // MARK: - Scan

        @Test func aScanFindsWhatSomebodyHasMade() async throws {
            let plan = try await type.plan(PlanRequest(prior: nil, declared: declared(manifest(["a": "1"]))))
            let state = try await type.create(CreateRequest(planned: plan.planned, intent: "i"))
            let place = "/namespaces/\(namespace)"
            try await server.ask(
                "POST", "/api/v1\(place)/configmaps", ["metadata": ["name": "stray"], "data": ["a": "1"]])
            let made = try await server.ask(
                "POST", "/apis/apps/v1\(place)/deployments",
                [
                    "metadata": ["name": "web"],
                    "spec": [
                        "replicas": 1, "selector": ["matchLabels": ["app": "web"]],
                        "template": [
                            "metadata": ["labels": ["app": "web"]],
                            "spec": ["containers": [["name": "a", "image": "a"]]],
                        ],
                    ],
                ])
            #expect(made.status == 201)
            try await server.ask(
                "POST", "/apis/networking.k8s.io/v1\(place)/ingresses",
                [
                    "metadata": ["name": "front"],
                    "spec": ["defaultBackend": ["service": ["name": "a", "port": ["number": 80]]]],
                ])
            // Its controller makes pods' owners and accounts; none of them is anybody's.
            for _ in 0..<200 {
                let sets = try await server.ask("GET", "/apis/apps/v1\(place)/replicasets").body
                if sets[key: "items"]?.asList?.isEmpty == false { break }
                try await Task.sleep(for: .milliseconds(50))
            }
            let finding = try await type.scan(beside: [state])
            let identity = try type.identity(of: state)
            #expect(finding.gaps.isEmpty)
            #expect(
                Set(finding.resources.map(\.identity)) == [
                    identity, "ConfigMap/\(namespace)/stray", "apps/Deployment/\(namespace)/web",
                    "networking.k8s.io/Ingress/\(namespace)/front",
                ])
            #expect(try await type.scan(beside: []).gaps.count == 1)
            // Where something must not be seen, it is said.
            let low = try makeInstance(
                ["host": .string(server.url), "token": .string("\(server.token)-low"), "insecure": true])
            #expect(
                try await low.object.scan(beside: [state]).gaps.contains { $0.hasPrefix("Secret was not looked at") })
        }

        // MARK: - Deletion

        /// What an object has made stays or goes with it, as it says.
        @Test(arguments: [nil, "Orphan", "Foreground"] as [String?])
        func dependentsFollowThePropagation(_ propagation: String?) async throws {
            let base = "/apis/apps/v1/namespaces/\(namespace)"
            let annotations: Value = propagation.map { ["plumbline/propagation": .string($0)] } ?? [:]
            let deployment: Value = [
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": ["name": "web", "namespace": .string(namespace), "annotations": annotations],
                "spec": [
                    "replicas": 0, "selector": ["matchLabels": ["app": "web"]],
                    "template": [
                        "metadata": ["labels": ["app": "web"]], "spec": ["containers": [["name": "a", "image": "a"]]],
                    ],
                ],
            ]
            let plan = try await type.plan(PlanRequest(prior: nil, declared: declared(deployment)))
            let state = try await type.create(CreateRequest(planned: plan.planned, intent: "i"))
            func sets() async throws -> Int {
                try await server.ask("GET", "\(base)/replicasets").body[key: "items"]?.asList?.count ?? 0
            }
            for _ in 0..<1500 where try await sets() == 0 { try await Task.sleep(for: .milliseconds(20)) }
            #expect(try await sets() == 1)
            try await type.delete(DeleteRequest(prior: state, intent: "i"))
            #expect(try await server.ask("GET", "\(base)/deployments/web").status == 404)
            if propagation == "Orphan" {
                let left = try await server.ask("GET", "\(base)/replicasets").body[key: "items"]?.asList ?? []
                #expect(left.count == 1)
                #expect(left.first?[key: "metadata"]?[key: "ownerReferences"]?.asList?.isEmpty ?? true)
                return
            }
            for _ in 0..<1500 where try await sets() > 0 { try await Task.sleep(for: .milliseconds(20)) }
            #expect(try await sets() == 0)
        }

        @Test func aDeletionTellsWhoHoldsIt() async throws {
            let plan = try await type.plan(PlanRequest(prior: nil, declared: declared(manifest(["a": "1"]))))
            let state = try await type.create(CreateRequest(planned: plan.planned, intent: "i"))
            try await server.patch(
                path, ["metadata": ["finalizers": ["example.com/hold"]]], manager: "the-holder")
            let told = ToldProgress()
            let type = type
            let deletion = Task {
                try await ProviderProgress.$receiver.withValue(.init { told.note($0) }) {
                    try await type.delete(DeleteRequest(prior: state, intent: "i"))
                }
            }
            for _ in 0..<400 where told.texts.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
            #expect(told.texts.first?.contains("example.com/hold (set by \"the-holder\")") == true)
            try await server.patch(path, ["metadata": ["finalizers": .null]])
            try await deletion.value
        }

        @Test func aNamespaceTellsWhatIsLeftInIt() async throws {
            let name = "\(namespace)-more"
            let space: Value = ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]]
            let plan = try await type.plan(PlanRequest(prior: nil, declared: declared(space)))
            let state = try await type.create(CreateRequest(planned: plan.planned, intent: "i"))
            let held: Value = ["metadata": ["name": "held", "finalizers": ["example.com/hold"]]]
            #expect(try await server.ask("POST", "/api/v1/namespaces/\(name)/configmaps", held).status == 201)
            let told = ToldProgress()
            let type = type
            let deletion = Task {
                try await ProviderProgress.$receiver.withValue(.init { told.note($0) }) {
                    try await type.delete(DeleteRequest(prior: state, intent: "i"))
                }
            }
            func isTold() -> Bool { told.texts.contains { $0.contains("finalizers remaining: example.com/hold") } }
            for _ in 0..<3000 where !isTold() { try await Task.sleep(for: .milliseconds(10)) }
            #expect(isTold(), "\(told.texts)")
            try await server.patch("/api/v1/namespaces/\(name)/configmaps/held", ["metadata": ["finalizers": .null]])
            try await deletion.value
        }
    }
}
