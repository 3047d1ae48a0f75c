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
}
