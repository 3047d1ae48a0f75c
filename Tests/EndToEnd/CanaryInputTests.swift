import Foundation
import Testing

/// A canary in every input there is, looked for in every output: terminals, documents, logs, files, children, servers'
/// answers. `CanaryTests` does the same for the commands around the state.
struct CanaryInputTests {
    /// One for each way by which a secret comes in; each is found by its own name.
    private struct Canaries {
        private static let run = UUID().uuidString.prefix(8)

        subscript(origin: String) -> String { "canary-\(origin)-\(Self.run)" }
    }

    private static let identity = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
    private static let recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
    private let canary = Canaries()

    private func files() -> [String: String] {
        [
            "stack.yaml": """
            stack: test
            providers:
              builtin: {allow_commands: true}
              http.dns:
                api: powerdns
                base_url: "${env.PDNS_URL}"
                key: "${env.PDNS_KEY}"
                headers: {X-Canary: "${env.HEADER}", X-Ephemeral: "${var.ephemeral}"}
            """,
            "mod/m.yaml": """
            variables: {inner: {type: string}}
            resources: {data_value.m: {spec: {input: "${var.inner}"}}}
            outputs: {o: {value: "${data_value.m.output}"}}
            """,
            "main.yaml": """
            variables:
              environment: {type: string, sensitive: true}
              argument: {type: string, sensitive: true}
              file: {type: string, sensitive: true}
              encrypted: {type: string}
              ephemeral: {type: string, ephemeral: true}
              fails: {type: bool, default: false}
            locals: {mixed: "${var.environment} and ${var.encrypted}"}
            modules: {m: {source: ./mod, inputs: {inner: "${var.argument}"}}}
            data:
              local_file.read: {spec: {filename: "seed"}}
            resources:
              powerdns_zone.z: {provider: http.dns, spec: {name: canary.example, kind: Native, nameservers: [ns.example.]}}
              powerdns_record_set.txt:
                provider: http.dns
                spec: {zone: "${powerdns_zone.z.name}", name: t.canary.example, type: TXT, records: ["\\"${local.mixed}\\""]}
              powerdns_record_set.refused:
                provider: http.dns
                enabled: "${var.fails}"
                spec: {zone: "${powerdns_zone.z.name}", name: f.canary.example, type: A, records: ["${var.file}"]}
              data_value.read: {spec: {input: "${sensitive(data.local_file.read.content)}"}}
              command.prints:
                spec:
                  create: "mkdir -p out; env > out/env; ulimit -c > out/core; cat; echo $A $B"
                  stdin: "${var.encrypted}"
                  environment: {A: "${var.file}"}
                  secret_environment: {B: "${var.ephemeral}"}
              command.fails:
                enabled: "${var.fails}"
                spec:
                  create: "cat >&2; echo $A $B >&2; exit 4"
                  stdin: "${var.encrypted}"
                  environment: {A: "${var.file}"}
                  secret_environment: {B: "${var.ephemeral}"}
              local_file.mixed: {spec: {filename: out/mixed, content: "${local.mixed}"}}
              local_file.nowhere:
                enabled: "${var.fails}"
                spec: {filename: "/proc/${var.environment}/x", content: "${local.mixed}"}
            outputs: {o: {value: "${module.m.o}", sensitive: true}}
            checks: {c: {assert: [{condition: '${var.environment == "no"}', error: It differs.}]}}
            """,
            "tests/a.test.yaml": """
            runs:
              - name: compares
                command: plan
                assert: [{condition: '${local.mixed == "other"}', error: It differs.}]
            """,
            "spec.yaml": "resources: {data_value.spec: {spec: {input: {deep: [\(canary["spec"])]}}}}\n",
            "prod.vars.yaml": "encrypted: \(canary["sops"])\n", "given/f.yaml": "file: \(canary["file"])\n",
            "seed": canary["data"],
        ]
    }

    private func stack(_ server: PowerDNS) async throws -> Stack {
        let environment = [
            "SOPS_AGE_KEY": Self.identity, "HEADER": canary["header"], "PLUMB_VAR_environment": canary["environment"],
            "PLUMB_VAR_ephemeral": canary["ephemeral"],
            "PLUMB_STATE_KEY": Data("canary-state-key-0123456789-0123".utf8).base64EncodedString(),
        ]
        let stack = try Stack(files(), environment: environment.merging(server.environment) { $1 })
        for name in ["spec.yaml", "prod.vars.yaml"] {
            let sealed = try await stack.plumb("secret", "encrypt", "-r", Self.recipient, "-i", name)
            try #require(sealed.code == 0, "\(sealed.errors)")
        }
        return stack
    }

    @Test(.enabled(if: PowerDNS.isExpected))
    func noCanaryOfAnyInputIsFoundInAnyOutput() async throws {
        let server = try await PowerDNS.start()
        let stack = try await stack(server)
        let given = ["--var", "argument=\(canary["argument"])", "--var-file", "given/f.yaml"]
        var said: [(command: String, result: ChildProcess.Result)] = []
        func run(_ arguments: [String], code: Int32? = 0) async throws {
            let result = await (try stack.start(arguments, ["PLUMB_LOG": "wire,debug"])).result()
            said.append((arguments.joined(separator: " "), result))
            if let code { #expect(result.code == code, "plumb \(arguments): \(result.errors)") }
        }
        try await run(["plan", "--out", "p.plan"] + given)
        try await run(["plan", "--json"] + given)
        try await run(["show", "p.plan"])
        try await run(["show", "--json", "p.plan"])
        try await run(["apply", "p.plan"])
        #expect(stack.read("out/mixed") == "\(canary["environment"]) and \(canary["sops"])")
        try await run(["apply", "--auto-approve", "--var", "fails=true"] + given, code: 1)
        #expect(said.last?.result.errors.contains("wire") == true, "the wire log has to be on")
        #expect(said.last?.result.words.contains("f.canary.example") == true, "the server has to refuse the record")
        for arguments in [
            ["validate"], ["graph"], ["graph", "--format", "svg"], ["explain", "local_file.mixed.content"],
            ["explain", "command.prints.secret_environment"], ["explain", "var.argument"], ["explain", "local.mixed"],
        ] {
            try await run(arguments + (arguments == ["validate"] ? [] : given))
        }
        try await run(["test", "--junit-xml", "report.xml"] + given, code: 1)
        try await run(["test", "--json"] + given, code: nil)
        for address in ["powerdns_record_set.txt", "command.prints", "data_value.spec", "data_value.read"] {
            try await run(["state", "show", address])
            try await run(["state", "history", address])
        }
        try await run(["state", "pull", "--history"])
        try await run(["state", "backup", "backup.json"])
        try await run(["state", "diff", "0"])
        try await run(["show"])
        try await run(["show", "--json"])
        try stack.write("out/mixed", "drifted")
        try await run(["plan"] + given)
        try await run(["plan", "--refresh-only"] + given)
        try await run(["destroy", "--auto-approve", "--var", "fails=true"] + given)
        let console = try await stack.shell(
            "echo 'local.mixed' | '\(Plumb.path)' console \(given.joined(separator: " ")) 2>&1")
        #expect(console.contains("(sensitive)"), "\(console)")

        var secrets = ["environment", "argument", "file", "sops", "ephemeral", "header", "spec", "data"].map {
            canary[$0]
        }
        secrets += [server.environment["PDNS_KEY"] ?? "", "canary-state-key", String(Self.identity.suffix(40))]
        secrets.append(stack.environment["PLUMB_STATE_KEY"] ?? "")
        let written = stack.list(".plumb").map { ".plumb/" + $0 } + ["p.plan", "backup.json", "report.xml"]
        for secret in secrets {
            #expect(secret.utf8.count >= 8)
            for (command, result) in said {
                #expect(!(result.output + result.errors).contains(secret), "plumb \(command) prints \(secret)")
                #expect(!result.words.contains(secret), "plumb \(command) prints \(secret) over several lines")
            }
            #expect(!console.contains(secret))
            for name in written {
                let bytes = try Data(contentsOf: URL(fileURLWithPath: stack.path(name)))
                #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret) stands in \(name)")
                // What is longer than 3 bytes has the same base64 from some third byte on.
                for skipped in 0..<3 {
                    let encoded = Data(secret.utf8.dropFirst(skipped)).base64EncodedString().prefix(20)
                    #expect(bytes.range(of: Data(encoded.utf8)) == nil, "\(secret) stands in \(name), in base64")
                }
            }
        }
        try expectChildrenKnowOnlyTheirOwn(stack)
    }

    /// What is run gets what the spec gives it, not what plumb itself was told; and a crash leaves no memory behind.
    private func expectChildrenKnowOnlyTheirOwn(_ stack: Stack) throws {
        let environment = try #require(stack.read("out/env"))
        #expect(environment.contains(canary["file"]) && environment.contains(canary["ephemeral"]))
        for name in ["PLUMB_STATE_KEY", "PLUMB_VAR_environment", "PLUMB_VAR_ephemeral", "SOPS_AGE_KEY"] {
            #expect(!environment.contains(name), "a command is told \(name)")
        }
        #expect(stack.read("out/core") == "0\n")
    }

    @Test(.enabled(if: Terminal.isAvailable))
    func whatIsTypedIsShownNowhere() async throws {
        let stack = try Stack(
            [
                "main.yaml": """
                variables: {typed: {type: string, sensitive: true}}
                resources: {data_value.a: {spec: {input: "${var.typed}"}}}
                """
            ])
        let result = try await Terminal.plumb(
            "apply", in: stack,
            turns: [
                .init(asked: "var.typed", answer: canary["typed"] + "\n"), .init(asked: "approval: ", answer: "yes\n"),
            ])
        #expect(result.code == 0, "\(result.screen)")
        #expect(!result.screen.contains(canary["typed"]))
        for name in stack.list(".plumb").map({ ".plumb/" + $0 }) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: stack.path(name)))
            #expect(bytes.range(of: Data(canary["typed"].utf8)) == nil, "it stands in \(name)")
        }
    }

    /// A crash in the middle of everything says nothing of what was in memory.
    @Test func aCrashTellsNothing() async throws {
        let stack = try Stack(
            [
                "stack.yaml": "stack: test\nproviders: {builtin: {allow_commands: true}}\n",
                "main.yaml": """
                variables: {secret: {type: string, sensitive: true}}
                resources: {command.waits: {spec: {create: "touch begun; sleep 20", stdin: "${var.secret}"}}}
                """,
            ], environment: ["PLUMB_VAR_secret": canary["crash"]])
        let process = try stack.start(["apply", "--auto-approve"])
        while !stack.exists("begun") { try await Task.sleep(for: .milliseconds(20)) }
        process.send(SIGABRT)
        let result = await process.result()
        #expect(result.code != 0)
        #expect(!(result.output + result.errors).contains(canary["crash"]))
        let left = stack.list(".") + stack.list(".plumb").map { ".plumb/" + $0 }
        #expect(!left.contains { $0.hasPrefix("core") })
        for name in left where name != ".plumb" {
            let bytes = FileManager.default.contents(atPath: stack.path(name)) ?? Data()
            #expect(bytes.range(of: Data(canary["crash"].utf8)) == nil, "it stands in \(name)")
        }
    }
}
