import Foundation
import Testing

/// `plumb state rekey`, `migrate`, `diff`, `rollback` and `import`: a state gets another key, place or past.
struct StateMovingTests {
    private static let spec = """
        variables:
          text: {type: string, default: one}
          names: {type: set(string), default: [x, y]}
          numbers: {type: number, default: 2}
        resources:
          local_file.a: {spec: {filename: out/a, content: "${var.text}"}}
          local_file.b: {for_each: "${var.names}", spec: {filename: "out/b-${each.key}", content: "${var.text} ${each.key}"}}
          local_file.c: {count: "${var.numbers}", spec: {filename: "out/c-${count.index}", content: x}}
          random_password.p: {spec: {length: 24}}
          local_file.s: {spec: {filename: out/s, sensitive_content: "${random_password.p.result}-${var.text}"}}
        outputs:
          password: {value: "${random_password.p.result}", sensitive: true}
        """

    private func applied(_ environment: [String: String] = [:]) async throws -> Stack {
        let stack = try Stack(["main.yaml": Self.spec], environment: environment)
        try await stack.apply()
        return stack
    }

    // MARK: - rekey

    @Test func rekeyingChangesTheKeyAndEverySealedText() async throws {
        let stack = try await applied()
        try await stack.apply("--var", "text=two")
        let password = try await stack.plumb("output", "--raw", "password").output
        let (key, before) = (stack.read(".plumb/state.key"), try await stack.sealed())
        let result = try await stack.plumb("state", "rekey")
        #expect(result.code == 0, "\(result.errors)")
        #expect(stack.read(".plumb/state.key") != key)
        #expect(stack.read(".plumb/state.key")?.split(separator: "\n").count == 1)
        #expect(try await stack.shell("stat -c %a .plumb/state.key") == "600\n")
        let after = try await stack.sealed()
        #expect(after.count >= before.count && before.count >= 3)
        #expect(after.isDisjoint(with: before), "something is sealed as it was")
        #expect(try await stack.plumb("output", "--raw", "password").output == password)
        #expect(try await stack.plumb("plan", "--detailed-exitcode", "--var", "text=two").code == 0)
        #expect(try await stack.plumb("state", "verify").words.contains("The state is whole."))
        #expect(try await stack.plumb("state", "history", "local_file.s").code == 0)
    }

    @Test(arguments: ["rekey-began:1", "rekey-resealed:1", "rekey-committed:1"])
    func aKilledRekeyingLosesNothingAndIsEndedByTheNext(_ fault: String) async throws {
        let stack = try await applied()
        let password = try await stack.plumb("output", "--raw", "password").output
        let killed = try await stack.plumb("state", "rekey", environment: ["PLUMB_FAULT": fault])
        #expect(killed.code != 0)
        #expect(try await stack.plumb("output", "--raw", "password").output == password)
        // An apply in between seals with the newest key, which is there already.
        try await stack.apply("--var", "text=between")
        let verified = try await stack.plumb("state", "verify")
        #expect(verified.code == 0, "\(verified.errors)")
        #expect(verified.words.contains("Key rotation is not over") == (fault != "rekey-committed:1"))
        #expect(try await stack.plumb("state", "rekey").code == 0)
        #expect(stack.read(".plumb/state.key")?.split(separator: "\n").count == 1)
        #expect(try await stack.plumb("state", "verify").words.contains("The state is whole."))
        #expect(try await stack.plumb("output", "--raw", "password").output == password)
    }

    @Test func anApplyThatWaitedForApprovalSealsWithTheNewKey() async throws {
        let stack = try await applied()
        #expect(try await stack.plumb("plan", "--out", "p.plan", "--var", "text=two").code == 0)
        #expect(try await stack.plumb("state", "rekey").code == 0)
        let stale = try await stack.plumb("apply", "p.plan")
        #expect(stale.code == 1)
        #expect(stale.words.contains("plumb state rekey"), "\(stale.errors)")
    }

    @Test func keysOfTheEnvironmentRotateWithTheFirstInFront() async throws {
        let (old, new) = (Data(repeating: 1, count: 32), Data(repeating: 2, count: 32))
        let (first, second) = (old.base64EncodedString(), new.base64EncodedString())
        let stack = try await applied(["PLUMB_STATE_KEY": first])
        #expect(!stack.exists(".plumb/state.key"))
        #expect(try await stack.plumb("state", "rekey").words.contains("put a new one in front"))
        let both = ["PLUMB_STATE_KEY": "\(second),\(first)"]
        #expect(try await stack.plumb("state", "rekey", environment: both).code == 0)
        #expect(
            try await stack.plumb("plan", "--detailed-exitcode", environment: ["PLUMB_STATE_KEY": second]).code == 0)
        #expect(try await stack.plumb("plan").code == 1)
    }

    // MARK: - migrate

    @Test func aMigratedStateHasItsLineageAndItsPast() async throws {
        let stack = try await applied()
        try await stack.apply("--var", "text=two")
        let before = try await stack.plumb("state", "pull", "--history").output
        let result = try await stack.plumb("state", "migrate", "--to", "sqlite:other/state.db")
        #expect(result.code == 0, "\(result.errors)")
        for command in [
            ["plan"], ["apply", "--auto-approve"], ["state", "list"], ["state", "migrate", "--to", "sqlite:x"],
        ] {
            let refused = await (try stack.start(command)).result()
            #expect(refused.code == 1)
            #expect(refused.words.contains("it was moved to SQLite"), "\(command): \(refused.errors)")
        }
        try stack.write("stack.yaml", "stack: test\nstate: {sqlite: {path: other/state.db}}\n")
        #expect(try await stack.plumb("plan", "--detailed-exitcode", "--var", "text=two").code == 0)
        #expect(try await stack.plumb("state", "verify").words.contains("The state is whole."))
        let after = try await stack.plumb("state", "pull", "--history").output
        // The migration's own run stands at the end.
        #expect(after.hasPrefix(String(before.dropLast(6))), "something was lost")
        #expect(after.contains("\"state migrate\""))
        let back = try await stack.plumb("state", "migrate", "--to", "{sqlite: {path: .plumb/state.db}}")
        #expect(back.code == 0, "\(back.errors)")
        try stack.write("stack.yaml", "stack: test\n")
        #expect(try await stack.plumb("plan", "--detailed-exitcode", "--var", "text=two").code == 0)
    }

    @Test func aKilledMigrationIsRepeated() async throws {
        let stack = try await applied()
        let killed = try await stack.plumb(
            "state", "migrate", "--to", "sqlite:other.db", environment: ["PLUMB_FAULT": "migrate-copied:1"])
        #expect(killed.code != 0)
        try await stack.apply("--var", "text=two")
        let result = try await stack.plumb("state", "migrate", "--to", "sqlite:other.db")
        #expect(result.code == 0, "\(result.errors)")
        try stack.write("stack.yaml", "stack: test\nstate: {sqlite: {path: other.db}}\n")
        #expect(try await stack.plumb("plan", "--detailed-exitcode", "--var", "text=two").code == 0)
    }

    @Test func nothingIsWrittenOverAnotherState() async throws {
        let (stack, other) = (try await applied(), try await applied())
        let foreign = try await stack.plumb("state", "migrate", "--to", "sqlite:\(other.path(".plumb/state.db"))")
        #expect(foreign.code == 1)
        #expect(foreign.words.contains("of another lineage"), "\(foreign.errors)")
        for place in ["nowhere", "sqlight:x", "mysql://x", "{sqlite: {path: [1]}}", "{sqlite: {}, b: {}}"] {
            let result = try await stack.plumb("state", "migrate", "--to", place)
            #expect(result.code == 1)
            #expect(!result.errors.isEmpty)
        }
        #expect(try await stack.plumb("state", "migrate", "--to", "sqlite:.plumb/state.db").code == 1)
        try await stack.expectNoChanges()
        try await other.expectNoChanges()
    }

    // MARK: - diff and rollback

    @Test func theDifferenceOfTwoPointsIsToldWithoutSecrets() async throws {
        let stack = try await applied()
        let first = try await stack.runs()[0]
        try await stack.apply("--var", "text=two", "--var", #"names=["x", "z"]"#)
        let result = try await stack.plumb("state", "diff", first)
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.words.contains("~ local_file.a ~ content: \"one\" -> \"two\""), "\(result.output)")
        #expect(result.output.contains("- local_file.b[\"y\"]") && result.output.contains("+ local_file.b[\"z\"]"))
        #expect(result.words.contains("sensitive_content: (sensitive, changed)"))
        #expect(try await stack.plumb("state", "diff", "0", first).output.contains("+ local_file.a"))
        #expect(try await stack.plumb("state", "diff", "999").words.contains("Unknown generation"))
        #expect(try await stack.plumb("state", "diff", "abcdefgh").words.contains("Unknown run"))
    }

    @Test func aRollbackBringsBackWhatWasRecorded() async throws {
        let stack = try await applied()
        let first = try await stack.runs()[0]
        let files = try await stack.shell("cd out && head -c 99 *")
        try await stack.apply("--var", "text=two ${not an expression}")
        try await stack.apply("--var", "text=three", "--var", #"names=["x", "z"]"#, "--var", "numbers=1")
        let plan = try await stack.plumb("state", "rollback", first, "--plan")
        #expect(plan.code == 0, "\(plan.errors)")
        #expect(plan.words.contains("Plan: 2 to create, 3 to change, 0 to replace, 1 to destroy."), "\(plan.output)")
        #expect(stack.read("out/a") == "three")
        let result = try await stack.plumb("state", "rollback", first, "--auto-approve")
        #expect(result.code == 0, "\(result.errors)")
        #expect(try await stack.shell("cd out && head -c 99 *") == files)
        // The specs say what they said at first, so that there is nothing left to do.
        try await stack.expectNoChanges()
        #expect(try await stack.plumb("state", "history").words.contains("rollback"))
        let nothing = try await stack.plumb("state", "rollback", first, "--plan")
        #expect(nothing.code == 1)
        #expect(nothing.words.contains("Nothing to go back to"), "\(nothing.errors)")
    }

    @Test func whatCannotBeBroughtBackIsTold() async throws {
        let stack = try Stack([
            "main.yaml": """
            variables: {text: {type: string, default: one}}
            resources: {random_password.p: {spec: {length: 24}}}
            modules: {m: {source: ./m, inputs: {text: "${var.text}"}}}
            """,
            "m/main.yaml": """
            variables: {text: {type: string}}
            resources: {local_file.a: {spec: {filename: out/a, content: "${var.text}"}}}
            """,
        ])
        try await stack.apply()
        let first = try await stack.runs()[0]
        try await stack.apply("--replace", "random_password.p")
        let second = try await stack.runs()[0]
        let password = try await stack.plumb("state", "rollback", first, "--plan")
        #expect(password.code == 0, "\(password.errors)")
        #expect(password.words.contains("No way back"), "\(password.errors)")
        try await stack.apply("--var", "text=two")
        let module = try await stack.plumb("state", "rollback", second, "--plan")
        #expect(module.code == 1)
        #expect(module.words.contains("module.m.local_file.a"), "\(module.errors)")
        #expect(module.words.contains("revert the specs with Git"))
    }

    // MARK: - import

    @Test(.enabled(if: Program.isExpected("terraform")))
    func aStateOfTerraformIsTakenOver() async throws {
        let stack = try Stack([
            "tf/main.tf": """
            resource "terraform_data" "a" { input = { x = [1, "two"] } }
            resource "terraform_data" "many" {
              for_each = toset(["k", "l"])
              input    = sensitive("canary-${each.key}")
              triggers_replace = [terraform_data.a.id]
            }
            output "o" { value = terraform_data.a.id }
            """,
            "main.yaml": """
            resources:
              data_value.a: {spec: {input: {x: [1, two]}}}
              data_value.many:
                for_each: '${toset(["k", "l"])}'
                spec: {input: '${sensitive("canary-${each.key}")}', triggers_replace: ["${data_value.a.id}"]}
            outputs: {o: {value: "${data_value.a.id}"}}
            """,
        ])
        try await stack.shell(
            "cd tf && CHECKPOINT_DISABLE=1 terraform init -input=false && terraform apply -auto-approve -input=false")
        let result = try await stack.plumb("state", "import", "--terraform", "tf/terraform.tfstate")
        #expect(result.code == 0, "\(result.errors)")
        #expect(try await stack.recorded() == ["data_value.a", "data_value.many[\"k\"]", "data_value.many[\"l\"]"])
        let plan = try await stack.plumb("plan", "--detailed-exitcode")
        #expect(plan.code == 0, "\(plan.output)")
        #expect(try await stack.plumb("output", "--raw", "o").output.count == 36)
        let bytes = try await stack.shell("grep -c canary- .plumb/state.db .plumb/state.db-wal || true")
        #expect(!bytes.contains(where: { "123456789".contains($0) }), "a secret is stored in the clear: \(bytes)")
        let again = try await stack.plumb("state", "import", "--terraform", "tf/terraform.tfstate")
        #expect(again.words.contains("the state has a data_value.a already"), "\(again.errors)")
    }

    @Test func whatNobodyKnowsIsLeftOutAndListed() async throws {
        let stack = try Stack(["main.yaml": "resources: {random_id.r: {spec: {byte_length: 4}}}\n"])
        try stack.write(
            "terraform.tfstate",
            """
            {"version": 4, "terraform_version": "1.9.0", "serial": 7, "lineage": "x", "outputs": {}, "resources": [
              {"mode": "managed", "type": "random_id", "name": "r", "provider": "p", "instances": [{"schema_version": 0,
                "attributes": {"b64_std": "3q2+7w==", "b64_url": "3q2-7w", "byte_length": 4, "dec": "3735928559",
                  "hex": "deadbeef", "id": "3q2-7w", "keepers": null, "prefix": null}, "sensitive_attributes": []}]},
              {"mode": "data", "type": "aws_ami", "name": "d", "provider": "p", "instances": [{"attributes": {}}]},
              {"module": "module.m", "mode": "managed", "type": "aws_instance", "name": "i", "provider": "p", "instances": [
                {"index_key": 1, "schema_version": 1, "attributes": {"id": "i-1"}, "status": "tainted"}]}
            ]}
            """)
        let result = try await stack.plumb("state", "import", "--terraform", "terraform.tfstate")
        #expect(result.code == 0, "\(result.errors)")
        #expect(
            result.words.contains(
                "Left out module.m.aws_instance.i[1]: no configured provider has the type aws_instance."),
            "\(result.errors)")
        try await stack.expectNoChanges()
        #expect(try await stack.plumb("state", "show", "random_id.r").words.contains("\"deadbeef\""))
        for text in ["{}", "nothing", #"{"version": 3, "resources": []}"#] {
            try stack.write("terraform.tfstate", text)
            let refused = try await stack.plumb("state", "import", "--terraform", "terraform.tfstate")
            #expect(refused.code == 1)
            #expect(refused.words.contains("Not a Terraform state"), "\(refused.errors)")
        }
    }
}

extension Stack {
    /// The ids of the runs, newest first.
    func runs() async throws -> [String] {
        let output = try await plumb("state", "history").output
        return output.matches(of: #/[0-9a-f]{8}-[0-9a-f-]{27}/#).map { String($0.output) }
    }

    /// Every sealed text in the state.
    fileprivate func sealed() async throws -> Set<String> {
        let text = try await plumb("state", "pull", "--history").output
        return Set(text.matches(of: #/sealed:v1:[A-Za-z0-9+\/=]+/#).map { String($0.output) })
    }
}
