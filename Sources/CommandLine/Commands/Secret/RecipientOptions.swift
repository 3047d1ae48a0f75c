internal import ArgumentParser
internal import Operations

/// For whom, and by which rules.
struct RecipientOptions: ParsableArguments {
    @Option(
        name: .shortAndLong, help: ArgumentHelp("Whom to encrypt for: age1... May be repeated.", valueName: "age1..."))
    var recipient: [String] = []

    @Flag(help: "Encrypt the whole file for a passphrase.")
    var passphrase = false

    @Option(help: ArgumentHelp("The format, where the name does not tell.", valueName: "sops|age"))
    var format: Form?

    @Option(help: "Encrypt the values of keys that match this regular expression.")
    var encryptedRegex: String?

    @Option(help: "Leave the values of keys that match this regular expression.")
    var unencryptedRegex: String?

    @Option(help: "Encrypt the values of keys with this ending.")
    var encryptedSuffix: String?

    @Option(help: "Leave the values of keys with this ending.")
    var unencryptedSuffix: String?

    @Flag(help: "Let values that are not encrypted be changed without the key.")
    var macOnlyEncrypted = false

    @Flag(help: "Write a file of age as bytes and not as text.")
    var binary = false

    enum Form: String, ExpressibleByArgument, CaseIterable { case sops, age }

    var options: SecretOperation.Options {
        var options = SecretOperation.Options()
        options.recipients = recipient.flatMap { $0.split { $0 == "," || $0.isWhitespace }.map(String.init) }
        options.usesPassphrase = passphrase
        options.form = format.flatMap { SecretOperation.Form(rawValue: $0.rawValue) } ?? (passphrase ? .age : nil)
        options.codeIsOfEncryptedOnly = macOnlyEncrypted
        options.isArmored = !binary
        options.choices["encrypted_regex"] = encryptedRegex
        options.choices["unencrypted_regex"] = unencryptedRegex
        options.choices["encrypted_suffix"] = encryptedSuffix
        options.choices["unencrypted_suffix"] = unencryptedSuffix
        return options
    }

    func validate() throws {
        guard options.choices.count <= 1 else {
            throw ValidationError("Only one of the four rules for keys can be given.")
        }
        guard !passphrase || recipient.isEmpty else {
            throw ValidationError("A file is encrypted for recipients or for a passphrase, not for both.")
        }
    }
}
