import Foundation
import GitFixtures
import KubernetesFixtures
import PlumbModel
import Testing

/// `manifests:` on a real API server, with the real helm and kubectl.
@Suite(
    .enabled(if: KubernetesServer.isExpected, "Kubernetes has not been built"),
    .enabled(if: RenderingPrograms.folder != nil, "helm and kubectl are missing (Tests/Services/rendering-programs)"))
struct ManifestSectionTests {
    private let server: KubernetesServer
    private let namespace: String

    init() async throws {
        server = try await KubernetesServer.shared()
        namespace = try await server.newNamespace()
    }

    private func stack(_ files: [String: String], _ more: [String: String] = [:]) throws -> Stack {
        let path = ["PATH": RenderingPrograms.searchPath]
        return try Stack(files, environment: server.environment.merging(path) { $1 }.merging(more) { $1 })
    }

    private func map(_ name: String, _ data: String = "{a: b}") -> String {
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \(name)}\ndata: \(data)\n"
    }

    private func live(_ name: String, in space: String? = nil) async throws -> Value? {
        let answer = try await server.ask("GET", "/api/v1/namespaces/\(space ?? namespace)/configmaps/\(name)")
        return answer.status == 200 ? answer.body : nil
    }

    @Test func filesArePatternsFoldersAndNames() async throws {
        let entry = "{files: [\"deploy/**/*.yaml\", more, x.json], exclude: \"**/skip*\", namespace: \(namespace)}"
        let stack = try stack([
            "main.yaml": "manifests:\n  web: \(entry)\n", "deploy/a.yaml": map("a") + "---\n" + map("b"),
            "deploy/in/side/c.yaml": map("c", "{mode: \"1\"}"), "deploy/skip.yaml": "][", "more/d.yml": map("d"),
            "more/notes.txt": "][",
            "x.json": #"{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"ConfigMap","metadata":"#
                + #"{"name":"e"}}]}"#,
        ])
        try await stack.apply()
        for name in ["a", "b", "c", "d", "e"] { #expect(try await live(name) != nil, "\(name)") }
        try await stack.expectNoChanges()
        // What a pattern does not match any more is deleted.
        try stack.remove("deploy/in/side/c.yaml")
        let plan = try await stack.plumb("plan", "--no-color")
        #expect(plan.output.contains("- kubernetes_manifest.web[\"ConfigMap/c\"]"), "\(plan.output)")
        try await stack.apply()
        #expect(try await live("c") == nil)
    }

    /// File modes are octal, and a plain `yes` is true: manifests are written for the tools of Kubernetes.
    @Test func manifestsAreReadAsKubernetesReadsThem() async throws {
        let text = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, namespace: \(namespace)}
            spec:
              replicas: 0
              paused: no
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  hostNetwork: yes
                  containers: [{name: app, image: nginx}]
                  volumes: [{name: v, configMap: {name: a, defaultMode: 0440}}]
            """
        let stack = try stack(["web.yaml": text])
        try await stack.apply()
        let body = try await server.ask("GET", "/apis/apps/v1/namespaces/\(namespace)/deployments/web").body
        let spec = body[key: "spec"]?[key: "template"]?[key: "spec"]
        #expect(spec?[key: "volumes"]?.asList?.first?[key: "configMap"]?[key: "defaultMode"] == 288)
        #expect(spec?[key: "hostNetwork"] == true)
        try await stack.expectNoChanges()
    }

    @Test func aTypoIsToldWithItsPlace() async throws {
        let manifest = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replica: 1
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec: {containers: [{name: app, imag: nginx}]}
            """
        let stack = try stack([
            "main.yaml": """
            manifests:
              web: {files: deploy, namespace: \(namespace)}
            resources:
              random_id.x: {spec: {byte_length: 4}}
              kubernetes_object.late:
                spec:
                  manifest:
                    apiVersion: v1
                    kind: Service
                    metadata: {name: "s-${random_id.x.hex}"}
                    spec:
                      prots: []
                      sessionAffinity: 3
            """,
            "deploy/web.yaml": manifest,
        ])
        let plan = try await stack.plumb("plan", "--no-color")
        #expect(plan.code == 1)
        let words = plan.errors.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for place in ["deploy/web.yaml:5:3", "deploy/web.yaml:9:37", "main.yaml:12:11", "main.yaml:13:28"] {
            #expect(words.contains(place), "\(place): \(plan.errors)")
        }
        #expect(words.contains("spec.replica is no field of the kind. Did you mean \"replicas\"?"))
        #expect(words.contains("spec.prots is no field of the kind. Did you mean \"ports\"?"))
        #expect(words.contains("spec.sessionAffinity must be of the type string, but it is a number."))
    }

    private func overlay(_ value: String) -> [String: String] {
        [
            "main.yaml": "manifests:\n  web: {kustomize: over/prod}\n",
            "over/prod/kustomization.yaml":
                "namespace: \(namespace)\nnamePrefix: prod-\nresources: [../../base]\nconfigMapGenerator:\n"
                + "- {name: gen, literals: [a=\(value)]}\n",
            "base/kustomization.yaml": "resources: [map.yaml]\n", "base/map.yaml": map("base"),
        ]
    }

    @Test func overlaysOfARevisionNeedNoCheckout() async throws {
        let stack = try stack(overlay("1"), ["TMPDIR": NSTemporaryDirectory()])
        _ = try await stack.shell(
            "git init -q . && printf '.plumb/\\n' > .gitignore && git add -A && git -c user.name=a "
                + "-c user.email=a@example.org commit -qm one")
        try stack.write("base/map.yaml", "][")
        let plan = try await stack.plumb("plan", "--rev", "HEAD", "--out", "one.plan")
        #expect(plan.code == 0 || plan.code == 2, "\(plan.errors)")
        let applied = try await stack.plumb("apply", "one.plan", "--auto-approve")
        #expect(applied.code == 0, "\(applied.errors)")
        #expect(try await live("prod-base") != nil)
    }

    /// A saved plan holds what was rendered: neither the tools nor their moods matter when it is applied.
    @Test func aSavedPlanIsAppliedWithoutTheTools() async throws {
        let chart = [
            "main.yaml": "manifests:\n  web: {helm: {chart: chart, namespace: \(namespace)}}\n",
            "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
            "chart/templates/a.yaml": map("random", "{a: {{ randAlphaNum 20 }}}"),
        ]
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("plumb-tools-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let stack = try stack(chart, ["TMPDIR": folder.path])
        let plan = try await stack.plumb("plan", "--no-color", "--out", "one.plan")
        let applied = try await stack.plumb(
            "apply", "one.plan", "--auto-approve", environment: ["PATH": "/nonexistent"])
        #expect(applied.code == 0, "\(applied.errors)")
        let made = try #require(try await live("random")?[key: "data"]?[key: "a"]?.asString)
        #expect(plan.output.contains(made), "\(plan.output)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
        let missing = try await stack.plumb("plan", "--no-color", environment: ["PATH": "/nonexistent"])
        #expect(missing.errors.contains("helm is not installed"), "\(missing.errors)")
        // What it is rendered from has changed: the plan is stale.
        _ = try await stack.plumb("plan", "--out", "two.plan")
        try stack.write("chart/values.yaml", "a: 1\n")
        let stale = try await stack.plumb("apply", "two.plan", "--auto-approve")
        #expect(stale.errors.contains("Plan is stale"), "\(stale.errors)")
    }

    @Test func aChartWithHooksIsUpgraded() async throws {
        func files(_ tag: Int) -> [String: String] {
            [
                "main.yaml": """
                variables:
                  tag: {default: \(tag)}
                  password: {default: canary-5521, sensitive: true}
                manifests:
                  web:
                    wait: false
                    helm:
                      chart: chart
                      namespace: \(namespace)
                      values: {tag: "${var.tag}", password: "${var.password}"}
                """,
                "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
                "chart/templates/a.yaml": map("conf", "{tag: {{ .Values.tag | quote }}, p: {{ .Values.password }}}"),
                "chart/templates/job.yaml": """
                apiVersion: batch/v1
                kind: Job
                metadata: {name: migrate, annotations: {helm.sh/hook: "pre-install,pre-upgrade"}}
                spec:
                  template:
                    spec: {restartPolicy: Never, serviceAccountName: job, containers: [{name: a, image: x}]}
                ---
                apiVersion: v1
                kind: ServiceAccount
                metadata: {name: job}
                """,
            ]
        }
        let stack = try stack(files(1))
        let applied = try await stack.apply()
        let order = ["ServiceAccount/job", "batch/Job/migrate", "ConfigMap/conf"].map { key in
            applied.errors.range(of: "\(key)\"]: created")?.lowerBound
                ?? applied.output.range(
                    of: "\(key)\"]: created")?.lowerBound
        }
        #expect(!order.contains(nil), "\(applied.output) \(applied.errors)")
        #expect(order.compactMap(\.self) == order.compactMap(\.self).sorted())
        let path = "/apis/batch/v1/namespaces/\(namespace)/jobs/migrate"
        let first = try await server.ask("GET", path).body[key: "metadata"]?[key: "uid"]
        try await stack.expectNoChanges()
        for (name, text) in files(2) { try stack.write(name, text) }
        let plan = try await stack.plumb("plan", "--no-color")
        #expect(plan.output.contains("Plan: 0 to create, 1 to change, 1 to replace, 0 to destroy."), "\(plan.output)")
        #expect(!plan.output.contains("canary-5521"))
        try await stack.apply()
        #expect(try await server.ask("GET", path).body[key: "metadata"]?[key: "uid"] != first)
        #expect(try await live("conf")?[key: "data"]?[key: "tag"] == "2")
        try await stack.expectNoChanges()
    }

    /// Two instances of the provider, the same manifests in both; one of them is configured by a resource.
    @Test func severalClustersTakeTheSameManifests() async throws {
        let other = try await server.newNamespace()
        let stack = try stack([
            "stack.yaml": """
            stack: both
            providers:
              kubernetes:
                one: {namespace: \(namespace)}
                two:
                  host: \(server.url)
                  token: ${data_value.cluster.output.token}
                  ca_certificate: ${data_value.cluster.output.ca}
                  namespace: \(other)
            """,
            "main.yaml": """
            resources:
              data_value.cluster:
                spec: {input: {token: \(server.token), ca: '${file("ca.crt")}'}}
              kubernetes_object.one:
                provider: kubernetes.one
                spec: {manifest: {apiVersion: v1, kind: ConfigMap, metadata: {name: object}}}
              kubernetes_object.two:
                provider: kubernetes.two
                spec: {manifest: {apiVersion: v1, kind: ConfigMap, metadata: {name: object}}}
            manifests:
              one: {files: deploy, provider: kubernetes.one}
              two: {files: deploy, provider: kubernetes.two}
            """,
            "deploy/a.yaml": map("shared"),
            "ca.crt": try String(contentsOfFile: server.authority, encoding: .utf8),
        ])
        try await stack.apply()
        for space in [namespace, other] {
            #expect(try await live("shared", in: space) != nil)
            #expect(try await live("object", in: space) != nil)
        }
        try await stack.expectNoChanges()
        try await server.ask("DELETE", "/api/v1/namespaces/\(other)/configmaps/shared")
        let plan = try await stack.plumb("plan", "--no-color")
        #expect(plan.output.contains("+ kubernetes_manifest.two[\"ConfigMap/shared\"]"), "\(plan.output)")
        #expect(plan.output.contains("Plan: 1 to create, 0 to change"))
    }

    @Test func anObjectIsDeclaredOnce() async throws {
        let stack = try stack([
            "main.yaml": "manifests:\n  one: {files: deploy, namespace: \(namespace)}\n",
            "deploy/a.yaml": map("a"),
            "b.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: \(namespace)}\n",
        ])
        let result = try await stack.plumb("validate", "--no-color")
        #expect(result.errors.contains("Declared twice"), "\(result.errors)")
        #expect(result.errors.contains("is the same object as"))
    }
}
