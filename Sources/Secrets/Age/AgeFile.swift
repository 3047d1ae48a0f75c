/// Encrypts and decrypts files in the format of age (age-encryption.org/v1), for X25519 keys and passphrases.
public enum AgeFile {
    /// - Parameter armored: as text, and not binary.
    public static func encrypt(
        _ plain: [UInt8], for recipients: [AgeRecipient], armored: Bool
    ) throws(AgeError) -> [UInt8] {
        let hasPassphrase = recipients.contains { if case .passphrase = $0 { true } else { false } }
        guard !recipients.isEmpty, !hasPassphrase || recipients.count == 1 else {
            throw AgeError(.key, "A file is encrypted for at least one public key, or for one passphrase alone.")
        }
        var fileKey: [UInt8] = []
        for _ in 0..<16 { fileKey.append(.random(in: .min ... .max)) }
        var stanzas: [AgeHeader.Stanza] = []
        for recipient in recipients { stanzas.append(try AgeWrapping.wrap(fileKey, for: recipient)) }
        let bytes = AgeHeader(stanzas, fileKey: fileKey).bytes + (try AgePayload.seal(plain, fileKey))
        return armored ? Array(AgeArmor.text(bytes).utf8) : bytes
    }

    /// - Parameter bytes: binary or armored.
    public static func decrypt(_ bytes: [UInt8], with identities: [AgeIdentity]) throws(AgeError) -> [UInt8] {
        let bytes = AgeArmor.isArmored(bytes) ? try AgeArmor.bytes(bytes) : bytes
        let (header, end) = try AgeHeader.read(bytes)
        guard let fileKey = try AgeWrapping.unwrap(header.stanzas, with: identities) else {
            throw AgeError(.noMatch, "None of the identities at hand is among those that it was encrypted for.")
        }
        guard fileKey.count == 16 else { throw AgeHeader.malformed("the key in it has the wrong length") }
        guard header.isAuthentic(fileKey) else {
            throw AgeError(.authentication, "The header was changed after it was written.")
        }
        return try AgePayload.open(bytes[end...], fileKey)
    }
}

extension AgeFile {
    /// Whether a passphrase opens it, and no key.
    public static func wantsPassphrase(_ bytes: [UInt8]) -> Bool {
        guard let plain = AgeArmor.isArmored(bytes) ? try? AgeArmor.bytes(bytes) : bytes,
            let (header, _) = try? AgeHeader.read(plain)
        else { return false }
        return header.stanzas.contains { $0.type == "scrypt" }
    }
}
