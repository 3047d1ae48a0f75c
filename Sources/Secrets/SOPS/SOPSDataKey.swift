internal import Age
internal import PlumbModel

/// The key of a file's values: 32 bytes, encrypted for each recipient.
enum SOPSDataKey {
    static func make() -> [UInt8] { SOPSCipher.random(32) }

    /// The recipients as text (`age1…`), each with its armored file of age.
    static func wrap(_ key: [UInt8], for recipients: [String]) throws(AgeError) -> [SOPSMetadata.WrappedKey] {
        var wrapped: [SOPSMetadata.WrappedKey] = []
        for text in recipients {
            let recipient = try AgeRecipient(parsing: text)
            let file = try AgeFile.encrypt(key, for: [recipient], armored: true)
            wrapped.append(.init(recipient: text, file: String(decoding: file, as: UTF8.self)))
        }
        return wrapped
    }

    static func unwrap(_ metadata: SOPSMetadata, with identities: [AgeIdentity]) throws(Diagnostics) -> [UInt8] {
        guard !metadata.keys.isEmpty else {
            let others = metadata.otherServices
            throw SOPSFailure.reading(
                metadata.range,
                "it was not encrypted for any recipient of age, and only such files can be decrypted"
                    + (others.isEmpty ? "." : "; its key is with \(others.joined(separator: ", ")) alone.")
                    + " Add a recipient where it can be decrypted: `sops rotate --add-age age1… -i FILE`.")
        }
        let named = metadata.recipients.joined(separator: ", ")
        guard !identities.isEmpty else {
            throw SOPSFailure.reading(
                metadata.range,
                "there is no identity of age to decrypt it with. Set SOPS_AGE_KEY or SOPS_AGE_KEY_FILE, as for sops. It can "
                    + "be decrypted by whoever has the identity of \(named).")
        }
        var reason = ""
        for wrapped in metadata.keys {
            do throws(AgeError) {
                let key = try AgeFile.decrypt(Array(wrapped.file.utf8), with: identities)
                if key.count == 32 { return key }
                reason = "It has \(key.count) bytes and not 32."
            } catch {
                if reason.isEmpty || error.code != .noMatch { reason = error.message }
            }
        }
        throw SOPSFailure.reading(
            metadata.range,
            "its key cannot be decrypted: \(reason) It can be decrypted by whoever has the identity of \(named).")
    }
}
