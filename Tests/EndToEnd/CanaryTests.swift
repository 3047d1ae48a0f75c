import Foundation
import Testing

/// A canary in every place that a secret can come from, looked for in every byte that is written or printed.
struct CanaryTests {
    private static let spec = """
        variables:
          secret: {type: string, sensitive: true}
          file: {type: string, sensitive: true}
          fails: {type: bool, default: false}
        resources:
          data_value.echo: {spec: {input: {deep: [{value: "${var.secret}"}]}}}
          command.prints:
            spec:
              create: "cat; echo $EXTRA"
              stdin: "${var.secret}"
              environment: {EXTRA: "${var.file}"}
          command.fails:
            enabled: "${var.fails}"
            spec: {create: "cat; cat /nonexistent-$EXTRA; exit 3", stdin: "${var.secret}", environment: {EXTRA: "${var.file}"}}
          random_password.p: {spec: {length: 30, special: false}}
          tls_private_key.k: {spec: {algorithm: ED25519}}
          local_file.p:
            spec: {filename: out/p, sensitive_content: "${random_password.p.result} ${tls_private_key.k.private_key_pem}"}
        outputs:
          printed: {value: "${command.prints.stdout}", sensitive: true}
        checks:
          none: {assert: [{condition: '${var.secret != "x"}', error: It is x.}]}
        """

    private static let tests = """
        runs:
          - name: compares
            command: plan
            assert: [{condition: '${var.secret == "other"}', error: It differs.}]
        """

    @Test func noCanaryIsFoundAnywhere() async throws {
        let (secret, file) = ("canary-\(UUID().uuidString)", "canary-\(UUID().uuidString)")
        let stack = try Stack(
            [
                "main.yaml": Self.spec, "tests/a.test.yaml": Self.tests,
                "stack.yaml": "stack: test\nproviders: {builtin: {allow_commands: true}}\n",
            ], environment: ["PLUMB_VAR_secret": secret, "PLUMB_VAR_file": file])
        var said: [(command: String, result: ChildProcess.Result)] = []
        func run(_ arguments: String...) async throws {
            let result = await (try stack.start(arguments)).result()
            said.append((arguments.joined(separator: " "), result))
        }
        try await run("plan", "--out", "p.plan")
        try await run("apply", "p.plan")
        let made = try #require(stack.read("out/p"))
        let password = String(made.prefix(30))
        let key = try #require(made.split(separator: "\n").dropFirst().first.map(String.init))
        try await run("apply", "--auto-approve", "--var", "fails=true")
        #expect(said.last?.result.code == 1, "the failing command has to fail")
        try await run("graph", "--format", "svg")
        try await run("explain", "command.prints.stdin")
        try await run("explain", "var.secret")
        try await run("test", "--junit-xml", "report.xml")
        #expect(said.last?.result.code == 1, "the assertion has to fail")
        for address in ["data_value.echo", "command.prints", "random_password.p", "tls_private_key.k", "local_file.p"] {
            try await run("state", "show", address)
            try await run("state", "history", address)
        }
        try await run("state", "pull", "--history")
        try await run("state", "backup", "backup.json")
        try await run("state", "diff", "0")
        try await run("state", "verify")
        try await run("state", "rekey")
        try await run("state", "rollback", "1", "--plan")
        try await run("state", "history")
        try await run("output")
        try await run("destroy", "--auto-approve", "--var", "fails=true")
        for (command, result) in said {
            #expect(!result.errors.contains("Usage:"), "plumb \(command) did not run: \(result.errors)")
        }
        for canary in [secret, file, password, key] {
            #expect(canary.utf8.count >= 30)
            for (command, result) in said {
                #expect(!(result.output + result.errors).contains(canary), "plumb \(command) prints a secret")
                #expect(!result.words.contains(canary), "plumb \(command) prints a secret over several lines")
            }
            let written = stack.list(".plumb").map { ".plumb/" + $0 } + ["p.plan", "backup.json", "report.xml"]
            for name in written {
                let bytes = try Data(contentsOf: URL(fileURLWithPath: stack.path(name)))
                #expect(bytes.range(of: Data(canary.utf8)) == nil, "a secret stands in \(name)")
                let encoded = Data(canary.utf8).base64EncodedString().prefix(36)
                #expect(bytes.range(of: Data(encoded.utf8)) == nil, "a secret stands in \(name), in base64")
            }
        }
    }
}
