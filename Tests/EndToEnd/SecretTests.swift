import Foundation
import Testing

/// Secrets stay secret: not in the state's bytes, not in a plan file, not in anything that is printed unasked.
struct SecretTests {
    @Test func noSecretIsPrintedOrStoredInClear() async throws {
        let canary = "canary-\(UUID().uuidString)"
        let stack = try Stack(
            [
                "main.yaml": """
                variables: {secret: {type: string, sensitive: true}}
                locals: {derived: "prefix-${var.secret}"}
                resources:
                  local_file.a: {spec: {filename: out/a, sensitive_content: "${local.derived}"}}
                  data_value.b: {spec: {input: {nested: ["${var.secret}"], open: 1}}}
                  random_password.p: {spec: {length: 30, special: false}}
                  local_file.p: {spec: {filename: out/p, sensitive_content: "${random_password.p.result}"}}
                outputs:
                  canary: {value: "${local.derived}", sensitive: true}
                  password: {value: "${random_password.p.result}", sensitive: true}
                """
            ], environment: ["PLUMB_VAR_secret": canary])
        var said: [ChildProcess.Result] = []
        said.append(try await stack.plumb("plan", "--out", "p.plan"))
        said.append(try await stack.plumb("show", "p.plan"))
        said.append(try await stack.plumb("apply", "p.plan"))
        let password = try #require(stack.read("out/p"))
        #expect(password.count == 30)
        #expect(stack.read("out/a") == "prefix-\(canary)")
        try stack.write("out/a", "tampered")
        said.append(try await stack.plumb("plan"))
        said.append(try await stack.plumb("plan", environment: ["PLUMB_VAR_secret": canary + "2"]))
        said.append(try await stack.plumb("plan", "--destroy"))
        said.append(try await stack.apply())
        for address in ["local_file.a", "data_value.b", "random_password.p", "local_file.p"] {
            said.append(try await stack.plumb("state", "show", address))
            said.append(try await stack.plumb("state", "history", address))
        }
        said.append(try await stack.plumb("output"))
        said.append(try await stack.plumb("graph"))
        said.append(try await stack.plumb("validate"))
        for result in said {
            #expect(result.code == 0, "\(result.errors)")
            for secret in [canary, password] {
                #expect(!result.words.contains(secret), "a secret is printed")
            }
        }
        for file in stack.list(".plumb").map({ ".plumb/" + $0 }) + ["p.plan"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: stack.path(file)))
            for secret in [canary, password] {
                #expect(bytes.range(of: Data(secret.utf8)) == nil, "a secret stands in \(file)")
            }
        }
    }

    @Test func whatIsDerivedFromASecretIsSecret() async throws {
        let secret = "4711"  // short enough to be found by its hash
        let stack = try Stack(
            [
                "main.yaml": """
                variables: {secret: {type: string, sensitive: true}}
                resources:
                  local_file.a: {spec: {filename: out/a, content: "${var.secret}"}}
                  random_id.a: {spec: {byte_length: 2, prefix: "${var.secret}"}}
                outputs:
                  digest: {value: "${local_file.a.content_sha256}", sensitive: true}
                """
            ], environment: ["PLUMB_VAR_secret": secret])
        let digest = String(try await stack.shell("printf \(secret) | sha256sum").prefix(64))
        #expect(digest.count == 64)
        var said = [try await stack.plumb("plan", "--out", "p.plan"), try await stack.apply()]
        said.append(try await stack.plumb("state", "show", "local_file.a"))
        said.append(try await stack.plumb("state", "show", "random_id.a"))
        try stack.write("out/a", "4712")
        said.append(try await stack.plumb("plan"))
        for result in said {
            #expect(result.code == 0, "\(result.errors)")
            #expect(!result.words.contains(digest.prefix(20)), "\(result.output)")
            #expect(!result.words.contains("\"\(secret)"), "\(result.output)")
        }
        for file in stack.list(".plumb").map({ ".plumb/" + $0 }) + ["p.plan"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: stack.path(file)))
            #expect(bytes.range(of: Data(digest.utf8)) == nil, "the digest of a secret stands in \(file)")
        }
        #expect(try await stack.plumb("output", "--raw", "digest").output.contains(digest))
        let open = try Stack([
            "main.yaml": """
            resources:
              random_password.p: {spec: {length: 4}}
              local_file.p: {spec: {filename: out/p, content: "${random_password.p.result}"}}
            outputs: {digest: {value: "${local_file.p.content_sha256}"}}
            """
        ])
        let refused = try await open.plumb("plan")
        #expect(refused.code == 1)
        #expect(refused.words.contains("sensitive: true"), "\(refused.output)")
    }

    @Test func aSecretMustNotBecomeAnOpenOutput() async throws {
        let stack = try Stack([
            "main.yaml": """
            resources: {random_password.p: {spec: {length: 20}}}
            outputs: {p: {value: "${random_password.p.result}"}}
            """
        ])
        let result = try await stack.plumb("apply", "--auto-approve")
        #expect(result.code == 1)
        #expect(result.words.contains("sensitive: true"), "\(result.errors)")
    }

    @Test func aLostKeyIsToldAndNothingIsLost() async throws {
        let stack = try Stack([
            "main.yaml": """
            resources: {random_password.p: {spec: {length: 20}}}
            outputs: {p: {value: "${random_password.p.result}", sensitive: true}}
            """
        ])
        try await stack.apply()
        let before = try await stack.plumb("output", "--raw", "p").output
        let key = try #require(stack.read(".plumb/state.key"))
        try stack.remove(".plumb/state.key")
        let result = try await stack.plumb("apply", "--auto-approve")
        #expect(result.code == 1)
        #expect(result.words.contains("their key is missing"), "\(result.errors)")
        #expect(!stack.exists(".plumb/state.key"))
        let wrong = Data(repeating: 7, count: 32).base64EncodedString()
        #expect(try await stack.plumb("plan", environment: ["PLUMB_STATE_KEY": wrong]).code == 1)
        #expect(try await stack.plumb("output", "--raw", "p", environment: ["PLUMB_STATE_KEY": key]).output == before)
    }

    @Test func theKeyAndSecretFilesAreForTheirOwnerAlone() async throws {
        let stack = try Stack([
            "main.yaml": """
            resources:
              random_password.p: {spec: {length: 20}}
              local_file.p: {spec: {filename: out/p, sensitive_content: "${random_password.p.result}"}}
            """
        ])
        try await stack.apply()
        #expect(try await stack.shell("stat -c %a .plumb/state.key out/p") == "600\n600\n")
    }
}
