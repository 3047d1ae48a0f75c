import Loading
import PlumbModel
import Testing

struct SpecLoaderTests {
    private func load(_ files: [String: String]) throws(Diagnostics) -> Specification {
        try SpecLoader(source: MemorySource(name: "test", contents: files.mapValues { Array($0.utf8) })).load()
    }

    @Test func everySection() throws {
        let specification = try load([
            "stack.yaml":
                "stack: web-prod\nstate:\n  sqlite: {path: a.db}\nproviders: {http: {}}\nsync: {prune: true}\n",
            "main.yaml": """
            variables:
              zones:
                type: map(object({cidr = string, size = optional(number, 2)}))
                default: {}
                description: Where to build.
                sensitive: true
                nullable: false
                validation:
                  - {condition: "${length(var.zones) > 0}", error: "Give one."}
              bare:
            locals:
              prefix: ${stack.name}-x
            resources:
              libvirt_domain.web:
                provider: libvirt.second
                for_each: ${var.zones}
                enabled: true
                depends_on: [libvirt_network.lab]
                spec: {memory: 2GiB}
                ready: {timeout: 5m}
                lifecycle:
                  create_before_destroy: true
                  prevent_destroy: true
                  ignore_changes: [spec.metadata]
                  replace_triggered_by: []
                  retain: true
                  preconditions: []
                  postconditions: []
                drift: {mode: warn}
                timeouts: {create: 1m}
                retry: {attempts: 3}
              libvirt_network.lab:
            data:
              libvirt_network.lab: {count: 2, spec: {}}
            outputs:
              all: {value: "${local.prefix}", description: All., sensitive: true}
            """,
            "k8s.yml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n# nothing\n---\nlocals: {b: 2}\n",
            "prod.vars.yaml": "zones: {}\n", "dev.vars.yml": "][", "notes.txt": "", "sub/x.yaml": "][",
        ])
        #expect(specification.stack.name == "web-prod")
        #expect(specification.stack.state?["sqlite"]?["path"]?.scalar?.text == "a.db")
        #expect(specification.stack.providers?.mapping?.map(\.key) == ["http"])
        #expect(specification.stack.sync.prunes)
        #expect(specification.files.map(\.path) == ["k8s.yml", "main.yaml", "stack.yaml"])
        #expect(specification.variableFiles == ["dev.vars.yml", "prod.vars.yaml"])
        #expect(specification.warnings.isEmpty)
        #expect(specification.locals.map(\.name) == ["b", "prefix"])
        let manifests = specification.resources.first { !$0.manifests.isEmpty }
        #expect(manifests?.address.description == "kubernetes_manifest.k8s")
        #expect(manifests?.manifests.map(\.key) == ["ConfigMap/a"])
        let zones = try #require(specification.variables.first)
        #expect(zones.type == ValueType(parsing: "map(object({cidr = string, size = optional(number, 2)}))"))
        #expect(zones.defaultValue?.mapping?.isEmpty == true)
        #expect(zones.isSensitive && !zones.isNullable && zones.summary == "Where to build.")
        #expect(zones.validations.first?.message.scalar?.text == "Give one.")
        let bare = try #require(specification.variables.last)
        #expect(bare.type == .any && bare.defaultValue == nil && bare.isNullable && !bare.isSensitive)
        #expect(
            specification.resources.map(\.address.description) == [
                "kubernetes_manifest.k8s", "libvirt_domain.web", "libvirt_network.lab", "data.libvirt_network.lab",
            ])
        let output = try #require(specification.outputs.first)
        #expect(output.name == "all" && output.isSensitive && output.summary == "All.")
        checkMetaKeys(specification.resources[1])
    }

    private func checkMetaKeys(_ web: ResourceDeclaration) {
        #expect(web.range.description == "main.yaml:14:3")
        #expect(web.provider?.scalar?.text == "libvirt.second")
        #expect(web.forEach?.range.text == "${var.zones}")
        #expect(web.count == nil && web.enabled != nil && web.dependsOn?.sequence?.count == 1)
        #expect(web.spec?["memory"]?.scalar?.text == "2GiB")
        #expect(web.ready != nil && web.drift != nil && web.timeouts != nil && web.retry != nil)
        let lifecycle = web.lifecycle
        #expect(lifecycle.createBeforeDestroy != nil && lifecycle.preventDestroy != nil)
        #expect(lifecycle.ignoreChanges?.sequence?.count == 1 && lifecycle.replaceTriggeredBy != nil)
        #expect(lifecycle.retain != nil && lifecycle.preconditions != nil && lifecycle.postconditions != nil)
    }

    @Test func emptySectionsAndDocuments() throws {
        let specification = try load(["stack.yaml": "stack: a\n", "a.yaml": "resources:\nlocals:\n", "b.yaml": ""])
        #expect(specification.resources.isEmpty && specification.files.count == 3)
    }

    @Test func leadingZerosAreSuspicious() throws {
        let specification = try load(["stack.yaml": "stack: a\n", "a.yaml": "locals: {mode: 0644, text: \"0644\"}\n"])
        #expect(specification.warnings.all.map(\.summary) == ["Number with a leading zero"])
        #expect(specification.locals[0].node.scalar?.value == .number(644))
    }

    @Test func manifestsAreVerbatim() throws {
        let text =
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nresources: {anything: here}\n"
            + "data: {script: \"${NOT_OURS}\"}\n"
        let specification = try load(["stack.yaml": "stack: a\n", "a.yaml": text])
        #expect(specification.resources.count == 1)
        let manifest = try #require(specification.resources[0].manifests.first)
        #expect(manifest.node["data"]?["script"]?.scalar?.text == "${NOT_OURS}")
    }

    @Test func manifestsAreInstancesOfTheirFile() throws {
        let text = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, namespace: shop}
            ---
            apiVersion: v1
            kind: List
            items:
              - {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
              - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
            """
        let specification = try load([
            "stack.yaml": "stack: a\n", "01-web.v2.yaml": text,
            "other.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}",
        ])
        #expect(
            specification.resources.map(\.address.description) == [
                "kubernetes_manifest.01-web-v2", "kubernetes_manifest.other",
            ])
        #expect(
            specification.resources[0].manifests.map(\.key) == [
                "apps/Deployment/shop/web", "Namespace/shop", "ConfigMap/a",
            ])
        #expect(specification.resources[0].manifests[0].range.startPosition.line == 1)
        #expect(specification.resources[0].manifests[2].range.startPosition.line == 9)
    }

    @Test func variableFiles() throws {
        let source = MemorySource(
            name: "test",
            contents: [
                "a.vars.yaml": Array("region: eu\nzones: [1]\n".utf8), "empty.vars.yaml": [],
                "secret.vars.yaml": Array("x: 1\nsops: {version: 3}\n".utf8), "list.vars.yaml": Array("- a\n".utf8),
                "two.vars.yaml": Array("a: 1\n---\nb: 2\n".utf8), "name.vars.yaml": Array("a b: 1\n".utf8),
            ])
        let values = try VariableFile.load("a.vars.yaml", from: source).pairs
        #expect(values.map(\.name) == ["region", "zones"])
        #expect(values[1].node.sequence?.count == 1)
        #expect(try VariableFile.load("empty.vars.yaml", from: source).pairs.isEmpty)
        let refusals = [
            ("list.vars.yaml", "Wrong kind of value"), ("two.vars.yaml", "Several documents in a variable file"),
            ("name.vars.yaml", "Invalid name"), ("a.var.yaml", "No such variable file"),
            ("secret.vars.yaml", "Encrypted file is not read here"),
        ]
        for (path, summary) in refusals {
            let problems = #expect(throws: Diagnostics.self) { try VariableFile.load(path, from: source) }
            #expect(problems?.all.map(\.summary) == [summary])
        }
    }

    /// The size that a stack of 10,000 resources has.
    @Test func tenThousandResources() throws {
        var text = "resources:\n"
        for index in 0..<10_000 {
            text += "  dns_record.r\(index):\n    spec:\n      name: host-\(index).example.org\n"
        }
        let clock = ContinuousClock()
        let files = ["stack.yaml": Array("stack: a\n".utf8), "main.yaml": Array(text.utf8)]
        let source = MemorySource(name: "test", contents: files)
        for _ in 0..<3 {
            let start = clock.now
            let specification = try SpecLoader(source: source).load()
            print("10,000 resources, \(text.utf8.count) bytes: \(clock.now - start)")
            #expect(specification.resources.count == 10_000)
        }
    }
}
