import Foundation
import Testing

/// A key file that is itself encrypted for recipients of age, so that it can lie in Git.
struct StateKeyTests {
    private static let identity = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
    private static let recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"

    private static let spec = """
        resources: {random_password.p: {spec: {length: 24}}}
        outputs: {p: {value: "${random_password.p.result}", sensitive: true}}
        """

    @Test func theKeyIsWrittenForTheRecipientsAlone() async throws {
        let stack = try Stack(
            ["main.yaml": Self.spec, ".plumb/state.recipients": "# the team\n\(Self.recipient)\n"],
            environment: ["SOPS_AGE_KEY": Self.identity])
        try await stack.apply()
        #expect(stack.read(".plumb/state.key")?.hasPrefix("-----BEGIN AGE ENCRYPTED FILE-----") == true)
        let password = try await stack.plumb("output", "--raw", "p").output
        #expect(password.count == 24)
        let before = stack.read(".plumb/state.key")
        #expect(try await stack.plumb("state", "rekey").code == 0)
        #expect(stack.read(".plumb/state.key") != before)
        #expect(stack.read(".plumb/state.key")?.hasPrefix("-----BEGIN AGE ENCRYPTED FILE-----") == true)
        #expect(try await stack.plumb("output", "--raw", "p").output == password)
        let without = try await stack.plumb("output", "--raw", "p", environment: ["SOPS_AGE_KEY": ""])
        #expect(without.code == 1)
        #expect(without.words.contains("SOPS_AGE_KEY_FILE"), "\(without.errors)")
    }

    @Test func aWrongRecipientIsRefusedBeforeAnythingIsSealed() async throws {
        let stack = try Stack(["main.yaml": Self.spec, ".plumb/state.recipients": "age1nobody\n"])
        let result = try await stack.plumb("apply", "--auto-approve")
        #expect(result.code == 1)
        #expect(result.words.contains("age1nobody"), "\(result.errors)")
        #expect(!stack.exists(".plumb/state.key"))
    }

    @Test(.enabled(if: Terminal.isAvailable))
    func aPassphraseLocksTheKey() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        try await stack.apply()
        let password = try await stack.plumb("output", "--raw", "p").output
        let nobody = try await stack.plumb("state", "rekey", "--passphrase")
        #expect(nobody.code == 1 && nobody.words.contains("PLUMB_AGE_PASSPHRASE"), "\(nobody.errors)")
        #expect(!stack.exists(".plumb/state.recipients"))
        let locked = try await Terminal.plumb(
            "state", "rekey", "--passphrase", in: stack,
            turns: [
                .init(asked: "New passphrase", answer: "hush hush\n"), .init(asked: "again", answer: "hush hush\n"),
            ])
        #expect(locked.code == 0, "\(locked.screen)")
        #expect(!locked.screen.contains("hush"))
        #expect(stack.read(".plumb/state.key")?.hasPrefix("-----BEGIN AGE ENCRYPTED FILE-----") == true)
        let without = try await stack.plumb("output", "--raw", "p")
        #expect(without.code == 1 && without.words.contains("locked with a passphrase"), "\(without.errors)")
        let given = ["PLUMB_AGE_PASSPHRASE": "hush hush"]
        #expect(try await stack.plumb("output", "--raw", "p", environment: given).output == password)
        let asked = try await Terminal.plumb(
            "output", "--raw", "p", in: stack, turns: [.init(asked: "Passphrase of", answer: "hush hush\n")])
        #expect(asked.screen.contains(password))
        let wrong = try await stack.plumb("output", environment: ["PLUMB_AGE_PASSPHRASE": "no"])
        #expect(wrong.code == 1 && wrong.words.contains("another one"), "\(wrong.errors)")
        let other = given.merging(["PLUMB_AGE_NEW_PASSPHRASE": "other"]) { $1 }
        #expect(try await stack.plumb("state", "rekey", "--passphrase", environment: other).code == 0)
        let now = ["PLUMB_AGE_PASSPHRASE": "other"]
        #expect(try await stack.plumb("output", "--raw", "p", environment: now).output == password)
        let opened = try await stack.plumb("state", "rekey", "--recipient", Self.recipient, environment: now)
        #expect(opened.code == 0, "\(opened.errors)")
        let identity = ["SOPS_AGE_KEY": Self.identity]
        #expect(try await stack.plumb("output", "--raw", "p", environment: identity).output == password)
        #expect(try await stack.plumb("state", "rekey", "--plain", environment: identity).code == 0)
        #expect(try await stack.plumb("output", "--raw", "p").output == password)
    }
}
