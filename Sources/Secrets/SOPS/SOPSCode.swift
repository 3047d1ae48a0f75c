internal import Crypto
internal import PlumbModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Makes the code that authenticates a file: a digest of all values in their order, encrypted or not.
struct SOPSCode {
    /// What a code of encrypted values alone begins with, so that it cannot be taken for one of all.
    private static let ofEncryptedOnly: [UInt8] = [
        0x8A, 0x3F, 0xD2, 0xAD, 0x54, 0xCE, 0x66, 0x52, 0x7B, 0x10, 0x34, 0xF3, 0xD1, 0x47, 0xBE, 0x0B, 0x0B, 0x97,
        0x5B, 0x3B, 0xF4, 0x4F, 0x72, 0xC6, 0xFD, 0xAD, 0xEC, 0x81, 0x76, 0xF2, 0x7D, 0x69,
    ]

    private let isOfEncryptedOnly: Bool
    private var digest = SHA512()

    init(_ rules: SOPSRules) {
        isOfEncryptedOnly = rules.codeIsOfEncryptedOnly
        if isOfEncryptedOnly { digest.update(data: Data(Self.ofEncryptedOnly)) }
    }

    mutating func add(encrypted text: String) { digest.update(data: Data(text.utf8)) }

    /// What stands in the file as it is.
    mutating func add(open scalar: Scalar) {
        guard !isOfEncryptedOnly else { return }
        let text = scalar.style == .plain ? GoScalar.codeText(scalar.text) : scalar.text
        if let text { digest.update(data: Data(text.utf8)) }
    }

    /// In hexadecimal digits, as it is sealed.
    var text: String {
        let digits = Array("0123456789ABCDEF".utf8)
        return String(
            decoding: digest.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
