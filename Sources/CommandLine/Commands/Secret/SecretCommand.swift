internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb secret`
struct SecretCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret", abstract: "Encrypt and decrypt files, in the formats of SOPS and age.",
        discussion: """
            Files of YAML and JSON are encrypted value by value, as SOPS does, all others as a whole, as age does. Specs and \
            variable files that are encrypted so can be used as they are.

            Examples:
              plumb secret keygen --output ~/.config/sops/age/keys.txt
              plumb secret encrypt --recipient age1... --in-place prod.vars.yaml
              plumb secret edit prod.vars.yaml
              plumb secret decrypt prod.vars.yaml

            Identities are found where sops looks for them: SOPS_AGE_KEY, SOPS_AGE_KEY_FILE, and sops/age/keys.txt in the \
            folder of the user's settings. Recipients come from --recipient, SOPS_AGE_RECIPIENTS, or .sops.yaml.
            """,
        subcommands: [
            SecretEncryptCommand.self, SecretDecryptCommand.self, SecretEditCommand.self, SecretKeygenCommand.self,
            SecretRotateCommand.self, SecretUpdateKeysCommand.self,
        ])
}
