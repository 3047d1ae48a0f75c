internal import Age
internal import PlumbModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Encrypts the text of a key file, where a file says for whom, and decrypts it.
struct KeyWrapping {
    /// The line that stands for a passphrase in the place of recipients.
    static let passphraseWord = "passphrase"

    /// A file with one recipient of age a line, or with the word `passphrase`; there need not be one.
    let recipientsPath: String
    let environment: [String: String]

    /// - Parameter path: of the key file, by which its passphrase is asked for.
    func wrap(_ text: String, _ path: String) throws(KeyError) -> String {
        guard let data = FileManager.default.contents(atPath: recipientsPath) else { return text }
        do throws(AgeError) {
            var recipients: [AgeRecipient] = []
            for line in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline) {
                let line = line.filter { !$0.isWhitespace }
                if line.isEmpty || line.hasPrefix("#") { continue }
                if line == Self.passphraseWord {
                    recipients.append(.passphrase(try passphrase(path)))
                } else {
                    recipients.append(try AgeRecipient(parsing: line))
                }
            }
            return String(
                decoding: try AgeFile.encrypt(Array(text.utf8), for: recipients, armored: true), as: UTF8.self)
        } catch {
            throw KeyError(
                message: "The key cannot be encrypted for the recipients in \(recipientsPath): \(error.message)")
        }
    }

    private func passphrase(_ path: String) throws(AgeError) -> String {
        if let passphrase = Passphrases.new(path, environment) { return passphrase }
        throw AgeError(
            .key,
            "No passphrase was given, or not twice the same. Set \(Passphrases.variable), or type it in a terminal.")
    }

    func unwrap(_ text: String, _ path: String) throws(KeyError) -> String {
        let bytes = Array(text.utf8)
        guard AgeArmor.isArmored(bytes) else { return text }
        let isLocked = AgeFile.wantsPassphrase(bytes)
        let identities = isLocked ? try passphrases(path) : try identities(path)
        do throws(AgeError) {
            return String(decoding: try AgeFile.decrypt(bytes, with: identities), as: UTF8.self)
        } catch {
            if isLocked { Passphrases.forget(path) }
            let reason = isLocked && error.code == .noMatch ? "The passphrase is another one." : error.message
            throw KeyError(message: "The key file \(path) cannot be decrypted: \(reason)")
        }
    }

    private func passphrases(_ path: String) throws(KeyError) -> [AgeIdentity] {
        if let passphrase = Passphrases.existing(path, environment) { return [.passphrase(passphrase)] }
        throw KeyError(
            message:
                "The key file \(path) is locked with a passphrase. Set \(Passphrases.variable), or run this in a terminal "
                + "to be asked; nothing in the state is lost.")
    }

    private func identities(_ path: String) throws(KeyError) -> [AgeIdentity] {
        let identities = try AgeIdentities(environment).find()
        guard identities.isEmpty else { return identities }
        throw KeyError(
            message: "The key file \(path) is encrypted with age, and there is no identity to decrypt it with. Set "
                + "SOPS_AGE_KEY or SOPS_AGE_KEY_FILE; nothing in the state is lost.")
    }

    // MARK: - For whom

    /// Says for whom the key file is encrypted from its next writing on.
    ///
    /// - Parameter keyPath: of the key file.
    func setProtection(_ protection: KeyProtection, of keyPath: String) throws(Diagnostics) {
        var lines: [String] = []
        switch protection {
        case .none:
            do {
                guard FileManager.default.fileExists(atPath: recipientsPath) else { return }
                return try FileManager.default.removeItem(atPath: recipientsPath)
            } catch {
                throw Diagnostics(
                    .error(
                        "File cannot be written",
                        "\(recipientsPath) cannot be removed: \(SystemReason(error)). It was left as it was."))
            }
        case .passphrase:
            Passphrases.forget(keyPath)
            do throws(AgeError) {
                _ = try passphrase(keyPath)
            } catch {
                throw Diagnostics(.error("No passphrase", error.message))
            }
            lines = [Self.passphraseWord]
        case .recipients(let texts):
            lines = texts
            do throws(AgeError) {
                for text in texts { _ = try AgeRecipient(parsing: text) }
            } catch {
                throw Diagnostics(.error("Invalid recipient", error.message))
            }
        }
        let text = "# For whom the key file beside this one is encrypted: plumb state rekey.\n"
        try FileReplacement.replace(recipientsPath, with: Array((text + lines.joined(separator: "\n") + "\n").utf8))
    }
}

/// How a key file is kept.
public enum KeyProtection: Sendable {
    /// In the clear, readable by its owner alone.
    case none
    case passphrase
    /// Of age, as text.
    case recipients([String])
}
