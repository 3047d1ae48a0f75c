/// Writes a value as JSON text the way Terraform's `jsonencode` does: keys sorted, `<`, `>` and `&` escaped, numbers
/// without an exponent. Marks are not written; what is unknown is written as null.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ value: Value) {
        switch value.kind {
        case .null, .unknown: write(raw: "null")
        case .bool(let flag): write(raw: flag ? "true" : "false")
        case .number(let number): write(raw: number.description)
        case .string(let text): write(string: text)
        case .list(let elements, _):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                write(element)
            }
            bytes.append(UInt8(ascii: "]"))
        case .map(let map, _):
            bytes.append(UInt8(ascii: "{"))
            for (index, entry) in map.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                write(string: entry.key)
                bytes.append(UInt8(ascii: ":"))
                write(entry.value)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private mutating func write(raw text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func write(string text: String) {
        bytes.append(UInt8(ascii: "\""))
        var pending = 0  // the bytes of U+2028 and U+2029 that have been seen
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): write(raw: "\\\"")
            case UInt8(ascii: "\\"): write(raw: "\\\\")
            case 0x0A: write(raw: "\\n")
            case 0x0D: write(raw: "\\r")
            case 0x09: write(raw: "\\t")
            case 0..<0x20, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"):
                write(raw: "\\u00")
                bytes.append(JSONWriter.hexDigits[Int(byte >> 4)])
                bytes.append(JSONWriter.hexDigits[Int(byte & 15)])
            default: bytes.append(byte)
            }
            switch (pending, byte) {
            case (_, 0xE2): pending = 1
            case (1, 0x80): pending = 2
            case (2, 0xA8), (2, 0xA9):
                bytes.removeLast(3)
                write(raw: byte == 0xA8 ? "\\u2028" : "\\u2029")
                pending = 0
            default: pending = 0
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)
}

extension Value {
    /// The value as JSON text, as `jsonencode` writes it.
    public var json: String {
        var writer = JSONWriter()
        writer.write(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
