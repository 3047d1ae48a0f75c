internal import Crypto

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Whom a file is encrypted for.
public enum AgeRecipient: Sendable, Hashable {
    /// A public key: 32 bytes.
    case x25519([UInt8])
    /// Whoever knows it; such a file has no other recipient.
    case passphrase(String)

    /// Reads `age1…`.
    public init(parsing text: String) throws(AgeError) {
        guard let (prefix, bytes) = Bech32.read(text), prefix == "age", bytes.count == 32, text == text.lowercased()
        else {
            throw AgeError(.key, "\"\(text)\" is no recipient of age: such begin with \"age1\".")
        }
        self = .x25519(bytes)
    }
}

/// What opens a file.
public enum AgeIdentity: Sendable, Hashable {
    /// A private key: 32 bytes.
    case x25519([UInt8])
    case passphrase(String)

    /// Reads `AGE-SECRET-KEY-1…`.
    public init(parsing text: String) throws(AgeError) {
        guard let (prefix, bytes) = Bech32.read(text), prefix == "age-secret-key-", bytes.count == 32,
            text == text.uppercased()
        else {
            throw AgeError(.key, "A line is no identity of age: such begin with \"AGE-SECRET-KEY-1\".")
        }
        self = .x25519(bytes)
    }

    /// Reads a file of identities: one a line, with comments (`#`) and empty lines.
    public static func list(_ text: String) throws(AgeError) -> [AgeIdentity] {
        var identities: [AgeIdentity] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.filter { !$0.isWhitespace }
            if !line.isEmpty, !line.hasPrefix("#") { identities.append(try AgeIdentity(parsing: line)) }
        }
        return identities
    }

    /// Makes a new private key.
    public static func make() -> AgeIdentity {
        .x25519([UInt8](Curve25519.KeyAgreement.PrivateKey().rawRepresentation))
    }

    /// `AGE-SECRET-KEY-1…`; nil for a passphrase.
    public var text: String? {
        guard case .x25519(let bytes) = self else { return nil }
        return Bech32.text("age-secret-key-", bytes).uppercased()
    }

    /// The recipient that it opens files of, as text (`age1…`); nil for a passphrase.
    public var recipient: String? {
        guard case .x25519(let bytes) = self,
            let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: Data(bytes))
        else { return nil }
        return Bech32.text("age", [UInt8](key.publicKey.rawRepresentation))
    }
}
