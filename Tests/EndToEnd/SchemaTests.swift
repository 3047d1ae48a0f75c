import Foundation
import Testing
import ThrowawayServers

/// `plumb schema`: a validator that is not ours takes the schema, accepts what is right and refuses what is wrong.
struct SchemaTests {
    /// Checks each document of YAML files against a schema, and prints what is wrong with which.
    private static let validator = """
        import json, sys, yaml, jsonschema
        class Loader(yaml.SafeLoader): pass
        # YAML 1.2 has neither yes and no, nor dates.
        Loader.yaml_implicit_resolvers = {
            first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":bool", ":timestamp"))]
            for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}
        import re
        Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))
        schema = json.load(open(sys.argv[1]))
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        for path in sys.argv[2:]:
            errors = [error for document in yaml.load_all(open(path), Loader) for error in validator.iter_errors(document)]
            print(path, "valid" if not errors else "invalid: " + "; ".join(error.message for error in errors)[:600])
        """

    private static let hasValidator: Bool = {
        let python = URL(fileURLWithPath: "/usr/bin/python3")
        let words = ["-c", "import jsonschema, yaml; jsonschema.Draft202012Validator"]
        return (try? ThrowawayProcess.run(python, words))?.status == 0
            || ProcessInfo.processInfo.environment["CI"] != nil
    }()

    private func validate(_ stack: Stack, _ subject: String, _ files: [String]) async throws -> [String] {
        let schema = try await stack.plumb("schema", subject)
        try #require(schema.code == 0, "\(schema.errors)")
        try stack.write("validate.py", Self.validator)
        try stack.write("\(subject).json", schema.output)
        let output = try await stack.shell(
            "/usr/bin/python3 validate.py \(subject).json \(files.joined(separator: " "))")
        return output.split(separator: "\n").map(String.init)
    }

    @Test(
        .enabled(if: hasValidator, "python3-jsonschema is not installed"), arguments: ["quickstart", "dns"])
    func examplesAreValid(_ example: String) async throws {
        let stack = try Stack(
            copying: "examples/\(example)", environment: ["PDNS_URL": "http://127.0.0.1:1", "PDNS_KEY": "k"])
        let specs = stack.list("").filter { $0.hasSuffix(".yaml") && $0 != "stack.yaml" }
        for line in try await validate(stack, "spec", specs) { #expect(line.hasSuffix(" valid"), "\(line)") }
        #expect(try await validate(stack, "stack", ["stack.yaml"]) == ["stack.yaml valid"])
    }

    @Test(.enabled(if: hasValidator, "python3-jsonschema is not installed"))
    func whatTheLanguageAllowsIsValid() async throws {
        let stack = try Stack(["valid.yaml": Self.everything, "empty.yaml": "# nothing\n"])
        let lines = try await validate(stack, "spec", ["valid.yaml", "empty.yaml"])
        #expect(lines == ["valid.yaml valid", "empty.yaml valid"])
    }

    @Test(.enabled(if: hasValidator, "python3-jsonschema is not installed"))
    func whatTheLanguageRefusesIsInvalid() async throws {
        let stack = try Stack(
            Dictionary(
                uniqueKeysWithValues: Self.wrong.enumerated().map { ("wrong\($0).yaml", $1 + "\n") }))
        let files = Self.wrong.indices.map { "wrong\($0).yaml" }
        for (line, text) in zip(try await validate(stack, "spec", files), Self.wrong) {
            #expect(line.contains(" invalid: "), "\(line): \(text)")
        }
        let stacks = ["state: {sqlite: {}}", "stack: a\nstate: {sqlit: {}}", "stack: a\nproviders: {nobody: {}}"]
        for (number, text) in stacks.enumerated() { try stack.write("stack\(number).yaml", text + "\n") }
        let lines = try await validate(stack, "stack", stacks.indices.map { "stack\($0).yaml" })
        for line in lines { #expect(line.contains(" invalid: "), "\(line)") }
    }

    @Test func aTypeIsToldToPeople() async throws {
        let stack = try Stack()
        let result = try await stack.plumb("schema", "random_integer")
        #expect(result.code == 0, "\(result.errors)")
        let path = Repository.root.path + "/Tests/EndToEnd/Cases/schema/random_integer.txt"
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data(result.output.utf8).write(to: URL(fileURLWithPath: path))
            Issue.record("Recorded; run the tests again without RECORD.")
        }
        #expect(result.output == (try String(contentsOfFile: path, encoding: .utf8)))
        let json = try await stack.plumb("schema", "random_integer", "--json")
        let document = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        #expect((document?["required"] as? [String])?.sorted() == ["max", "min"])
    }

    @Test func itNeedsNoStackAndKnowsTheProvidersOfOne() async throws {
        let stack = try Stack()
        try stack.remove("stack.yaml")
        #expect(try await stack.plumb("schema").output.contains("^local_file\\\\."))
        let unknown = try await stack.plumb("schema", "local_fil")
        #expect(unknown.code == 1 && unknown.words.contains("Did you mean \"local_file\"?"))
        try stack.write(
            "stack.yaml", "stack: a\nproviders: {http: {dns: {api: powerdns, base_url: \"http://127.0.0.1:1\"}}}\n")
        let zone = try await stack.plumb("schema", "powerdns_zone")
        #expect(zone.code == 0 && zone.output.contains("http.dns"), "\(zone.errors)")
    }

    private static let everything = """
        variables:
          a:
          b: {type: number, default: 1, validation: [{condition: "${var.b > 0}", error: No.}]}
        locals: {a: [1, {b: 2}], yes: no}
        resources:
          local_file.a:
            for_each: ${var.a}
            provider: builtin
            enabled: "${var.b > 1}"
            depends_on: [random_pet.b]
            spec: {filename: a, content: 12, file_mode: "0644"}
            lifecycle:
              prevent_destroy: ${var.b > 0}
              ignore_changes: all
              preconditions: [{condition: true, error: x}]
            ready: {when: "${self.filename != \\"\\"}", timeout: 5m}
            drift: {mode: warn}
            timeouts: {create: 1m}
            retry: {attempts: 3, pause: 2s}
          random_pet.b:
          random_integer.c: {count: 3, spec: {min: "${var.b}", max: "10"}}
        data:
          local_file.d: {spec: {filename: a}}
        modules:
          net: {source: ./net, inputs: {a: 1}, for_each: ["a", "b"]}
        outputs: {o: {value: [1], sensitive: true}}
        checks:
          up:
            data: {local_file.e: {spec: {filename: a}}}
            assert: [{condition: "${true}", error: Down.}]
        moved: [{from: local_file.x, to: local_file.a}]
        import: [{to: local_file.a, id: a}]
        removed: [{from: local_file.z, destroy: false}, {from: local_file.y, lifecycle: {prevent_destroy: true}}]
        ---
        apiVersion: v1
        kind: ConfigMap
        data: {a: b}
        """

    private static let wrong = [
        "resource: {}", "resources: [1]", "resources: {local_file.a: {specs: {}}}",
        "resources: {local_file.a: {}}", "resources: {local_file.a: {spec: {content: x}}}",
        "resources: {local_file.a: {spec: {filename: a, colour: red}}}",
        "resources: {local_file.a: {spec: {filename: [a]}}}", "resources: {locl_file.a: {spec: {filename: a}}}",
        "resources: {random_integer.a: {spec: {min: one, max: 2}}}",
        "resources: {random_integer.a: {spec: {min: 1, max: 2, result: 1}}}",
        "resources: {random_pet.a: {lifecycle: {prevent_destroy: maybe}}}", "resources: {random_pet.a: {count: -x}}",
        "data: {local_file.a: {drift: {mode: warn}, spec: {filename: a}}}", "outputs: {a: {}}",
        "variables: {a: {typ: string}}", "moved: [{from: a}]", "checks: {a: {assert: [{condition: true}]}}",
        "import: {}", "apiVersion: v1", "just text",
    ]
}
