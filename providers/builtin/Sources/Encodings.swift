import FoundationEssentials

/// Base64 (RFC 4648), standard and URL-safe.
enum Base64 {
    static func encode(_ bytes: some Sequence<UInt8>) -> String { Data(bytes).base64EncodedString() }

    /// Without padding.
    static func encode(urlSafe bytes: some Sequence<UInt8>) -> String {
        let text = encode(bytes).utf8.compactMap { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: byte
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil where the text is no base64; spaces and line ends are skipped.
    static func decode(_ text: String) -> [UInt8]? {
        let packed = text.utf8.filter { $0 != 0x0A && $0 != 0x0D && $0 != 0x20 }
        return Data(base64Encoded: String(decoding: packed, as: UTF8.self)).map(Array.init)
    }

    static func decode(urlSafe text: String) -> [UInt8]? {
        let standard = text.utf8.map {
            $0 == UInt8(ascii: "-") ? UInt8(ascii: "+") : $0 == UInt8(ascii: "_") ? UInt8(ascii: "/") : $0
        }
        let padding = String(repeating: "=", count: (4 - standard.count % 4) % 4)
        return decode(String(decoding: standard, as: UTF8.self) + padding)
    }
}

/// Hexadecimal digits in lower case.
enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
