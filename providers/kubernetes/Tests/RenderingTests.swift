import Foundation
import KubernetesFixtures
import PlumbModel
import ProviderAPI
import Testing

@testable import KubernetesProvider

/// The real helm and kubectl, on files that lie nowhere.
@Suite(
    .enabled(if: RenderingPrograms.folder != nil, "helm and kubectl are missing (Tests/Services/rendering-programs)"))
struct RenderingTests {
    private let instance: any ProviderInstance

    init() throws {
        RenderingPrograms.use()
        instance = try makeInstance(["host": "http://127.0.0.1:9", "namespace": "home"])
    }

    private func render(
        _ tool: String, _ settings: Value, _ files: [String: String], folder: String = ".", known: [UInt8]? = nil
    ) async throws -> RenderedManifests {
        let renderer = try #require(instance as? any ManifestRendering)
        let range = SourceRange(file: SourceFile(path: "main.yaml", text: "x"), start: 0, end: 1)
        let request = RenderingRequest(
            tool: tool, name: "web", settings: settings, place: .constant(settings, range),
            files: MemorySource(name: "test", contents: files.mapValues { Array($0.utf8) }), folder: folder,
            known: known)
        // It blocks, as it may on a thread that is nobody else's.
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try renderer.render(request) })
            }
        }
    }

    private static func hook(_ name: String, _ events: String, weight: String = "0", kind: String = "Job") -> String {
        """
        apiVersion: batch/v1
        kind: \(kind)
        metadata: {name: \(name), annotations: {helm.sh/hook: "\(events)", helm.sh/hook-weight: "\(weight)"}}
        spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: "x:{{ .Values.tag }}"}]}}}
        """
    }

    private static let chart: [String: String] = [
        "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "charts/web/values.yaml": "tag: 1\nmode: 0\n",
        "charts/web/bad.yaml": "][",
        "charts/web/crds/a.yaml":
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a.example.com}\n",
        "charts/web/templates/all.yaml": [
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\n"
                + "data: {space: {{ .Release.Namespace }}, tag: {{ .Values.tag | quote }}}",
            hook("late", "post-install,post-upgrade"), hook("second", "pre-install,pre-upgrade", weight: "5"),
            hook("first", "pre-install", weight: "-5"), hook("probe", "test"), hook("bye", "pre-delete"),
        ].joined(separator: "\n---\n"),
    ]

    @Test func hooksComeInTheOrderOfTheirEventsAndWeights() async throws {
        let rendered = try await render("helm", ["chart": "charts/web"], Self.chart)
        let phases = Dictionary(uniqueKeysWithValues: rendered.manifests.map { ($0.key, $0.phase) })
        #expect(
            phases == [
                "apiextensions.k8s.io/CustomResourceDefinition/a.example.com": -3, "batch/Job/first": -2,
                "batch/Job/second": -1, "ConfigMap/web": 0, "batch/Job/late": 1,
            ])
        #expect(rendered.warnings.all.map(\.summary) == ["Hooks that are left out"])
        let map = try #require(rendered.manifests.first { $0.key == "ConfigMap/web" })
        #expect(map.value[key: "data"] == ["space": "home", "tag": "1"])
    }

    /// What belongs to an upgrade runs again when something of the release has changed, and not otherwise.
    @Test func upgradeHooksAreAsNewAsTheRelease() async throws {
        func template(_ name: String, _ tag: Int) async throws -> Value? {
            let settings: Value = ["chart": "charts/web", "values": ["tag": .number(tag)], "set": ["mode": 3]]
            let manifests = try await render("helm", settings, Self.chart).manifests
            return manifests.first { $0.key == "batch/Job/\(name)" }?.value[key: "spec"]?[key: "template"]?[
                key: "metadata"]
        }
        let one = try await template("second", 1)
        #expect(one?[key: "annotations"]?[key: "plumbline/release"]?.asString?.count == 32)
        #expect(try await template("second", 1) == one)
        #expect(try await template("second", 2) != one)
        #expect(try await template("first", 1) == nil)
    }

    @Test func whatIsKnownIsNotRenderedAgain() async throws {
        let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept}\ndata: {mode: \"x\"}\n"
        let rendered = try await render("helm", ["chart": "is/gone"], [:], known: Array(text.utf8))
        #expect(rendered.manifests.map(\.key) == ["ConfigMap/kept"])
    }

    @Test(
        arguments: [
            (["chart": "charts/wbe"], "No such chart"), (["chart": "charts"], "No chart"),
            (["chart": "/etc"], "Invalid path"), (["chart": "oci://example.org/web"], "Remote chart"),
            (["chart": "web", "repository": "https://example.org", "network": true], "Chart without a version"),
            (["chart": "charts/web", "version": "1"], "Version of a local chart"),
            (["chart": "charts/web", "values": "text"], "Wrong type"),
            (["chart": "charts/web", "values_files": ["gone.yaml"]], "No such file"),
            (["chart": "charts/web", "values_files": ["charts/web/bad.yaml"]], "Chart cannot be rendered"),
        ] as [(Value, String)])
    func whatIsWrongWithAChartIsTold(_ settings: Value, _ summary: String) async throws {
        let problems = await #expect(throws: Diagnostics.self) {
            _ = try await render("helm", settings, Self.chart)
        }
        #expect(problems?.all.map(\.summary) == [summary])
    }

    private static let overlay: [String: String] = [
        "over/kustomization.yaml": """
        namePrefix: prod-
        resources: [../base]
        configMapGenerator: [{name: gen, files: [text=../texts/a.txt]}]
        """,
        "base/kustomization.yaml": "resources: [map.yaml]\n",
        "base/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: y}\n",
        "texts/a.txt": "some text",
    ]

    @Test func overlaysReachTheirBases() async throws {
        var files = Self.overlay
        files["over/kustomization.yaml"] = "namePrefix: prod-\nresources: [../base]\n"
        let rendered = try await render("kustomize", ["path": "over"], files)
        #expect(rendered.manifests.map(\.key) == ["ConfigMap/prod-a"])
        #expect(rendered.manifests.map(\.phase) == [0])
    }

    @Test func aMissingBaseIsToldInWordsOfTheFiles() async throws {
        var files = Self.overlay
        files["base/map.yaml"] = nil
        let problems = await #expect(throws: Diagnostics.self) {
            _ = try await render("kustomize", ["path": "over"], files)
        }
        let problem = try #require(problems?.all.first)
        #expect(problem.summary == "Kustomization cannot be rendered")
        #expect(problem.detail.contains("base/map.yaml"))
        #expect(!problem.detail.contains("plumb-render"))
    }

    @Test(arguments: ["https://example.org/base.yaml", "github.com/a/b?ref=v1", "git@example.org:a/b"])
    func whatLiesElsewhereIsRefused(_ base: String) async throws {
        let files = ["over/kustomization.yaml": "resources:\n- \(base)\n"]
        let problems = await #expect(throws: Diagnostics.self) {
            _ = try await render("kustomize", ["path": "over"], files)
        }
        #expect(problems?.all.map(\.summary) == ["Remote base"])
        #expect(problems?.all.first?.source?.description == "over/kustomization.yaml:2:3")
    }
}
