import Crypto
import FoundationEssentials
import SwiftASN1
import _CryptoExtras

/// Writes keys the way OpenSSH does (RFC 4253, RFC 5656, RFC 8709, and OpenSSH's PROTOCOL.key).
struct SSHEncoding {
    /// `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-nistp256` …
    let type: String
    /// The public key as it stands, in base64, in `authorized_keys`.
    let publicBlob: [UInt8]
    private let secretFields: [UInt8]

    init(_ key: PrivateKey) throws {
        var blob = SSHWriter()
        var secret = SSHWriter()
        switch key {
        case .rsa(let key):
            type = "ssh-rsa"
            let numbers = try SSHEncoding.integers(Array(key.derRepresentation))
            // PKCS#1: version, n, e, d, p, q, d mod p-1, d mod q-1, 1/q mod p
            blob.add(type)
            for index in [2, 1] { blob.add(positive: Array(numbers[index])) }
            for index in [1, 2, 3, 8, 4, 5] { secret.add(positive: Array(numbers[index])) }
        case .p256(let key):
            type = "ecdsa-sha2-nistp256"
            SSHEncoding.add("nistp256", key.publicKey.x963Representation, key.rawRepresentation, type, &blob, &secret)
        case .p384(let key):
            type = "ecdsa-sha2-nistp384"
            SSHEncoding.add("nistp384", key.publicKey.x963Representation, key.rawRepresentation, type, &blob, &secret)
        case .p521(let key):
            type = "ecdsa-sha2-nistp521"
            SSHEncoding.add("nistp521", key.publicKey.x963Representation, key.rawRepresentation, type, &blob, &secret)
        case .ed25519(let key):
            type = "ssh-ed25519"
            blob.add(type)
            blob.add(key.publicKey.rawRepresentation)
            secret.add(key.publicKey.rawRepresentation)
            secret.add(key.rawRepresentation + key.publicKey.rawRepresentation)
        }
        publicBlob = blob.bytes
        secretFields = secret.bytes
    }

    private static func add(
        _ curve: String, _ point: Data, _ scalar: Data, _ type: String, _ blob: inout SSHWriter,
        _ secret: inout SSHWriter
    ) {
        blob.add(type)
        blob.add(curve)
        blob.add(point)
        secret.add(curve)
        secret.add(point)
        secret.add(positive: Array(scalar))
    }

    /// The integers of a PKCS#1 key, big-endian.
    private static func integers(_ der: [UInt8]) throws -> [ArraySlice<UInt8>] {
        try DER.sequence(DER.parse(der), identifier: .sequence) { nodes in
            var numbers: [ArraySlice<UInt8>] = []
            while let node = nodes.next() { numbers.append(try ArraySlice<UInt8>(derEncoded: node)) }
            guard numbers.count == 9 else {
                throw ASN1Error.invalidASN1Object(reason: "an RSA key of \(numbers.count) numbers")
            }
            return numbers
        }
    }

    var authorizedKey: String { "\(type) \(Base64.encode(publicBlob))\n" }

    var fingerprintSHA256: String {
        var text = Base64.encode(Array(SHA256.hash(data: publicBlob)))
        while text.last == "=" { text.removeLast() }
        return "SHA256:" + text
    }

    var fingerprintMD5: String {
        Array(Insecure.MD5.hash(data: publicBlob)).map { Hexadecimal.encode([$0]) }.joined(separator: ":")
    }

    /// The file `ssh-keygen` writes, without a passphrase.
    var privateKeyFile: String {
        var secret = SSHWriter()
        let check = UInt32.random(in: 0...UInt32.max)
        secret.add(check)
        secret.add(check)
        secret.add(type)
        secret.bytes += secretFields
        secret.add("")  // the comment
        var padding: UInt8 = 1
        while secret.bytes.count % 8 != 0 {
            secret.bytes.append(padding)
            padding += 1
        }
        var file = SSHWriter()
        file.bytes = Array("openssh-key-v1\0".utf8)
        for word in ["none", "none", ""] { file.add(word) }
        file.add(1)
        file.add(publicBlob)
        file.add(secret.bytes)
        var text = "-----BEGIN OPENSSH PRIVATE KEY-----\n"
        var rest = Base64.encode(file.bytes)[...]
        while !rest.isEmpty {
            text += rest.prefix(70) + "\n"
            rest = rest.dropFirst(70)
        }
        return text + "-----END OPENSSH PRIVATE KEY-----\n"
    }
}

/// The wire format of SSH: a length in four bytes before each field.
private struct SSHWriter {
    var bytes: [UInt8] = []

    mutating func add(_ number: UInt32) {
        for shift: UInt32 in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    mutating func add(_ field: some Collection<UInt8>) {
        add(UInt32(field.count))
        bytes.append(contentsOf: field)
    }

    mutating func add(_ text: String) { add(Array(text.utf8)) }

    /// A number that is not negative, given as its big-endian bytes.
    mutating func add(positive number: [UInt8]) {
        let short = Array(number.drop { $0 == 0 })
        add((short.first ?? 0) >= 0x80 ? [0] + short : short)
    }
}
