internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb secret updatekeys`
struct SecretUpdateKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "updatekeys", abstract: "Let a SOPS file be decrypted by the recipients that the rules name now.",
        discussion: """
            Examples:
              plumb secret updatekeys prod.vars.yaml
              plumb secret updatekeys --recipient age1... --recipient age1... dns.yaml

            Without --recipient they come from .sops.yaml. Who is no longer among them may still know the file's key: \
            `plumb secret rotate` gives it a new one.
            """)

    @OptionGroup var common: SecretOptions

    @Option(name: .shortAndLong, help: "Whom to encrypt for. May be repeated.")
    var recipient: [String] = []

    @Argument(help: "The file, which is replaced.", completion: .file())
    var file: String

    func run() async throws {
        do throws(Diagnostics) {
            try await common.reencrypt(file, recipient, rotates: false)
        } catch {
            throw common.failing(error)
        }
    }
}
