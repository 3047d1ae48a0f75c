import Foundation
import KubernetesFixtures
import PlumbModel
import ProviderAPI
import Testing

@testable import KubernetesProvider

extension ClusterSuites {
    /// What a server offers, told in the forms of newer servers by a stand-in before the real one.
    @Suite struct DiscoveryTests {
        private static let wanted =
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
            + "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"

        private static func resource(_ plural: String, _ group: String, _ version: String, _ kind: String) -> Value {
            [
                "resource": .string(plural), "scope": "Namespaced", "singularResource": .string(kind.lowercased()),
                "responseKind": ["group": .string(group), "version": .string(version), "kind": .string(kind)],
                "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
            ]
        }

        private static func list(_ version: String, _ groups: [Value]) -> Value {
            [
                "kind": "APIGroupDiscoveryList", "apiVersion": .string("apidiscovery.k8s.io/\(version)"),
                "metadata": [:], "items": .tuple(groups),
            ]
        }

        /// As servers publish it: the preferred version first, a group whose server is down without resources.
        private static func groups(_ version: String) -> Value {
            list(
                version,
                [
                    [
                        "metadata": ["name": "apps", "creationTimestamp": .null],
                        "versions": [
                            [
                                "version": "v1", "freshness": "Current",
                                "resources": [resource("deployments", "apps", "v1", "Deployment")],
                            ]
                        ],
                    ],
                    [
                        "metadata": ["name": "down.example.org", "creationTimestamp": .null],
                        "versions": [["version": "v1beta1", "freshness": "Stale"]],
                    ],
                ])
        }

        private static func core(_ version: String) -> Value {
            list(
                version,
                [
                    [
                        "metadata": ["creationTimestamp": .null],
                        "versions": [
                            [
                                "version": "v1", "freshness": "Current",
                                "resources": [resource("configmaps", "", "v1", "ConfigMap")],
                            ]
                        ],
                    ]
                ])
        }

        private static func order(_ on: String, _ body: Value, status: Int = 200) -> Value {
            [
                "on": .string(on), "do": "status", "status": .number(status), "times": 100, "body": .string(body.json),
                "headers": ["Content-Type": "application/json"],
            ]
        }

        private let server: KubernetesServer
        private let proxy: FaultyProxy
        private let instance: any ProviderInstance

        init() async throws {
            server = try await KubernetesServer.shared()
            proxy = try await FaultyProxy.start(before: server)
            instance = try makeInstance(["host": .string(proxy.url), "token": .string(server.token)])
        }

        private func serve(_ version: String, _ more: [Value] = []) async throws {
            let orders = [
                Self.order("GET /apis Accept: \(Self.wanted)", Self.groups(version)),
                Self.order("GET /api Accept: \(Self.wanted)", Self.core(version)),
            ]
            try await proxy.order(Value.tuple(more + orders).json)
        }

        private func configMap(_ namespace: String) -> Value {
            declared([
                "apiVersion": "v1", "kind": "ConfigMap", "data": ["a": "b"],
                "metadata": ["name": "told", "namespace": .string(namespace)],
            ])
        }

        @Test(arguments: ["v2", "v2beta1"]) func twoAnswersTellAllKinds(_ version: String) async throws {
            try await serve(version)
            let namespace = try await server.newNamespace()
            let type = try instance.object
            let plan = try await type.plan(PlanRequest(prior: nil, declared: configMap(namespace)))
            _ = try await type.create(CreateRequest(planned: plan.planned, intent: "i"))
            #expect(try await server.ask("GET", "/api/v1/namespaces/\(namespace)/configmaps/told").status == 200)
            let error = await #expect(throws: ProviderError.self) {
                try await type.plan(
                    PlanRequest(
                        prior: nil,
                        declared: declared([
                            "apiVersion": "apps/v1", "kind": "Deploymnt",
                            "metadata": ["name": "x", "namespace": .string(namespace)],
                        ])))
            }
            #expect(error?.message.contains("Did you mean \"Deployment\"?") == true, "\(error?.message ?? "")")
            let asked = try await proxy.seen().filter {
                $0 == "GET /apis" || $0 == "GET /api" || $0.hasPrefix("GET /apis/")
            }
            #expect(asked == ["GET /apis", "GET /api"])
        }

        /// An extension that is down is not a kind that is gone: nothing that is recorded of it counts as deleted.
        @Test(arguments: ["v2", "v2beta1"]) func whatIsStaleIsNotGone(_ version: String) async throws {
            let down: Value = [
                "kind": "Status", "status": "Failure", "message": "service unavailable", "reason": "ServiceUnavailable",
                "code": 503,
            ]
            try await serve(version, [Self.order("* /apis/down.example.org/v1beta1", down, status: 503)])
            let namespace = try await server.newNamespace()
            let type = try instance.object
            let values = declared([
                "apiVersion": "down.example.org/v1beta1", "kind": "Thing",
                "metadata": ["name": "x", "namespace": .string(namespace)],
            ])
            let state = ResourceState(values, privateData: #"{"uid":"1"}"#)
            let read = await #expect(throws: ProviderError.self) { try await type.read(state) }
            #expect(read?.message.contains("service unavailable") == true, "\(read?.message ?? "")")
            let deletion = await #expect(throws: ProviderError.self) {
                try await type.delete(DeleteRequest(prior: state, intent: "i"))
            }
            #expect(deletion?.code == .unavailable)
            let plan = try await type.plan(PlanRequest(prior: nil, declared: configMap(namespace)))
            #expect(plan.planned[key: "replaced"]?.isUnknown == false)
        }

        /// On the server itself: a registered extension whose service is not there harms nothing but its own kinds.
        @Test func anExtensionThatIsDownHarmsNothingElse() async throws {
            let namespace = try await server.newNamespace()
            let name = "v1.\(namespace).example.org"
            let made = try await server.ask(
                "POST", "/apis/apiregistration.k8s.io/v1/apiservices",
                [
                    "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
                    "metadata": ["name": .string(name)],
                    "spec": [
                        "group": .string("\(namespace).example.org"), "version": "v1", "groupPriorityMinimum": 10,
                        "versionPriority": 10, "insecureSkipTLSVerify": true,
                        "service": ["name": "nobody", "namespace": .string(namespace)],
                    ],
                ])
            try #require(made.status == 201, "\(made.body.json)")
            // The server takes a moment to know of it.
            for _ in 0..<600 {
                if try await server.ask("GET", "/apis/\(namespace).example.org/v1").status != 404 { break }
                try await Task.sleep(for: .milliseconds(100))
            }
            let type = try makeInstance(of: server).object
            let error = await #expect(throws: ProviderError.self) {
                try await type.plan(
                    PlanRequest(
                        prior: nil,
                        declared: declared([
                            "apiVersion": .string("\(namespace).example.org/v1"), "kind": "Thing",
                            "metadata": ["name": "x", "namespace": .string(namespace)],
                        ])))
            }
            #expect(error?.code == .unavailable, "\(error?.message ?? "")")
            let plan = try await type.plan(PlanRequest(prior: nil, declared: configMap(namespace)))
            let state = try await type.create(CreateRequest(planned: plan.planned, intent: "i"))
            #expect(try await type.read(all: [state]).first != nil)
            #expect(try await type.importResource(id: "Namespace/\(namespace)") != nil)
            try await server.ask("DELETE", "/apis/apiregistration.k8s.io/v1/apiservices/\(name)")
        }
    }
}

/// The file that keeps what a server offers between runs.
@Suite struct DiscoveryCacheTests {
    private static let content = DiscoveryCache.Content(
        resources: (0..<200).map { number in
            APIResource(
                version: GroupVersion(group: "g\(number).example.org", version: "v1"), kind: "Kind\(number)",
                plural: "kind\(number)s", isNamespaced: true, verbs: ["get", "list"], subresources: ["status"])
        }, preferred: ["g1.example.org": "v1"], isAggregated: true)

    private static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("discovery-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    @Test func whatIsDamagedIsNotBelieved() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let cache = DiscoveryCache(server: "https://a:1", environment: ["XDG_CACHE_HOME": folder.path])
        #expect(cache.read() == nil)
        cache.write(Self.content)
        #expect(cache.read()?.resources.count == 200)
        #expect(cache.read()?.resource(GroupVersion(group: "g7.example.org", version: "v1"), "Kind7") != nil)
        let file = folder.appendingPathComponent("plumbline/kubernetes/https___a_1.json")
        let whole = try Data(contentsOf: file)
        for damaged in [Data(), Data("null".utf8), whole.prefix(whole.count / 2), Data([0xFF, 0x00, 0x7B])] {
            try damaged.write(to: file)
            #expect(cache.read() == nil)
        }
        cache.write(Self.content)
        #expect(cache.read()?.resources.count == 200)
    }

    /// No cache is no reason to fail.
    @Test func whatCannotBeWrittenIsLeft() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("a file".utf8).write(to: folder.appendingPathComponent("plumbline"))
        let cache = DiscoveryCache(server: "https://a:1", environment: ["XDG_CACHE_HOME": folder.path])
        cache.write(Self.content)
        #expect(cache.read() == nil)
        let nowhere = DiscoveryCache(server: "https://a:1", environment: [:])
        nowhere.write(Self.content)
        #expect(nowhere.read() == nil)
    }

    /// Whoever reads while others write sees all of it or nothing.
    @Test func severalRunsShareIt() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let cache = DiscoveryCache(server: "https://a:1", environment: ["XDG_CACHE_HOME": folder.path])
        cache.write(Self.content)
        let counts = await withTaskGroup(of: [Int].self) { group in
            for number in 0..<4 {
                group.addTask {
                    (0..<20).map { _ in
                        if number % 2 == 0 { cache.write(Self.content) }
                        return cache.read()?.resources.count ?? -1
                    }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(counts.allSatisfy { $0 == 200 })
    }
}
