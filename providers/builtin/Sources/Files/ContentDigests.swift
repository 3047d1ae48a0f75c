import Crypto
import PlumbModel
import ProviderAPI

/// The digest of a content, made piece by piece.
///
/// One is enough: each further one would be a further line in every plan that changes a file.
struct ContentDigests {
    private var sha256 = SHA256()

    init() {}

    init(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { add($0) }
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        sha256.update(bufferPointer: bytes)
    }

    var sha256Hex: String { Hexadecimal.encode(Array(sha256.finalize())) }

    /// By attribute.
    var attributes: [(String, Value)] { [("content_sha256", .string(sha256Hex))] }

    /// A digest gives a short secret away.
    static let schema = [
        AttributeSchema(
            "content_sha256", .string, .computed, derivedFrom: ["content", "content_base64"],
            "SHA-256 of the content, hexadecimal; as sensitive as the content.")
    ]
}
