import KubernetesFixtures
import Testing

/// What is wrong with manifests and charts is told before any cluster is asked, with what to do.
struct ManifestMistakeTests {
    private static let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"

    private func words(_ files: [String: String], _ environment: [String: String] = [:]) async throws -> String {
        let stack = try Stack(files, environment: environment)
        let result = try await stack.plumb("validate", "--no-color")
        #expect(result.code == 1)
        return result.words
    }

    @Test(
        arguments: [
            ("depoy", ["deploy/in/a.yaml"], "Did you mean \"deploy\"?"),
            ("deploy", ["deploy/in/a.yaml"], "`deploy/**/*.yaml` takes what lies in its folders too"),
            ("deploy/*.yml", ["deploy/a.yaml"], "No file is there for \"deploy/*.yml\""),
            ("deploy/a.yml", ["deploy/a.yaml"], "Did you mean \"deploy/a.yaml\"?"),
            ("../up", ["deploy/a.yaml"], "leads out of the directory of the specs"),
        ] as [(String, [String], String)])
    func whatNamesNothingIsRefused(_ pattern: String, _ there: [String], _ text: String) async throws {
        var files = ["main.yaml": "manifests:\n  web: {files: \"\(pattern)\"}\n"]
        for name in there { files[name] = Self.map }
        let words = try await words(files)
        #expect(words.contains("main.yaml:2:16"), "\(words)")
        #expect(words.contains(text), "\(words)")
    }

    @Test(
        arguments: [
            ("apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: a\n", "web.yaml:4:1", "here stands a tab"),
            (map + "---\n" + map, "web.yaml:5:1", "is declared already, at web.yaml:1:1"),
            (
                map.replacing("name: a", with: "name: \"a-${var.x}\""), "web.yaml:3:18",
                "A manifest is taken verbatim, so that `metadata.name`"
            ),
            (map.replacing("name: a", with: "generateName: a-"), "web.yaml:3:11", "Give `metadata.name`"),
        ])
    func mistakesInManifestsHavePlaces(_ text: String, _ place: String, _ reason: String) async throws {
        let words = try await words(["web.yaml": text])
        #expect(words.contains(place), "\(words)")
        #expect(words.contains(reason), "\(words)")
    }

    /// In a manifest nobody can write `provider:`.
    @Test func aPlainManifestOfTwoClustersIsToldWhereToGo() async throws {
        let providers = "stack: test\nproviders: {kubernetes: {one: {host: 'http://a'}, two: {host: 'http://b'}}}\n"
        let words = try await words(["stack.yaml": providers, "web.yaml": Self.map])
        #expect(words.contains("`manifests: {web: {files: FOLDER, provider: kubernetes.one}}`"), "\(words)")
    }

    /// Whatever a template makes of a secret, no message shows it.
    @Test(
        .enabled(if: RenderingPrograms.folder != nil, "helm is missing (Tests/Services/rendering-programs)"),
        arguments: [
            ("{{ fail .Values.password }}", "Chart cannot be rendered"),
            (map + "data: {a: {{ .Values.password }}, a: {{ .Values.password }}}", "Rendered manifests cannot be read"),
            (map + "data: {{ .Values.password }}: [", "Chart cannot be rendered"),
            ("kind: {{ .Values.password }}", "Incomplete Kubernetes manifest"),
            (
                map.replacing("name: a", with: "name: {{ .Values.password }}, annotations: {helm.sh/hook: pre-delete}"),
                "Nothing was rendered"
            ),
        ])
    func chartsThatFailShowNoSecret(_ template: String, _ summary: String) async throws {
        let files = [
            "main.yaml": "variables:\n  p: {default: canary-4471, sensitive: true}\n"
                + "locals: {q: \"${var.p}\"}\nmanifests:\n  web: {helm: {chart: c, values: {password: \"${local.q}\"}}}\n",
            "c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", "c/templates/a.yaml": template,
        ]
        let words = try await words(files, ["PATH": RenderingPrograms.searchPath])
        #expect(words.contains(summary), "\(words)")
        #expect(summary == "Nothing was rendered" || words.contains("c/templates/a.yaml"), "\(words)")
        #expect(!words.contains("canary-4471"), "\(words)")
    }
}
