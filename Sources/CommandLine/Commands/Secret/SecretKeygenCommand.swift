internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb secret keygen`
struct SecretKeygenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen", abstract: "Make a key of age: an identity, and the recipient it decrypts for.",
        discussion: """
            Examples:
              plumb secret keygen
              plumb secret keygen --output ~/.config/sops/age/keys.txt

            Keep the identity where nobody else can read it; tell the recipient to whoever encrypts for you.
            """)

    @OptionGroup var common: SecretOptions

    @Option(name: .shortAndLong, help: "A new file for the identity, instead of standard output.", completion: .file())
    var output: String?

    func run() async throws {
        let (file, recipient) = SecretOperation.makeIdentity()
        do throws(Diagnostics) {
            if let output {
                try await SecretTarget.create(output, Array(file.utf8))
                common.console.write("\(recipient)\n")
            } else {
                common.console.write(file)
            }
        } catch {
            throw common.failing(error)
        }
    }
}
