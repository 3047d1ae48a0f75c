internal import Age

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Encrypts the text of a key file for recipients of age, where some are named, and decrypts it.
struct KeyWrapping {
    /// A file with one recipient a line; there need not be one.
    let recipientsPath: String
    let environment: [String: String]

    func wrap(_ text: String) throws(KeyError) -> String {
        guard let data = FileManager.default.contents(atPath: recipientsPath) else { return text }
        do throws(AgeError) {
            var recipients: [AgeRecipient] = []
            for line in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline) {
                let line = line.filter { !$0.isWhitespace }
                if !line.isEmpty, !line.hasPrefix("#") { recipients.append(try AgeRecipient(parsing: line)) }
            }
            return String(
                decoding: try AgeFile.encrypt(Array(text.utf8), for: recipients, armored: true), as: UTF8.self)
        } catch {
            throw KeyError(
                message: "The key cannot be encrypted for the recipients in \(recipientsPath): \(error.message)")
        }
    }

    func unwrap(_ text: String, _ path: String) throws(KeyError) -> String {
        let bytes = Array(text.utf8)
        guard AgeArmor.isArmored(bytes) else { return text }
        let identities = try AgeIdentities(environment).find()
        guard !identities.isEmpty else {
            throw KeyError(
                message: "The key file \(path) is encrypted with age, and there is no identity to decrypt it with. Set "
                    + "SOPS_AGE_KEY or SOPS_AGE_KEY_FILE; nothing in the state is lost.")
        }
        do throws(AgeError) {
            return String(decoding: try AgeFile.decrypt(bytes, with: identities), as: UTF8.self)
        } catch {
            throw KeyError(message: "The key file \(path) cannot be decrypted: \(error.message)")
        }
    }
}
