import Crypto
import PlumbModel
import ProviderAPI

/// The digests of a content, made piece by piece.
struct ContentDigests {
    private var md5 = Insecure.MD5()
    private var sha1 = Insecure.SHA1()
    private var sha256 = SHA256()
    private var sha512 = SHA512()

    init() {}

    init(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { add($0) }
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        md5.update(bufferPointer: bytes)
        sha1.update(bufferPointer: bytes)
        sha256.update(bufferPointer: bytes)
        sha512.update(bufferPointer: bytes)
    }

    var sha256Hex: String { Hexadecimal.encode(Array(sha256.finalize())) }

    /// By attribute.
    var attributes: [(String, Value)] {
        let sha256 = Array(sha256.finalize())
        let sha512 = Array(sha512.finalize())
        return [
            ("content_md5", .string(Hexadecimal.encode(Array(md5.finalize())))),
            ("content_sha1", .string(Hexadecimal.encode(Array(sha1.finalize())))),
            ("content_sha256", .string(Hexadecimal.encode(sha256))),
            ("content_base64sha256", .string(Base64.encode(sha256))),
            ("content_sha512", .string(Hexadecimal.encode(sha512))),
            ("content_base64sha512", .string(Base64.encode(sha512))),
        ]
    }

    static let schema = [
        AttributeSchema("content_md5", .string, .computed, "MD5 of the content, hexadecimal."),
        AttributeSchema("content_sha1", .string, .computed, "SHA-1 of the content, hexadecimal."),
        AttributeSchema("content_sha256", .string, .computed, "SHA-256 of the content, hexadecimal."),
        AttributeSchema("content_base64sha256", .string, .computed, "SHA-256 of the content, base64."),
        AttributeSchema("content_sha512", .string, .computed, "SHA-512 of the content, hexadecimal."),
        AttributeSchema("content_base64sha512", .string, .computed, "SHA-512 of the content, base64."),
    ]
}
