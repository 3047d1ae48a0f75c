import Foundation
import Testing

/// Variable files that SOPS has encrypted for age: decrypted on load, and never written down in the clear.
struct EncryptedVariableTests {
    private static let folder = Repository.root.appendingPathComponent("Tests/EndToEnd/Cases/sops")

    private static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    private static let spec = """
        variables:
          token: {type: string}
          port: {type: number}
          ratio: {type: number}
          enabled: {type: bool}
          empty: {type: string}
          nested: {type: "object({users: list(string), deep: object({password: string})})"}
          region_unencrypted: {type: string}
          size_unencrypted: {type: number}
        resources:
          local_file.a:
            spec:
              filename: out/a
              sensitive_content: >-
                ${var.token} ${var.port + 1} ${var.ratio * 2} ${var.enabled ? "on" : "off"} [${var.empty}]
                ${join(",", var.nested.users)} ${var.nested.deep.password} ${var.region_unencrypted} ${var.size_unencrypted}
        outputs:
          all: {value: "${var.nested}", sensitive: true}
        """

    private func stack(_ environment: [String: String]) throws -> Stack {
        try Stack(
            ["main.yaml": Self.spec, "secret.vars.yaml": try Self.text("secret.vars.yaml")], environment: environment)
    }

    @Test func valuesAreDecryptedAndStaySecret() async throws {
        let stack = try stack(["SOPS_AGE_KEY": try Self.text("identity.txt")])
        var said = [try await stack.plumb("plan", "--out", "p.plan"), try await stack.plumb("show", "p.plan")]
        said.append(try await stack.plumb("apply", "p.plan"))
        said.append(try await stack.plumb("output"))
        said.append(try await stack.plumb("state", "pull", "--history"))
        said.append(try await stack.plumb("validate"))
        for result in said {
            #expect(result.code == 0, "\(result.errors)")
            #expect(!result.words.contains("canary") && !result.words.contains("eu-west-1"), "\(result.output)")
        }
        #expect(
            stack.read("out/a")
                == "canary-token-${literal} 5433 0.5 on [] canary-alice,canary-bob canary-dëep eu-west-1 3")
        for file in stack.list(".plumb").map({ ".plumb/" + $0 }) + ["p.plan"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: stack.path(file)))
            #expect(bytes.range(of: Data("canary".utf8)) == nil, "a secret stands in \(file)")
        }
    }

    @Test func whatWasChangedIsRefused() async throws {
        let whole = try Self.text("secret.vars.yaml")
        let changes: [(String, String)] = [
            (whole.replacing("eu-west-1", with: "eu-west-2"), "authentication code"),
            (whole.replacing("size_unencrypted: 3\n", with: ""), "authentication code"),
            (whole.replacing("port: ENC", with: "ratio2: ENC"), "was changed or moved"),
            (whole.replacing("2026-05-01T10:00:00Z", with: "2026-05-01T10:00:01Z"), "authentication code"),
            (whole.replacing("    mac: ENC", with: "    no_mac: ENC"), "authentication code"),
            (whole.replacing("    age:\n", with: "    pgp:\n"), "not encrypted for any recipient of age"),
        ]
        let stack = try stack(["SOPS_AGE_KEY": try Self.text("identity.txt")])
        for (text, word) in changes {
            try stack.write("secret.vars.yaml", text)
            let result = try await stack.plumb("plan")
            #expect(result.code == 1)
            #expect(result.words.contains(word), "\(result.errors)")
            #expect(!result.words.contains("canary"))
        }
    }

    @Test func withoutItsKeyNothingIsRead() async throws {
        let none = try await (try stack([:])).plumb("plan")
        #expect(none.code == 1)
        #expect(none.words.contains("SOPS_AGE_KEY_FILE"), "\(none.errors)")
        let other = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
        let wrong = try await (try stack(["SOPS_AGE_KEY": other])).plumb("plan")
        #expect(wrong.code == 1)
        #expect(wrong.words.contains("None of the identities"), "\(wrong.errors)")
        let malformed = try await (try stack(["SOPS_AGE_KEY": "AGE-SECRET-KEY-1NOTONE"])).plumb("plan")
        #expect(malformed.code == 1)
        #expect(!malformed.words.contains("NOTONE"), "a key is printed: \(malformed.errors)")
        let stack = try stack(["SOPS_AGE_KEY_FILE": "keys.txt"])
        #expect(try await stack.plumb("plan").words.contains("keys.txt"))
        try stack.write("keys.txt", try Self.text("identity.txt"))
        #expect(try await stack.plumb("plan").code == 0)
    }
}
