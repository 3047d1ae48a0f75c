import Foundation
import Testing

/// Attributes that are given to the provider and kept nowhere.
struct WriteOnlyTests {
    private static let api = """
        api: tsig
        auth: {header: X-API-Key, value: "${var.key}"}
        errors: {message: "${response.body.error}"}
        types:
          tsig_key:
            key: [name]
            schema:
              name: {type: string, required: true, forces_replacement: true, normalise: [trailing_dot]}
              algorithm: {type: string, default: hmac-sha256}
              key: {type: string, required: true, write_only: true}
            attributes: {name: "${live.name}"}
            read: {get: "/servers/localhost/tsigkeys/${trimsuffix(self.name, ".")}."}
            create:
              post: /servers/localhost/tsigkeys
              body: {name: "${self.name}", algorithm: "${self.algorithm}", key: "${self.key}"}
            update:
              put: "/servers/localhost/tsigkeys/${trimsuffix(self.name, ".")}."
              body: {name: "${self.name}", algorithm: "${self.algorithm}", key: "${self.key}"}
            delete: {delete: "/servers/localhost/tsigkeys/${trimsuffix(self.name, ".")}."}
        """

    private static let spec = """
        variables:
          key: {type: string, ephemeral: true}
          algorithm: {default: hmac-sha256}
        resources:
          tsig_key.k: {spec: {name: transfer, algorithm: "${var.algorithm}", key: "${var.key}"}}
        outputs: {null: {value: "${tsig_key.k.key == null}"}}
        """

    private static let keys = (1...4).map { Data("canary-key-number-\($0)-0123456789".utf8).base64EncodedString() }

    private func stack(_ server: PowerDNS) throws -> Stack {
        try Stack(
            [
                "stack.yaml": """
                stack: test
                providers: {http: {api: ./apis/tsig.yaml, base_url: "${env.PDNS_URL}", key: "${env.PDNS_KEY}"}}
                """, "apis/tsig.yaml": Self.api, "main.yaml": Self.spec,
            ], environment: server.environment)
    }

    private func given(_ index: Int, _ fault: String? = nil) -> [String: String] {
        ["PLUMB_VAR_key": Self.keys[index], "PLUMB_FAULT": fault].compactMapValues(\.self)
    }

    private func serverKey(_ stack: Stack) async throws -> String {
        let url = "$PDNS_URL/servers/localhost/tsigkeys/transfer."
        let answer = try await stack.shell("curl -sS -H \"X-API-Key: $PDNS_KEY\" \"\(url)\"")
        let object = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
        return object?["key"] as? String ?? answer
    }

    private func expectNothingKept(_ stack: Stack) throws {
        for name in stack.list(".plumb").map({ ".plumb/" + $0 }) + stack.list(".").filter({ $0.hasSuffix(".plan") }) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: stack.path(name)))
            for key in Self.keys { #expect(bytes.range(of: Data(key.utf8)) == nil, "a key stands in \(name)") }
        }
    }

    @Test(.enabled(if: PowerDNS.isExpected))
    func aKeyIsSetChangedAndNeverKept() async throws {
        let server = try await PowerDNS.start()
        let stack = try stack(server)
        var said = [try await stack.plumb("plan", "--out", "a.plan", environment: given(0))]
        said.append(try await stack.plumb("apply", "a.plan", environment: given(0)))
        #expect(said.last?.code == 0, "\(said.last?.errors ?? "")")
        #expect(try await serverKey(stack) == Self.keys[0])
        #expect(try await stack.plumb("output", "--raw", "null").output == "true")
        said.append(try await stack.plumb("plan", "--detailed-exitcode", environment: given(0)))
        #expect(said.last?.code == 0, "\(said.last?.output ?? "")")
        // Another value is noticed by its hash.
        said.append(try await stack.plumb("plan", "--out", "b.plan", environment: given(1)))
        #expect(said.last?.words.contains("key: (write-only, changed)") == true, "\(said.last?.output ?? "")")
        said.append(try await stack.plumb("show", "--json", "b.plan", environment: given(1)))
        try expectMarkedAsTerraformDoes(said.last?.output ?? "")
        // The saved plan has no value to give: the same must be given again.
        said.append(try await stack.plumb("apply", "b.plan", environment: ["PLUMB_VAR_other": ""]))
        #expect(said.last?.code == 1 && said.last?.words.contains("ephemeral") == true, "\(said.last?.errors ?? "")")
        said.append(try await stack.plumb("apply", "b.plan", environment: given(2)))
        #expect(said.last?.code == 1)
        #expect(
            said.last?.words.contains("Write-only value differs from the plan") == true, "\(said.last?.errors ?? "")")
        #expect(try await serverKey(stack) == Self.keys[0])
        said.append(try await stack.plumb("apply", "b.plan", environment: given(1)))
        #expect(said.last?.code == 0, "\(said.last?.errors ?? "")")
        #expect(try await serverKey(stack) == Self.keys[1])
        // An update of something else gives it again.
        let other = ["--var", "algorithm=hmac-sha512"]
        said.append(
            await (try stack.start(["apply", "--auto-approve"] + other, given(1))).result())
        #expect(said.last?.code == 0, "\(said.last?.errors ?? "")")
        #expect(try await serverKey(stack) == Self.keys[1])
        said.append(
            await (try stack.start(["apply", "--auto-approve", "--replace", "tsig_key.k"] + other, given(1))).result())
        #expect(try await serverKey(stack) == Self.keys[1])
        for arguments in [["state", "show", "tsig_key.k"], ["state", "history", "tsig_key.k"], ["state", "pull"]] {
            said.append(await (try stack.start(arguments)).result())
        }
        #expect(try await stack.plumb("state", "rekey").code == 0)
        said.append(await (try stack.start(["plan", "--detailed-exitcode"] + other, given(1))).result())
        #expect(said.last?.code == 0, "the hash has to survive another key: \(said.last?.output ?? "")")
        for result in said {
            for key in Self.keys { #expect(!(result.output + result.errors).contains(key), "a key is printed") }
        }
        try expectNothingKept(stack)
    }

    private func expectMarkedAsTerraformDoes(_ text: String) throws {
        let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let changes = try #require(document["resource_changes"] as? [[String: Any]])
        let change = try #require(changes.first?["change"] as? [String: Any])
        #expect(change["actions"] as? [String] == ["update"])
        for side in ["before", "after"] {
            let values = try #require(change[side] as? [String: Any])
            #expect(values["key"] is NSNull)
        }
    }

    @Test(.enabled(if: PowerDNS.isExpected))
    func whatTheServerSaysOfItIsNoDrift() async throws {
        let server = try await PowerDNS.start()
        let stack = try stack(server)
        _ = try await stack.plumb("apply", "--auto-approve", environment: given(0))
        let body =
            "{\\\"name\\\": \\\"transfer\\\", \\\"algorithm\\\": \\\"hmac-sha256\\\", \\\"key\\\": \\\"\(Self.keys[3])\\\"}"
        try await stack.shell(
            "curl -sSf -X PUT -H \"X-API-Key: $PDNS_KEY\" -d \"\(body)\" \"$PDNS_URL/servers/localhost/tsigkeys/transfer.\""
        )
        #expect(try await serverKey(stack) == Self.keys[3])
        let plan = try await stack.plumb("plan", "--detailed-exitcode", environment: given(0))
        #expect(plan.code == 0, "\(plan.output)\(plan.errors)")
        // What is imported has no known value: it is set once.
        _ = try await stack.plumb("state", "rm", "tsig_key.k")
        let imported = try await stack.plumb("import", "tsig_key.k", "transfer", environment: given(0))
        #expect(imported.code == 0, "\(imported.errors)")
        let after = try await stack.plumb("apply", "--auto-approve", environment: given(0))
        #expect(after.code == 0, "\(after.errors)")
        #expect(try await serverKey(stack) == Self.keys[0])
        #expect(try await stack.plumb("plan", "--detailed-exitcode", environment: given(0)).code == 0)
        try expectNothingKept(stack)
    }

    /// Whether a killed update has set the value cannot be seen, so that the next apply sets it.
    @Test(
        .enabled(if: PowerDNS.isExpected),
        arguments: ["before-call", "after-call", "after-intent", "before-intent", "after-result"])
    func aKilledChangeIsMadeAgain(_ fault: String) async throws {
        let server = try await PowerDNS.start()
        let stack = try stack(server)
        let made = try await stack.plumb("apply", "--auto-approve", environment: given(0))
        #expect(made.code == 0, "\(made.errors)")
        _ = try await stack.plumb("apply", "--auto-approve", environment: given(1, fault))
        let again = try await stack.plumb("apply", "--auto-approve", environment: given(1))
        #expect(again.code == 0, "\(again.errors)")
        #expect(try await serverKey(stack) == Self.keys[1])
        #expect(try await stack.plumb("plan", "--detailed-exitcode", environment: given(1)).code == 0)
        try expectNothingKept(stack)
    }

    @Test func aCommandGetsItAndItsCopiesAreSecret() async throws {
        let stack = try Stack(
            [
                "stack.yaml": "stack: test\nproviders: {builtin: {allow_commands: true}}\n",
                "main.yaml": """
                variables: {token: {type: string, ephemeral: true}}
                resources:
                  command.a:
                    spec: {create: 'echo "made $T"', update: 'echo "changed $T"', secret_environment: {T: "${var.token}"}}
                """,
            ])
        let one = ["PLUMB_VAR_token": "canary-token-1"]
        let made = try await stack.plumb("apply", "--auto-approve", environment: one)
        #expect(made.code == 0, "\(made.errors)")
        #expect(try await stack.plumb("plan", "--detailed-exitcode", environment: one).code == 0)
        let shown = try await stack.plumb("state", "show", "command.a")
        #expect(shown.words.contains("secret_environment: (write-only)") && shown.words.contains("stdout: (sensitive)"))
        let two = ["PLUMB_VAR_token": "canary-token-2"]
        let changed = try await stack.plumb("apply", "--auto-approve", environment: two)
        #expect(
            changed.code == 0 && changed.words.contains("(write-only, changed)"), "\(changed.output)\(changed.errors)")
        let back = try await stack.plumb("state", "rollback", "1", "--plan", environment: two)
        #expect(!back.words.contains("canary-token"))
        let unset = try #require(stack.read("main.yaml")).replacing(
            ", secret_environment: {T: \"${var.token}\"}", with: "")
        try stack.write("main.yaml", unset)
        let removed = try await stack.plumb("plan", environment: two)
        #expect(removed.words.contains("- secret_environment: (write-only)"), "\(removed.output)")
    }
}
