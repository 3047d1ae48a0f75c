internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb secret rotate`
struct SecretRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Encrypt all values of a SOPS file anew, with a new key.",
        discussion: """
            Examples:
              plumb secret rotate prod.vars.yaml
              plumb secret rotate --recipient age1... prod.vars.yaml

            Whoever could decrypt the file still knows what was in it: change the secrets too.
            """)

    @OptionGroup var common: SecretOptions

    @Option(name: .shortAndLong, help: "Whom to encrypt for instead. May be repeated.")
    var recipient: [String] = []

    @Argument(help: "The file, which is replaced.", completion: .file())
    var file: String

    func run() async throws {
        do throws(Diagnostics) {
            try await common.reencrypt(file, recipient, rotates: true)
        } catch {
            throw common.failing(error)
        }
    }
}
