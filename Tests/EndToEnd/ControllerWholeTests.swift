import Foundation
import GitFixtures
import KubernetesFixtures
import PlumbModel
import Testing

/// All parts together, and all of them real: Git over HTTP, an API server, PowerDNS, and one controller between them.
@Suite(
    .enabled(
        if: KubernetesServer.isExpected && PowerDNS.isExpected, "Kubernetes has not been built, or PowerDNS is missing")
)
struct ControllerWholeTests {
    private static func deployment(_ namespace: String, _ image: String) -> String {
        """
        resources:
          kubernetes_object.web:
            spec:
              wait: false
              manifest:
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web, namespace: \(namespace)}
                spec:
                  replicas: 2
                  selector: {matchLabels: {app: web}}
                  template:
                    metadata: {labels: {app: web}}
                    spec: {containers: [{name: app, image: "\(image)"}]}
        outputs:
          image: {value: "\(image)"}

        """
    }

    private static let zone = """
        stack: zone
        providers:
          http: {dns: {api: powerdns, base_url: "${env.PDNS_URL}", key: "${env.PDNS_KEY}"}}
        sync: {after: [{stack: web, ready: '${outputs.image != ""}'}], drift: {mode: heal, every: 1s}}

        """

    private static func records(_ address: String) -> String {
        """
        resources:
          powerdns_zone.example: {provider: http.dns, spec: {name: example.org, nameservers: [ns1.example.net]}}
          powerdns_record_set.www:
            provider: http.dns
            spec: {zone: "${powerdns_zone.example.name}", name: www.example.org, type: A, ttl: 300, records: ["\(address)"]}

        """
    }

    @Test(.timeLimit(.minutes(5))) func aPushAChangeByHandAndARevert() async throws {
        let (names, cluster) = (try await PowerDNS.start(), try await KubernetesServer.shared())
        let namespace = try await cluster.newNamespace()
        let site = try ControllerSite(
            [
                "stacks/web/stack.yaml": "stack: web\nsync: {drift: {mode: heal, every: 1h}}\n",
                "stacks/web/main.yaml": Self.deployment(namespace, "web:1"), "stacks/zone/stack.yaml": Self.zone,
                "stacks/zone/main.yaml": Self.records("192.0.2.1"),
            ], environment: cluster.environment.merging(names.environment) { $1 })
        let git = try await GitServer("http", site.repository.path)
        try site.configure(interval: "500ms", url: "http://127.0.0.1:\(git.port)/.git", "")
        func deployed(_ image: String, _ replicas: Int) async throws -> Bool {
            let spec = try await cluster.ask("GET", "/apis/apps/v1/namespaces/\(namespace)/deployments/web").body[
                key: "spec"]
            let container = spec?[key: "template"]?[key: "spec"]?[key: "containers"]?.asList?.first
            return spec?[key: "replicas"] == .number(replicas) && container?[key: "image"]?.asString == image
        }
        func served(_ address: String) async throws -> Bool {
            guard try await names.zones().contains("example.org.") else { return false }
            return try await names.addressRecords(of: "example.org.").map(\.addresses) == [[address]]
        }
        var times: [String: Double] = [:]
        let result = try await site.running {
            try await site.wait("the first commit") { try await deployed("web:1", 2) }
            try await site.wait("its records") { try await served("192.0.2.1") }
            try site.write("stacks/web/main.yaml", Self.deployment(namespace, "web:2"))
            try site.write("stacks/zone/main.yaml", Self.records("192.0.2.2"))
            try site.repository.commit("both")
            times["push"] = try await site.wait("the push") {
                guard try await deployed("web:2", 2) else { return false }
                return try await served("192.0.2.2")
            }
            // Until the watch has begun.
            try await Task.sleep(for: .seconds(3))
            let path = "/apis/apps/v1/namespaces/\(namespace)/deployments/web"
            try await cluster.patch(path, ["spec": ["replicas": 7]], manager: "kubectl-scale")
            times["scale"] = try await site.wait("the heal of the deployment") { try await deployed("web:2", 2) }
            try await names.set("www.example.org.", in: "example.org.", to: "198.51.100.9")
            times["record"] = try await site.wait("the heal of the record") { try await served("192.0.2.2") }
            try site.repository.git("revert", "--no-edit", "HEAD")
            times["revert"] = try await site.wait("the revert") {
                guard try await deployed("web:1", 2) else { return false }
                return try await served("192.0.2.1")
            }
        }
        print("all parts together, in seconds: \(times.sorted { $0.key < $1.key })")
        #expect(times.values.allSatisfy { $0 < 20 }, "\(times)")
        #expect(try result.logged("drift is healed").count == 2)
        withExtendedLifetime(git) {}
    }
}
