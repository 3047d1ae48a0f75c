internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb secret decrypt`
struct SecretDecryptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decrypt", abstract: "Write the clear text of an encrypted file to standard output.",
        discussion: """
            Examples:
              plumb secret decrypt prod.vars.yaml
              plumb secret decrypt --output tls.key tls.key.age
              plumb secret decrypt --in-place prod.vars.yaml

            Files of SOPS and of age are told apart by what is in them. What --output makes can be read by you alone.
            """)

    @OptionGroup var common: SecretOptions
    @OptionGroup var target: SecretTarget

    @Argument(help: "The file; - for standard input.", completion: .file())
    var file: String

    func run() async throws {
        do throws(Diagnostics) {
            let bytes = try await SecretTarget.read(file)
            let clear = try await common.operation.decrypt(bytes, path: file)
            try await target.write(clear, of: file, isSecret: true, common.console)
        } catch {
            throw common.failing(error)
        }
    }
}
