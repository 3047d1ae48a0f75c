internal import Crypto
internal import CryptoExtras

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Wraps a file key for a recipient, and unwraps it with an identity.
enum AgeWrapping {
    /// Above it a stranger's file would take minutes and gigabytes.
    private static let maximumWorkFactor = 22
    /// About a second and 256 MB.
    private static let workFactor = 18

    static func wrap(_ fileKey: [UInt8], for recipient: AgeRecipient) throws(AgeError) -> AgeHeader.Stanza {
        switch recipient {
        case .x25519(let bytes):
            do {
                let publicKey = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: Data(bytes))
                let ephemeral = Curve25519.KeyAgreement.PrivateKey()
                let share = [UInt8](ephemeral.publicKey.rawRepresentation)
                let key = try wrapKey(ephemeral, publicKey, salt: share + bytes)
                return AgeHeader.Stanza(
                    type: "X25519", arguments: [AgeBase64.text(share)], body: try seal(fileKey, key))
            } catch {
                throw AgeError(.key, "A recipient is no usable public key.")
            }
        case .passphrase(let passphrase):
            var salt: [UInt8] = []
            for _ in 0..<16 { salt.append(.random(in: .min ... .max)) }
            do {
                let key = try passphraseKey(passphrase, salt, workFactor)
                return AgeHeader.Stanza(
                    type: "scrypt", arguments: [AgeBase64.text(salt), String(workFactor)], body: try seal(fileKey, key))
            } catch {
                throw AgeError(.key, "No key could be made from the passphrase.")
            }
        }
    }

    /// The file key that one of some stanzas has for one of some identities; nil where none has.
    static func unwrap(
        _ stanzas: [AgeHeader.Stanza], with identities: [AgeIdentity]
    ) throws(AgeError) -> [UInt8]? {
        if stanzas.count > 1, stanzas.contains(where: { $0.type == "scrypt" }) {
            throw AgeHeader.malformed("a file for a passphrase has another recipient")
        }
        for stanza in stanzas {
            for identity in identities {
                if let key = try unwrap(stanza, with: identity) { return key }
            }
        }
        return nil
    }

    private static func unwrap(
        _ stanza: AgeHeader.Stanza, with identity: AgeIdentity
    ) throws(AgeError) -> [UInt8]? {
        switch (stanza.type, identity) {
        case ("X25519", .x25519(let bytes)):
            guard stanza.arguments.count == 1, let share = AgeBase64.bytes(stanza.arguments[0]), share.count == 32,
                stanza.body.count == 32
            else { throw AgeHeader.malformed("a recipient of the type X25519 is malformed") }
            do {
                let own = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: Data(bytes))
                let ephemeral = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: Data(share))
                let key = try wrapKey(own, ephemeral, salt: share + [UInt8](own.publicKey.rawRepresentation))
                return open(stanza.body, key)
            } catch {
                throw AgeHeader.malformed("a recipient of the type X25519 has an unusable share")
            }
        case ("scrypt", .passphrase(let passphrase)):
            guard stanza.arguments.count == 2, let salt = AgeBase64.bytes(stanza.arguments[0]), salt.count == 16,
                stanza.body.count == 32, let factor = Int(stanza.arguments[1]), String(factor) == stanza.arguments[1],
                factor > 0
            else { throw AgeHeader.malformed("the recipient of the type scrypt is malformed") }
            guard factor <= maximumWorkFactor else {
                throw AgeHeader.malformed("its passphrase asks for more work (2^\(factor)) than is done")
            }
            do {
                return open(stanza.body, try passphraseKey(passphrase, salt, factor))
            } catch {
                throw AgeHeader.malformed("no key could be made from the passphrase")
            }
        default: return nil
        }
    }

    private static func wrapKey(
        _ own: Curve25519.KeyAgreement.PrivateKey, _ other: Curve25519.KeyAgreement.PublicKey, salt: [UInt8]
    ) throws -> SymmetricKey {
        let secret = try own.sharedSecretFromKeyAgreement(with: other)
        // A share of low order would make everybody's secret the same.
        guard secret.withUnsafeBytes({ $0.contains { $0 != 0 } }) else { throw AgeHeader.malformed("a share is zero") }
        return secret.hkdfDerivedSymmetricKey(
            using: SHA256.self, salt: Data(salt), sharedInfo: Data("age-encryption.org/v1/X25519".utf8),
            outputByteCount: 32)
    }

    private static func passphraseKey(_ passphrase: String, _ salt: [UInt8], _ factor: Int) throws -> SymmetricKey {
        try KDF.Scrypt.deriveKey(
            from: Data(passphrase.utf8), salt: Data("age-encryption.org/v1/scrypt".utf8) + Data(salt),
            outputByteCount: 32, rounds: 1 << factor, blockSize: 8, parallelism: 1)
    }

    /// Each wrapping key is used once, so that its nonce can be zero.
    private static func seal(_ fileKey: [UInt8], _ key: SymmetricKey) throws -> [UInt8] {
        let box = try ChaChaPoly.seal(
            Data(fileKey), using: key, nonce: ChaChaPoly.Nonce(data: [UInt8](repeating: 0, count: 12)))
        return [UInt8](box.ciphertext + box.tag)
    }

    private static func open(_ body: [UInt8], _ key: SymmetricKey) -> [UInt8]? {
        guard let nonce = try? ChaChaPoly.Nonce(data: [UInt8](repeating: 0, count: 12)),
            let box = try? ChaChaPoly.SealedBox(
                nonce: nonce, ciphertext: Data(body.dropLast(16)), tag: Data(body.suffix(16))),
            let plain = try? ChaChaPoly.open(box, using: key)
        else { return nil }
        return [UInt8](plain)
    }
}
