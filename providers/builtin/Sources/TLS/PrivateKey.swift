import Crypto
import FoundationEssentials
import PlumbModel
import ProviderAPI
import SwiftASN1
import X509
import _CryptoExtras

/// A private key of any algorithm that certificates and SSH use, in all its written forms.
enum PrivateKey: Sendable {
    case rsa(_RSA.Signing.PrivateKey)
    case p256(P256.Signing.PrivateKey)
    case p384(P384.Signing.PrivateKey)
    case p521(P521.Signing.PrivateKey)
    case ed25519(Curve25519.Signing.PrivateKey)

    static let algorithms = ["RSA", "ECDSA", "ED25519"]
    static let curves = ["P256", "P384", "P521"]

    /// `RSA`, `ECDSA` or `ED25519`.
    var algorithm: String {
        switch self {
        case .rsa: "RSA"
        case .p256, .p384, .p521: "ECDSA"
        case .ed25519: "ED25519"
        }
    }

    /// Reads PEM: PKCS#1, SEC 1 or PKCS#8, not encrypted.
    init(pem: String) throws(ProviderError) {
        do {
            let document = try PEMDocument(pemString: pem)
            self = try PrivateKey.parse(Certificate.PrivateKey(pemDocument: document), document)
        } catch {
            throw ProviderError(
                .invalid,
                "private_key_pem is no private key that can be read: it must be PEM (\"RSA PRIVATE KEY\", "
                    + "\"EC PRIVATE KEY\" or \"PRIVATE KEY\"), not encrypted, RSA of 2048 bits or more, ECDSA on "
                    + "P256, P384 or P521, or ED25519.")
        }
    }

    /// X509 knows which algorithm it is; Crypto then reads the key itself.
    private static func parse(_ key: Certificate.PrivateKey, _ document: PEMDocument) throws -> PrivateKey {
        let pem = try key.serializeAsPEM().pemString
        if let rsa = try? _RSA.Signing.PrivateKey(pemRepresentation: pem) { return .rsa(rsa) }
        if let p256 = try? P256.Signing.PrivateKey(pemRepresentation: pem) { return .p256(p256) }
        if let p384 = try? P384.Signing.PrivateKey(pemRepresentation: pem) { return .p384(p384) }
        if let p521 = try? P521.Signing.PrivateKey(pemRepresentation: pem) { return .p521(p521) }
        // PKCS#8 of Ed25519 (RFC 8410) ends with the 32 bytes of the seed, unless the public key follows.
        let bytes = try PEMDocument(pemString: pem).derBytes
        return .ed25519(try Curve25519.Signing.PrivateKey(rawRepresentation: bytes.suffix(32)))
    }

    var certificateKey: Certificate.PrivateKey {
        switch self {
        case .rsa(let key): Certificate.PrivateKey(key)
        case .p256(let key): Certificate.PrivateKey(key)
        case .p384(let key): Certificate.PrivateKey(key)
        case .p521(let key): Certificate.PrivateKey(key)
        case .ed25519(let key): Certificate.PrivateKey(key)
        }
    }

    var signatureAlgorithm: Certificate.SignatureAlgorithm {
        switch self {
        case .rsa: .sha256WithRSAEncryption
        case .p256: .ecdsaWithSHA256
        case .p384: .ecdsaWithSHA384
        case .p521: .ecdsaWithSHA512
        case .ed25519: .ed25519
        }
    }

    /// The form OpenSSL writes by tradition: PKCS#1 for RSA, SEC 1 for ECDSA, PKCS#8 for ED25519.
    func traditionalPEM() throws -> String {
        switch self {
        case .rsa(let key): return key.pemRepresentation
        case .p256(let key):
            return try PrivateKey.sec1(
                key.rawRepresentation, key.publicKey.x963Representation, [1, 2, 840, 10045, 3, 1, 7])
        case .p384(let key):
            return try PrivateKey.sec1(key.rawRepresentation, key.publicKey.x963Representation, [1, 3, 132, 0, 34])
        case .p521(let key):
            return try PrivateKey.sec1(key.rawRepresentation, key.publicKey.x963Representation, [1, 3, 132, 0, 35])
        case .ed25519: return try pkcs8PEM()
        }
    }

    func pkcs8PEM() throws -> String {
        if case .rsa(let key) = self { return key.pkcs8PEMRepresentation }
        return try certificateKey.serializeAsPEM().pemString
    }

    func publicPEM() throws -> String { try certificateKey.publicKey.serializeAsPEM().pemString }

    /// `ECPrivateKey` of RFC 5915.
    private static func sec1(_ secret: Data, _ point: Data, _ curve: ASN1ObjectIdentifier) throws -> String {
        var serializer = DER.Serializer()
        try serializer.appendConstructedNode(identifier: .sequence) { coder in
            try coder.serialize(1)
            try coder.serialize(ASN1OctetString(contentBytes: Array(secret)[...]))
            try coder.serialize(curve, explicitlyTaggedWithTagNumber: 0, tagClass: .contextSpecific)
            try coder.serialize(
                ASN1BitString(bytes: Array(point)[...]), explicitlyTaggedWithTagNumber: 1, tagClass: .contextSpecific)
        }
        return PEMDocument(type: "EC PRIVATE KEY", derBytes: serializer.serializedBytes).pemString
    }
}
