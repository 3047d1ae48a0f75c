/// Rewrites of a JSON text what a parser of YAML does not take: tabs between tokens, surrogate pairs, DEL.
enum JSONPreparation {
    static func prepared(_ bytes: [UInt8]) -> [UInt8] {
        let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
        guard first == UInt8(ascii: "{"), needsWork(bytes) else { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var isInString = false
        var offset = 0
        while offset < bytes.count {
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "\""):
                isInString.toggle()
                result.append(byte)
            case 0x09: result.append(contentsOf: isInString ? [UInt8(ascii: "\\"), UInt8(ascii: "t")] : [0x20])
            case 0x7F: result.append(contentsOf: isInString ? Array("\\x7F".utf8) : [0x20])
            case UInt8(ascii: "\\") where isInString:
                offset = appendEscape(bytes, at: offset, to: &result)
                continue
            default: result.append(byte)
            }
            offset += 1
        }
        return result
    }

    private static func needsWork(_ bytes: [UInt8]) -> Bool {
        var last: UInt8 = 0
        for byte in bytes {
            if byte == 0x09 || byte == 0x7F || (last == UInt8(ascii: "\\") && byte == UInt8(ascii: "u")) { return true }
            last = byte
        }
        return false
    }

    /// - Returns: the offset after the escape.
    private static func appendEscape(_ bytes: [UInt8], at offset: Int, to result: inout [UInt8]) -> Int {
        guard let unit = unit(bytes, at: offset), (0xD800...0xDFFF).contains(unit) else {
            result.append(contentsOf: bytes[offset..<min(offset + 2, bytes.count)])
            return offset + 2
        }
        if unit < 0xDC00, let low = self.unit(bytes, at: offset + 6), (0xDC00...0xDFFF).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
        {
            result.append(contentsOf: String(scalar).utf8)
            return offset + 12
        }
        result.append(contentsOf: "\\uFFFD".utf8)
        return offset + 6
    }

    /// The code unit of a `\uXXXX` at this place.
    private static func unit(_ bytes: [UInt8], at offset: Int) -> UInt32? {
        guard offset + 6 <= bytes.count, bytes[offset] == UInt8(ascii: "\\"), bytes[offset + 1] == UInt8(ascii: "u")
        else { return nil }
        return UInt32(String(decoding: bytes[offset + 2..<offset + 6], as: UTF8.self), radix: 16)
    }
}
