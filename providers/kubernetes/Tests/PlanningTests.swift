import KubernetesFixtures
import PlumbModel
import ProviderAPI
import Testing

@testable import KubernetesProvider

extension ClusterSuites {
    /// What a plan says of objects of a real server.
    @Suite struct PlanningTests {
        private let server: KubernetesServer
        private let namespace: String
        private let type: KubernetesObject
        private let instance: any ProviderInstance

        init() async throws {
            server = try await KubernetesServer.shared()
            namespace = try await server.newNamespace()
            instance = try makeInstance(of: server)
            type = try instance.object
        }

        private func deployment(replicas: Int? = 0, app: String = "web", cpu: String = "1000m") -> Value {
            var spec: ValueMap = [
                "selector": ["matchLabels": ["app": .string(app)]],
                "template": [
                    "metadata": ["labels": ["app": .string(app)]],
                    "spec": [
                        "containers": [
                            [
                                "name": "app", "image": "nginx", "env": [], "ports": [["containerPort": 80]],
                                "resources": ["requests": ["cpu": .string(cpu)]],
                            ]
                        ]
                    ],
                ],
            ]
            if let replicas { spec["replicas"] = .number(replicas) }
            return [
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": ["name": "web", "namespace": .string(namespace), "creationTimestamp": .null],
                "spec": .object(spec),
            ]
        }

        private func apply(_ manifest: Value, _ others: [(String, Value)] = []) async throws -> ResourceState {
            let plan = try await type.plan(PlanRequest(prior: nil, declared: declared(manifest, others)))
            return try await type.create(CreateRequest(planned: plan.planned, intent: "i"))
        }

        private func map(_ data: Value) -> Value {
            [
                "apiVersion": "v1", "kind": "ConfigMap", "data": data,
                "metadata": ["name": "settings", "namespace": .string(namespace)],
            ]
        }

        private var mapPath: String { "/api/v1/namespaces/\(namespace)/configmaps/settings" }

        @Test func itShowsWhatTheServerAddsAndRewrites() async throws {
            let plan = try await type.plan(PlanRequest(prior: nil, declared: declared(deployment())))
            #expect(
                plan.planned[path: .init("replaced")]?.json
                    == #"{"spec.template.spec.containers[0].resources.requests.cpu":"1"}"#)
            let defaults = plan.planned[key: "defaults"]
            #expect(defaults?[key: "spec"]?[key: "strategy"]?[key: "type"] == "RollingUpdate")
            #expect(plan.planned[key: "status"]?.isUnknown == true)
        }

        /// What the server writes otherwise, and what controllers add, is no drift; what is declared and changed is.
        @Test func onlyDeclaredFieldsDrift() async throws {
            let state = try await apply(deployment())
            let path = "/apis/apps/v1/namespaces/\(namespace)/deployments/web"
            try await server.patch(
                path,
                [
                    "metadata": ["annotations": ["x": "y"]],
                    "spec": ["revisionHistoryLimit": 3, "minReadySeconds": 1],
                ])
            let quiet = try #require(try await type.read(state))
            #expect(quiet.values[key: "manifest"] == state.values[key: "manifest"])
            try await server.patch(path, ["spec": ["replicas": 5]], manager: "kubectl-scale")
            let drifted = try #require(try await type.read(state))
            #expect(drifted.values[key: "manifest"]?[key: "spec"]?[key: "replicas"] == 5)
            // Taken back without being asked to: it was ours.
            let plan = try await type.plan(PlanRequest(prior: drifted, declared: declared(deployment())))
            let healed = try await type.update(UpdateRequest(prior: drifted, planned: plan.planned, intent: "i"))
            #expect(healed.values[key: "manifest"]?[key: "spec"]?[key: "replicas"] == 0)
        }

        /// An autoscaler may have the field that the manifest leaves out.
        @Test func anAutoscalersReplicasAreNoDrift() async throws {
            let state = try await apply(deployment(replicas: nil))
            let path = "/apis/apps/v1/namespaces/\(namespace)/deployments/web/scale"
            try await server.patch(path, ["spec": ["replicas": 3]], manager: "hpa")
            let live = try #require(try await type.read(state))
            #expect(live.values[key: "manifest"] == state.values[key: "manifest"])
        }

        @Test func aConflictNamesTheManagerTheFieldAndTheTime() async throws {
            let state = try await apply(map(["mine": "1"]))
            try await server.patch(mapPath, ["data": ["theirs": "1"]], manager: "another-tool")
            let wanted = map(["mine": "1", "theirs": "2"])
            let error = await #expect(throws: ProviderError.self) {
                try await type.plan(PlanRequest(prior: state, declared: declared(wanted)))
            }
            #expect(error?.code == .conflict)
            #expect(error?.message.contains("data.theirs belongs to \"another-tool\" (Update, written 2") == true)
            let forced = try await type.plan(PlanRequest(prior: state, declared: declared(wanted, [("force", true)])))
            let taken = try await type.update(UpdateRequest(prior: state, planned: forced.planned, intent: "i"))
            #expect(taken.values[key: "manifest"]?[key: "data"]?[key: "theirs"] == "2")
        }

        @Test func whatIsImmutableIsReplacedWithTheServersReason() async throws {
            let state = try await apply(deployment())
            let plan = try await type.plan(PlanRequest(prior: state, declared: declared(deployment(app: "other"))))
            #expect(plan.replacePaths == [AttributePath(parsing: "manifest.spec.selector")])
            #expect(plan.replaceReason?.contains("field is immutable") == true)
            // The plan of what takes its place, and that what is just wrong is no replacement.
            let anew = try await type.plan(PlanRequest(prior: nil, declared: declared(deployment(app: "other"))))
            #expect(anew.planned[key: "defaults"]?.isUnknown == false)
            await #expect(throws: ProviderError.self) {
                try await type.plan(PlanRequest(prior: state, declared: declared(deployment(cpu: "many"))))
            }
        }

        @Test func whatExistsAlreadyIsRefusedUnlessItIsAdopted() async throws {
            _ = try await server.ask("POST", "/api/v1/namespaces/\(namespace)/configmaps", map(["old": "1"]))
            let error = await #expect(throws: ProviderError.self) {
                try await type.plan(PlanRequest(prior: nil, declared: declared(map(["new": "1"]))))
            }
            #expect(error?.message.contains("exists already") == true)
            #expect(error?.message.contains("ConfigMap/\(namespace)/settings") == true)
            let adopted = try await apply(map(["new": "1"]), [("adopt", true)])
            #expect(adopted.values[key: "manifest"]?[key: "data"]?.json == #"{"new":"1"}"#)
        }

        @Test func objectsOfNewNamespacesAndDefinitionsAreChecked() async throws {
            let space: Value = [
                "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string("\(namespace)-new")],
            ]
            let inside: Value = [
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": ["name": "a", "namespace": .string("\(namespace)-new")],
            ]
            await #expect(throws: ProviderError.self) {
                try await type.plan(PlanRequest(prior: nil, declared: declared(inside)))
            }
            _ = try await type.plan(PlanRequest(prior: nil, declared: declared(space)))
            _ = try await type.plan(PlanRequest(prior: nil, declared: declared(inside)))
            let wrong: Value = .object((inside.asMap ?? ValueMap()).merging(["datas": ["a": "b"]]))
            await #expect(throws: ProviderError.self) {
                try await type.plan(PlanRequest(prior: nil, declared: declared(wrong)))
            }
            let definition: Value = [
                "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                "metadata": ["name": .string("ships.\(namespace).example.com")],
                "spec": [
                    "group": .string("\(namespace).example.com"), "scope": "Namespaced",
                    "names": ["kind": "Ship", "plural": "ships"],
                    "versions": [
                        [
                            "name": "v1", "served": true, "storage": true,
                            "schema": [
                                "openAPIV3Schema": [
                                    "type": "object",
                                    "properties": [
                                        "spec": [
                                            "type": "object", "required": ["masts"],
                                            "properties": ["masts": ["type": "integer", "minimum": 1]],
                                        ]
                                    ],
                                ]
                            ],
                        ]
                    ],
                ],
            ]
            _ = try await type.plan(PlanRequest(prior: nil, declared: declared(definition)))
            func ship(_ spec: Value) -> Value {
                [
                    "apiVersion": .string("\(namespace).example.com/v1"), "kind": "Ship", "spec": spec,
                    "metadata": ["name": "a", "namespace": .string(namespace)],
                ]
            }
            _ = try await type.plan(PlanRequest(prior: nil, declared: declared(ship(["masts": 3]))))
            let error = await #expect(throws: ProviderError.self) {
                try await type.plan(PlanRequest(prior: nil, declared: declared(ship(["mast": 0]))))
            }
            #expect(error?.message.contains("spec.mast is no field of the kind. Did you mean \"masts\"?") == true)
            #expect(error?.message.contains("spec.masts is missing") == true)
        }

        /// A definition and its object change together: the server would try the object against the old one.
        @Test func objectsOfChangedDefinitionsAreCheckedAgainstTheNewOne() async throws {
            func definition(_ properties: Value) -> Value {
                [
                    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                    "metadata": ["name": .string("boats.\(namespace).example.com")],
                    "spec": [
                        "group": .string("\(namespace).example.com"), "scope": "Namespaced",
                        "names": ["kind": "Boat", "plural": "boats"],
                        "versions": [
                            [
                                "name": "v1", "served": true, "storage": true,
                                "schema": [
                                    "openAPIV3Schema": [
                                        "type": "object",
                                        "properties": ["spec": ["type": "object", "properties": properties]],
                                    ]
                                ],
                            ]
                        ],
                    ],
                ]
            }
            func boat(_ spec: Value) -> Value {
                [
                    "apiVersion": .string("\(namespace).example.com/v1"), "kind": "Boat", "spec": spec,
                    "metadata": ["name": "a", "namespace": .string(namespace)],
                ]
            }
            let old = try await apply(definition(["oars": ["type": "integer"]]))
            var ready = try await type.readiness(of: old)
            while case .waiting = ready {
                try await Task.sleep(for: .milliseconds(50))
                ready = try await type.readiness(of: old)
            }
            // Another process plans the change, which knows of no planned definition.
            let state = try await apply(boat(["oars": 2]))
            let other = try makeInstance(of: server)
            let next = try other.object
            let wanted = definition(["oars": ["type": "integer"], "sail": ["type": "boolean"]])
            _ = try await next.plan(PlanRequest(prior: old, declared: declared(wanted)))
            let plan = try await next.plan(
                PlanRequest(prior: state, declared: declared(boat(["oars": 2, "sail": true]))))
            #expect(plan.planned[path: .init(parsing: "manifest.spec.sail") ?? .init()] == true)
            let error = await #expect(throws: ProviderError.self) {
                try await next.plan(PlanRequest(prior: state, declared: declared(boat(["sial": true]))))
            }
            #expect(error?.faults.map(\.path.description) == ["manifest.spec.sial"])
            await other.close()
        }

        /// One LIST for many, and no other call.
        @Test func manyUnchangedObjectsAreOneList() async throws {
            let proxy = try await FaultyProxy.start(before: server)
            let instance = try makeInstance(["host": .string(proxy.url), "token": .string(server.token)])
            let type = try instance.object
            var states: [ResourceState] = []
            for number in 0..<12 {
                let manifest: Value = [
                    "apiVersion": "v1", "kind": "ConfigMap", "data": ["number": .string("\(number)")],
                    "metadata": ["name": .string("many-\(number)"), "namespace": .string(namespace)],
                ]
                let plan = try await type.plan(PlanRequest(prior: nil, declared: declared(manifest)))
                states.append(try await type.create(CreateRequest(planned: plan.planned, intent: "i")))
            }
            _ = try await proxy.seen()
            let live = try await type.read(all: states)
            for (state, found) in zip(states, live) {
                #expect(found == state)
                let manifest = state.values[key: "manifest"] ?? .null
                let plan = try await type.plan(PlanRequest(prior: found, declared: declared(manifest)))
                #expect(plan.planned == state.values)
            }
            #expect(try await proxy.seen() == ["GET /api/v1/namespaces/\(namespace)/configmaps?limit=500"])
            await instance.close()
        }
    }
}
