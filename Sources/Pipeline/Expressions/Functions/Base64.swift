/// The standard base64 alphabet with padding (RFC 4648), read strictly.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 0xFF, count: 256)
        for (value, byte) in alphabet.enumerated() { table[Int(byte)] = UInt8(value) }
        return table
    }()

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            let a = UInt32(bytes[start])
            let b = count > 1 ? UInt32(bytes[start + 1]) : 0
            let c = count > 2 ? UInt32(bytes[start + 2]) : 0
            let group = a << 16 | b << 8 | c
            for position in 0..<4 {
                let digit = Int(group >> UInt32(18 - 6 * position) & 63)
                text.append(position <= count ? alphabet[digit] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil where the text is no base64; line breaks in it are skipped.
    static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        let digits = text.filter { $0 != 0x0A && $0 != 0x0D }
        guard digits.count % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 4 * 3)
        for start in stride(from: 0, to: digits.count, by: 4) {
            let padding =
                start + 4 == digits.count ? digits[start..<start + 4].reversed().prefix { $0 == 0x3D }.count : 0
            guard padding <= 2 else { return nil }
            var group: UInt32 = 0
            for position in 0..<4 {
                let value = position < 4 - padding ? values[Int(digits[start + position])] : 0
                guard value != 0xFF else { return nil }
                group = group << 6 | UInt32(value)
            }
            let whole = [UInt8(group >> 16 & 0xFF), UInt8(group >> 8 & 0xFF), UInt8(group & 0xFF)]
            bytes.append(contentsOf: whole.prefix(3 - padding))
        }
        return bytes
    }
}
