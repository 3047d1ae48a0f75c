import KubernetesFixtures
import PlumbModel
import ProviderAPI
import Testing
import WatchFixtures

@testable import KubernetesProvider

extension ClusterSuites {
    /// Drift of objects of a real server, told when it happens.
    @Suite struct WatchTests {
        private let server: KubernetesServer
        private let namespace: String
        private let instance: any ProviderInstance

        init() async throws {
            server = try await KubernetesServer.shared()
            namespace = try await server.newNamespace()
            instance = try makeInstance(of: server)
        }

        private func watched(_ states: [ResourceState]) -> [WatchedResource] {
            states.map { WatchedResource(type: "kubernetes_object", state: $0) }
        }

        private func map(_ name: String, _ data: Value = ["a": "1"], in other: String? = nil) -> Value {
            [
                "apiVersion": "v1", "kind": "ConfigMap", "data": data,
                "metadata": ["name": .string(name), "namespace": .string(other ?? namespace)],
            ]
        }

        private func deployment(_ name: String, replicas: Int?) -> Value {
            var spec: ValueMap = [
                "selector": ["matchLabels": ["app": .string(name)]],
                "template": [
                    "metadata": ["labels": ["app": .string(name)]],
                    "spec": ["containers": [["name": "app", "image": "nginx", "ports": [["containerPort": 80]]]]],
                ],
            ]
            if let replicas { spec["replicas"] = .number(replicas) }
            return [
                "apiVersion": "apps/v1", "kind": "Deployment", "spec": .object(spec),
                "metadata": ["name": .string(name), "namespace": .string(namespace)],
            ]
        }

        private func apply(_ manifest: Value) async throws -> ResourceState {
            let type = try instance.object
            let plan = try await type.plan(PlanRequest(prior: nil, declared: declared(manifest)))
            return try await type.create(CreateRequest(planned: plan.planned, intent: "i"))
        }

        private func path(_ name: String) -> String { "/api/v1/namespaces/\(namespace)/configmaps/\(name)" }

        @Test(.enabled(if: Kubectl.path != nil, "kubectl is not installed"))
        func kubectlScaleAndDeleteAreSeenWithinASecondAndAnnotateIsNot() async throws {
            let type = try instance.object
            var states = [try await apply(deployment("web", replicas: 0))]
            for name in ["a", "b", "c", "d", "e"] { states.append(try await apply(map(name))) }
            let (server, namespace, recorded) = (server, namespace, states)
            try await ObservedWatch.of(watched(recorded), instance) { observed in
                try await observed.expect("began")
                for kind in ["deployment/web", "configmap/a"] {
                    try await Kubectl.run(server, "-n", namespace, "annotate", kind, "note=something")
                }
                try await Task.sleep(for: .seconds(1))
                #expect(observed.texts == ["began"])

                // The machine may be busy with other tests: the best of five counts.
                var delays: [Duration] = []
                for replicas in 1...5 {
                    observed.forget()
                    let scaled = try await Kubectl.run(
                        server, "-n", namespace, "scale", "deployment/web", "--replicas=\(replicas)")
                    delays.append(try await observed.expect("drifted 0") - scaled)
                }
                #expect(delays.contains { $0 < .seconds(1) }, "\(delays)")
                let live = try #require(observed.state(0))
                #expect(live.values[key: "manifest"]?[key: "spec"]?[key: "replicas"] == 5)
                delays = []
                for (index, name) in ["a", "b", "c", "d", "e"].enumerated() {
                    let deleted = try await Kubectl.run(server, "-n", namespace, "delete", "configmap/\(name)")
                    delays.append(try await observed.expect("deleted \(index + 1)") - deleted)
                }
                #expect(delays.contains { $0 < .seconds(1) }, "\(delays)")

                // Healed, they are as they were.
                let manifest = recorded[0].values[key: "manifest"] ?? .null
                let plan = try await type.plan(PlanRequest(prior: live, declared: declared(manifest)))
                _ = try await type.update(UpdateRequest(prior: live, planned: plan.planned, intent: "i"))
                _ = try await type.create(CreateRequest(planned: recorded[1].values, intent: "j"))
                try await observed.expect("restored 0")
                try await observed.expect("restored 1")
            }
        }

        /// An autoscaler, and somebody who adds what a webhook would.
        @Test func anotherManagersFieldsAreNoDrift() async throws {
            let states = [try await apply(deployment("web", replicas: nil))]
            let path = "/apis/apps/v1/namespaces/\(namespace)/deployments/web"
            let server = server
            try await ObservedWatch.of(watched(states), instance) { observed in
                try await observed.expect("began")
                try await server.patch("\(path)/scale", ["spec": ["replicas": 4]], manager: "autoscaler")
                try await server.patch(
                    path,
                    [
                        "metadata": ["labels": ["team": "a"]],
                        "spec": ["template": ["spec": ["schedulerName": "other", "priority": 0]]],
                    ], manager: "webhook")
                let container: Value = ["name": "sidecar", "image": "proxy"]
                let answer = try await server.ask(
                    "PATCH", "\(path)?fieldManager=webhook",
                    ["spec": ["template": ["spec": ["containers": [container]]]]],
                    type: "application/strategic-merge-patch+json")
                #expect(answer.status == 200)
                try await server.patch(path, ["spec": ["minReadySeconds": 7]], manager: "webhook")
                try await Task.sleep(for: .seconds(1))
                #expect(observed.texts == ["began"])
            }
        }

        @Test func whatDriftedBeforeIsToldInTheBeginning() async throws {
            let states = [try await apply(map("a")), try await apply(map("b")), try await apply(map("c"))]
            try await server.patch(path("a"), ["data": ["a": "2"]])
            try await server.ask("DELETE", path("b"))
            try await ObservedWatch.of(watched(states), instance) { observed in
                try await observed.expect("began")
                #expect(Set(observed.texts) == ["drifted 0", "deleted 1", "began"])
                #expect(observed.texts.last == "began")
            }
        }

        // MARK: - Faults

        private struct Proxied {
            let proxy: FaultyProxy
            let instance: any ProviderInstance

            init(_ server: KubernetesServer) async throws {
                proxy = try await FaultyProxy.start(before: server)
                instance = try makeInstance(["host": .string(proxy.url), "token": .string(server.token)])
            }
        }

        static let gone = #"{"kind":"Status","status":"Failure","reason":"Expired","message":"too old","code":410}"#

        /// What goes wrong with the first watch, and how many lists are needed.
        @Test(arguments: [
            (#""do": "status", "status": 410, "body": \#(Value.string(gone).json)"#, 2),
            (#""do": "drip", "pieces": [\#(Value.string("{\"type\":\"ERROR\",\"object\":\(gone)}\n").json)]"#, 2),
            (#""do": "drip", "pieces": ["{\"type\":\"MODI"], "then": "close""#, 1),
            (#""do": "drip", "pieces": ["<html>no event</html>\n"], "then": "hang""#, 2),
            (#""do": "cut", "lines": 0"#, 1), (#""do": "garbage""#, 2), (#""do": "status", "status": 500"#, 1),
            (#""do": "drip", "pieces": []"#, 1),
        ])
        func nothingIsMissedWhateverBecomesOfAWatch(_ fault: String, _ lists: Int) async throws {
            let states = [try await apply(map("a")), try await apply(map("b"))]
            let proxied = try await Proxied(server)
            let list = "GET /api/v1/namespaces/\(namespace)/configmaps?"
            try await proxied.proxy.order(#"[{"on": "\#(list)watch=true", \#(fault)}]"#)
            let (server, path) = (server, path("b"))
            try await ObservedWatch.of(watched(states), proxied.instance) { observed in
                try await observed.expect("began")
                try await server.patch(path, ["data": ["a": "2"]])
                try await observed.expect("drifted 1")
                try await server.patch(path, ["data": ["a": "1"]])
                try await observed.expect("restored 1")
            }
            #expect(try await proxied.proxy.seen().count { $0.hasPrefix(list + "limit") } == lists)
            await proxied.instance.close()
        }

        /// Told once that something may be missed, and once that nothing was.
        @Test func aLongInterruptionIsTold() async throws {
            let states = [try await apply(map("a")), try await apply(map("b"))]
            let proxied = try await Proxied(server)
            try await proxied.proxy.order(
                #"[{"on": "GET /api/v1/namespaces/\#(namespace)/configmaps?watch=true", "do": "status", "status": 403, "times": 4}]"#
            )
            let (server, path) = (server, path("a"))
            try await ObservedWatch.of(watched(states), proxied.instance) { observed in
                try await observed.expect("interrupted")
                try await server.ask("DELETE", path)
                try await observed.expect("resumed")
                try await observed.expect("deleted 0")
                #expect(observed.texts.count { $0 == "interrupted" } == 1)
            }
            await proxied.instance.close()
        }

        /// The server's own end of a watch costs no list, and bookmarks say where it goes on.
        @Test func aWatchGoesOnAtTheLastBookmark() async throws {
            let states = [try await apply(map("a")), try await apply(map("b"))]
            let version = try #require(
                try await server.ask("GET", "/api/v1/namespaces/\(namespace)/configmaps").body[key: "metadata"]?[
                    key: "resourceVersion"]?.asString)
            let bookmark =
                #"{"type":"BOOKMARK","object":{"kind":"ConfigMap","metadata":{"resourceVersion":"\#(version)"}}}"#
                + "\n"
            let proxied = try await Proxied(server)
            let list = "GET /api/v1/namespaces/\(namespace)/configmaps?"
            try await proxied.proxy.order(
                #"[{"on": "\#(list)watch=true", "do": "drip", "pieces": [\#(Value.string(bookmark).json)]}]"#)
            let (server, path) = (server, path("a"))
            try await ObservedWatch.of(watched(states), proxied.instance) { observed in
                try await observed.expect("began")
                try await server.ask("DELETE", path)
                try await observed.expect("deleted 0")
            }
            let seen = try await proxied.proxy.seen().filter { $0.hasPrefix(list) }
            #expect(seen.count == 3)
            #expect(seen.last?.contains("allowWatchBookmarks=true&resourceVersion=\(version)&") == true)
            await proxied.instance.close()
        }

        /// One stream for a kind in many namespaces; one for each where the cluster must not be seen as a whole.
        @Test(arguments: [false, true]) func manyNamespacesAreOneStream(_ isRestricted: Bool) async throws {
            var namespaces = [namespace]
            for _ in 0..<5 { namespaces.append(try await server.newNamespace()) }
            var states: [ResourceState] = []
            for namespace in namespaces { states.append(try await apply(map("a", in: namespace))) }
            let proxy = try await FaultyProxy.start(before: server)
            if isRestricted {
                for namespace in namespaces {
                    let made = try await server.ask(
                        "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/\(namespace)/rolebindings",
                        [
                            "metadata": ["name": "reader"],
                            "roleRef": [
                                "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view",
                            ],
                            "subjects": [["kind": "User", "name": "reader", "apiGroup": "rbac.authorization.k8s.io"]],
                        ])
                    #expect(made.status == 201)
                }
            }
            let token = isRestricted ? "\(server.token)-low" : server.token
            let instance = try makeInstance(["host": .string(proxy.url), "token": .string(token)])
            let (server, last) = (server, try #require(namespaces.last))
            try await ObservedWatch.of(watched(states), instance) { observed in
                try await observed.expect("began")
                try await server.ask("DELETE", "/api/v1/namespaces/\(last)/configmaps/a")
                try await observed.expect("deleted 5")
                #expect(observed.texts == ["began", "deleted 5"])
            }
            let streams = try await proxy.seen().count { $0.contains("watch=true") }
            #expect(streams == (isRestricted ? 6 : 1))
            await instance.close()
        }

        /// Pages, and a page that has gone stale.
        @Test func aLongListIsReadInPages() async throws {
            let type = try instance.object
            let server = server
            let namespace = namespace
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<620 {
                    group.addTask {
                        let name = "many-\(number)"
                        let answer = try await server.ask(
                            "POST", "/api/v1/namespaces/\(namespace)/configmaps",
                            ["metadata": ["name": .string(name)], "data": ["a": "1"]])
                        try #require(answer.status == 201)
                    }
                }
                try await group.waitForAll()
            }
            let items = try await server.ask("GET", "/api/v1/namespaces/\(namespace)/configmaps").body[key: "items"]
            let states = try (items?.asList ?? []).compactMap { item -> ResourceState? in
                let name = try #require(item[key: "metadata"]?[key: "name"]?.asString)
                guard name.hasPrefix("many-") else { return nil }
                let head: ValueMap = ["apiVersion": "v1", "kind": "ConfigMap"]
                let item = Value.object((item.asMap ?? ValueMap()).merging(head))
                return type.state(of: item, manifest: map(name), replaced: .null, choices: .null)
            }
            #expect(states.count == 620)
            let proxied = try await Proxied(server)
            let list = "GET /api/v1/namespaces/\(namespace)/configmaps?limit=500"
            let order =
                #"[{"on": "\#(list)&continue=", "do": "status", "status": 410, "body": \#(Value.string(Self.gone).json)}]"#
            try await proxied.proxy.order(order)
            let found = try await proxied.instance.object.read(all: states)
            #expect(found.compactMap(\.self) == states)
            #expect(try await proxied.proxy.seen().count { $0.hasPrefix(list) } == 4)
            try await proxied.proxy.order(order)
            try await ObservedWatch.of(watched(states), proxied.instance) { observed in
                try await observed.expect("began")
                #expect(observed.texts == ["began"])
                try await server.patch(
                    "/api/v1/namespaces/\(namespace)/configmaps/many-600", ["data": ["a": "2"]])
                let index = states.firstIndex {
                    $0.values[key: "manifest"]?[key: "metadata"]?[key: "name"] == "many-600"
                }
                try await observed.expect("drifted \(index ?? -1)")
            }
            await proxied.instance.close()
        }

        /// A kind that goes with its definition: everything of it is gone.
        @Test func objectsOfAKindThatIsNotOfferedAreGone() async throws {
            let state = try await apply(map("a"))
            var values = state.values.asMap ?? ValueMap()
            values["manifest"] = [
                "apiVersion": "nothing.example.com/v1", "kind": "Nothing",
                "metadata": ["name": "a", "namespace": .string(namespace)],
            ]
            try await ObservedWatch.of(watched([state, ResourceState(.object(values))]), instance) { observed in
                try await observed.expect("began")
                #expect(Set(observed.texts) == ["deleted 1", "began"])
            }
        }
    }
}
