import PlumbModel
import Testing

/// Plans and states for programs: whole, in Terraform's form, and without secrets.
struct PlanJSONTests {
    private static let secrets = """
        variables: {token: {type: string, default: top-secret-1, sensitive: true}}
        resources:
          data_value.a: {spec: {input: {user: root, token: "${var.token}", list: [1, "${var.token}"]}}}
          random_password.p: {spec: {length: 20}}
        outputs:
          token: {value: "${var.token}", sensitive: true}
        """

    @Test func secretsAreMaskedUnlessTheyAreAskedFor() async throws {
        let stack = try Stack(["main.yaml": Self.secrets])
        let planned = try await stack.plumb("plan", "--json", "--out", "it.plan")
        #expect(planned.code == 0, "\(planned.errors)")
        #expect(!planned.output.contains("top-secret"))
        let document = try Value(json: planned.output)
        let change = try #require(document[key: "resource_changes"]?.asList?.first)[key: "change"]
        #expect(
            change?[key: "after"]?[key: "input"] == [
                "user": "root", "token": "(sensitive)", "list": [1, "(sensitive)"],
            ])
        #expect(change?[key: "after_sensitive"]?[key: "input"] == ["token": true, "list": [false, true]])
        #expect(document[key: "variables"] == ["token": ["value": "(sensitive)"]])
        let declared = document[key: "configuration"]?[key: "root_module"]?[key: "variables"]
        #expect(declared == ["token": ["default": "(sensitive)", "sensitive": true]])

        let shown = try await stack.plumb("show", "--json", "it.plan")
        #expect(shown.output == planned.output)
        let open = try await stack.plumb("show", "--json", "--show-sensitive", "it.plan")
        #expect(open.output.contains("top-secret-1"))
        let archive = try #require(stack.read("it.plan"))
        #expect(!archive.replacing(#/"t[^"]*"/#, with: "").contains("\"value\\\":\\\"top-secret"))

        try await stack.apply("it.plan")
        let password = try await stack.shell("sqlite3 .plumb/state.db 'SELECT count(*) FROM resources'")
        #expect(password == "2\n")
        let state = try await stack.plumb("show", "--json")
        #expect(!state.output.contains("top-secret"))
        let values = try Value(json: state.output)[key: "values"]
        #expect(values?[key: "outputs"]?[key: "token"]?[key: "value"] == "(sensitive)")
        let resources = values?[key: "root_module"]?[key: "resources"]?.asList ?? []
        #expect(resources.map { $0[key: "address"] } == ["data_value.a", "random_password.p"])
        let secret = try await stack.plumb("show", "--json", "--show-sensitive")
        #expect(secret.output.contains("top-secret-1"))
    }

    @Test func whatBecomesSecretIsMaskedInWhatWasRecordedToo() async throws {
        func spec(_ isSensitive: Bool) -> String {
            """
            variables: {token: {type: string, default: top-secret-1, sensitive: \(isSensitive)}}
            resources:
              data_value.same: {spec: {input: "${var.token}"}}
              data_value.changed: {spec: {input: ["${var.token}", \(isSensitive)]}}
            outputs:
              token: {value: "${var.token}", sensitive: \(isSensitive)}
            """
        }
        let stack = try Stack(["main.yaml": spec(false)])
        try await stack.apply()
        try stack.write("main.yaml", spec(true))
        let hidden = try await stack.plumb("plan", "--json")
        #expect(!hidden.output.contains("top-secret"), "\(hidden.output)")
        try await stack.apply()
        try stack.write("main.yaml", spec(false))
        let shown = try await stack.plumb("plan", "--json")
        let document = try Value(json: shown.output)
        let change = document[key: "resource_changes"]?.asList?.first?[key: "change"]
        #expect(change?[key: "before"]?[key: "input"] == ["(sensitive)", true])
        #expect(change?[key: "after"]?[key: "input"] == ["(sensitive)", false])
    }

    @Test func theOutputIsTheDocumentAlone() async throws {
        let stack = try Stack([
            "main.yaml": "variables: {v: {type: number, default: 010}}\nresources: {data_value.a: {}}\n"
        ])
        let planned = try await stack.plumb("plan", "--json", "--detailed-exitcode")
        #expect(planned.code == 2)
        #expect(planned.output.split(separator: "\n").count == 1)
        #expect(try Value(json: planned.output)[key: "format_version"] == "1.2")
        try stack.write("main.yaml", "resources: {data_value.a: {spec: {input: '${nothing.at.all}'}}}\n")
        let refused = try await stack.plumb("plan", "--json")
        #expect(refused.code == 1)
        #expect(refused.output.isEmpty)
        #expect(refused.errors.contains("error: "))
        let wrong = try await stack.plumb("plan", "--show-sensitive")
        #expect(wrong.errors.contains("--show-sensitive needs --json"))
    }

    @Test func anEmptyStateIsADocumentToo() async throws {
        let stack = try Stack(["main.yaml": "resources: {}\n"])
        #expect(try await stack.plumb("show", "--json").output == "{\"format_version\":\"1.0\"}\n")
    }

    @Test func driftIsTold() async throws {
        let stack = try Stack(["main.yaml": "resources: {local_file.a: {spec: {filename: out/a, content: ours}}}\n"])
        try await stack.apply()
        try stack.write("out/a", "theirs")
        let document = try Value(json: try await stack.plumb("plan", "--json").output)
        let drift = try #require(document[key: "resource_drift"]?.asList?.first)
        #expect(drift[key: "address"] == "local_file.a")
        #expect(drift[key: "provider_name"] == "plumbline/builtin/builtin")
        #expect(drift[key: "change"]?[key: "actions"] == ["update"])
        #expect(drift[key: "change"]?[key: "before"]?[key: "content"] == "ours")
        #expect(drift[key: "change"]?[key: "after"]?[key: "content"] == "theirs")
        let change = try #require(document[key: "resource_changes"]?.asList?.first)[key: "change"]
        #expect(change?[key: "before"]?[key: "content"] == "theirs")
        #expect(change?[key: "after"]?[key: "content"] == "ours")
    }

    @Test func dataThatIsReadLaterSaysWhy() async throws {
        let stack = try Stack([
            "main.yaml": """
            resources:
              local_file.a: {spec: {filename: a.txt, content: x}}
              data_value.name: {spec: {input: a.txt}}
            data:
              local_file.now: {spec: {filename: main.yaml}}
              local_file.unknown: {spec: {filename: "${data_value.name.output}"}, depends_on: [local_file.a]}
              local_file.pending: {spec: {filename: a.txt}, depends_on: [local_file.a]}
            """
        ])
        let document = try Value(json: try await stack.plumb("plan", "--json").output)
        let changes = document[key: "resource_changes"]?.asList ?? []
        func reason(_ address: String) -> Value? {
            changes.first { $0[key: "address"]?.asString == address }?[key: "action_reason"]
        }
        #expect(reason("data.local_file.unknown") == "read_because_config_unknown")
        #expect(reason("data.local_file.pending") == "read_because_dependency_pending")
        #expect(!changes.contains { $0[key: "address"] == "data.local_file.now" })
        let prior = document[key: "prior_state"]?[key: "values"]?[key: "root_module"]?[key: "resources"]?.asList
        #expect(prior?.map { $0[key: "address"] } == ["data.local_file.now"])
        let order = document[key: "plumbline_steps"]?.asList ?? []
        let index = try #require(order.firstIndex { $0[key: "address"] == "data.local_file.pending" })
        let waits = order[index][key: "after"]?.asList?.compactMap(\.asInt) ?? []
        #expect(waits.map { order[$0][key: "address"] } == ["local_file.a"])
    }

    @Test func aPolicyMadeForTerraformReadsIt() async throws {
        let stack = try Stack([
            "main.yaml": "resources: {data_value.a: {count: 3, spec: {input: '${count.index}'}}}\n",
            // What conftest's users write in Rego, in the language at hand.
            "policy.py": """
            import json, sys
            plan = json.load(sys.stdin)
            assert plan["format_version"].startswith("1.") and plan["terraform_version"]
            destroyed = [c["address"] for c in plan["resource_changes"] if "delete" in c["change"]["actions"]]
            untagged = [r["address"] for r in plan["planned_values"]["root_module"].get("resources", [])
                        if r["mode"] == "managed" and not r["values"].get("triggers_replace")]
            print(",".join(destroyed), len(untagged))
            """,
        ])
        try await stack.apply()
        try stack.write("main.yaml", "resources: {data_value.a: {count: 1, spec: {input: '${count.index}'}}}\n")
        let plan = try await stack.plumb("plan", "--json")
        try stack.write("plan.json", plan.output)
        #expect(try await stack.shell("python3 policy.py < plan.json") == "data_value.a[1],data_value.a[2] 1\n")
    }
}
