import KubernetesFixtures
import PlumbModel
import ProviderAPI
import ProviderTesting
import Testing

extension ClusterSuites {
    @Suite struct ConformanceTests {
        static let configMaps: ProviderConformance = ProviderConformance(
            type: "kubernetes_object", instance: { try makeInstance(of: try await KubernetesServer.shared()) },
            declared: { map($0, ["a": "1", "b": "2"]) },
            inPlace: { map($0, ["a": "2", "c": "3"]) },
            replacement: { map("\($0)-other", ["a": "1"]) },
            drifts: [
                Drift("somebody changes a value") { state in
                    try await KubernetesServer.shared().patch(path(state), ["data": ["a": "9"]])
                },
                Drift("somebody removes a key") { state in
                    try await KubernetesServer.shared().patch(path(state), ["data": ["b": .null]])
                },
                Drift("somebody deletes it") { state in
                    try await KubernetesServer.shared().ask("DELETE", path(state))
                },
            ],
            exists: { try await KubernetesServer.shared().ask("GET", path($0)).status == 200 },
            importID: { "ConfigMap/default/\(name($0))" }, faulty: { try await faulty($0) })

        static let secrets: ProviderConformance = ProviderConformance(
            type: "kubernetes_manifest", instance: { try makeInstance(of: try await KubernetesServer.shared()) },
            declared: { secret($0, "hunter22") }, inPlace: { secret($0, "other-one") },
            drifts: [
                Drift("somebody changes the password") { state in
                    try await KubernetesServer.shared().patch(path(state), ["data": ["password": "eHh4eA=="]])
                }
            ],
            exists: { try await KubernetesServer.shared().ask("GET", path($0)).status == 200 })

        static let services: ProviderConformance = ProviderConformance(
            type: "kubernetes_object", instance: { try makeInstance(of: try await KubernetesServer.shared()) },
            declared: { service($0, 80) }, inPlace: { service($0, 81) },
            drifts: [
                Drift("somebody changes the selector") { state in
                    try await KubernetesServer.shared().patch(path(state), ["spec": ["selector": ["app": "bad"]]])
                }
            ],
            exists: { try await KubernetesServer.shared().ask("GET", path($0)).status == 200 },
            importID: { "Service/default/\(name($0))" }, unimportable: ["manifest", "defaults"])

        @Test(arguments: configMaps.checks) func configMapsConform(_ check: ConformanceCheck) async throws {
            try await Self.configMaps.run(check)
        }

        @Test(arguments: secrets.checks) func secretsConform(_ check: ConformanceCheck) async throws {
            try await Self.secrets.run(check)
        }

        @Test(arguments: services.checks) func servicesConform(_ check: ConformanceCheck) async throws {
            try await Self.services.run(check)
        }

        private static func map(_ name: String, _ data: Value) -> Value {
            [
                "manifest": [
                    "apiVersion": "v1", "kind": "ConfigMap", "data": data,
                    "metadata": ["name": .string(name), "namespace": "default", "labels": ["made-by": "test"]],
                ]
            ]
        }

        private static func secret(_ name: String, _ password: String) -> Value {
            [
                "manifest": [
                    "apiVersion": "v1", "kind": "Secret", "stringData": ["password": .string(password)],
                    "data": ["user": "YWRtaW4="], "metadata": ["name": .string(name), "namespace": "default"],
                ]
            ]
        }

        private static func service(_ name: String, _ port: Int) -> Value {
            [
                "manifest": [
                    "apiVersion": "v1", "kind": "Service", "metadata": ["name": .string(name), "namespace": "default"],
                    "spec": [
                        "selector": ["app": "web"],
                        "ports": [
                            ["name": "web", "port": .number(port)],
                            ["name": "dns", "port": 53, "protocol": "UDP", "targetPort": "dns"],
                        ],
                    ],
                ]
            ]
        }

        private static func name(_ state: ResourceState) -> String {
            state.values[key: "manifest"]?[key: "metadata"]?[key: "name"]?.asString ?? ""
        }

        private static func path(_ state: ResourceState) -> String {
            let kind = state.values[key: "manifest"]?[key: "kind"]?.asString ?? ""
            return "/api/v1/namespaces/default/\(kind.lowercased())s/\(name(state))"
        }

        private static func faulty(_ fault: Fault) async throws -> any ProviderInstance {
            let server = try await KubernetesServer.shared()
            let proxy = try await FaultyProxy.start(before: server)
            let order =
                switch fault {
                case .throttling: #""do": "status", "status": 429, "headers": {"Retry-After": "0"}"#
                case .serverError: #""do": "status", "status": 500"#
                case .timeout: #""do": "hang""#
                case .lostResponse: #""do": "drop-after""#
                }
            try await proxy.order("[{\"on\": \"CHANGE /\", \(order)}]")
            return try makeInstance(["host": .string(proxy.url), "token": .string(server.token), "timeout": 1])
        }
    }
}
