internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb secret encrypt`
struct SecretEncryptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encrypt", abstract: "Encrypt a file.",
        discussion: """
            Examples:
              plumb secret encrypt --in-place prod.vars.yaml
              plumb secret encrypt --recipient age1... --output tls.key.age tls.key
              plumb secret encrypt --encrypted-regex '^(password|token)$' -i dns.yaml
              plumb secret encrypt --passphrase notes.txt > notes.age
              plumb secret encrypt - < tls.key > tls.key.age
            """)

    @OptionGroup var common: SecretOptions
    @OptionGroup var recipients: RecipientOptions
    @OptionGroup var target: SecretTarget

    @Argument(help: "The file; - for standard input.", completion: .file())
    var file: String

    func run() async throws {
        do throws(Diagnostics) {
            let bytes = try await SecretTarget.read(file)
            let result = try await common.operation.encrypt(bytes, path: file, recipients.options)
            try await target.write(result, of: file, isSecret: false, common.console)
        } catch {
            throw common.failing(error)
        }
    }
}
