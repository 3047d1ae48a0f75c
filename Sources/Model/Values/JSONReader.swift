/// Reads JSON text (RFC 8259) into a value: arrays become tuples, objects become objects.
///
/// Our own because the language's values are its result, whole numbers stay exact, and state rows are read by it in
/// the thousands.
struct JSONReader {
    private let bytes: [UInt8]
    private var offset = 0
    private var depth = 0

    /// Arrays and objects nested deeper than this are refused.
    static let maximumDepth = 100

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func read() throws(JSONError) -> Value {
        let value = try value()
        skipSpace()
        guard offset == bytes.count else { throw error("unexpected text after the value") }
        return value
    }

    private mutating func value() throws(JSONError) -> Value {
        skipSpace()
        guard offset < bytes.count else { throw error("the text ends where a value is expected") }
        switch bytes[offset] {
        case UInt8(ascii: "{"): return try nested { (reader) throws(JSONError) in try reader.object() }
        case UInt8(ascii: "["): return try nested { (reader) throws(JSONError) in try reader.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func nested(
        _ body: (inout JSONReader) throws(JSONError) -> Value
    ) throws(JSONError) -> Value {
        depth += 1
        guard depth <= JSONReader.maximumDepth else { throw error("nested deeper than \(JSONReader.maximumDepth)") }
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(JSONError) -> Value {
        offset += 1
        var entries: [(String, Value)] = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(ValueMap()) }
        while true {
            skipSpace()
            guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else { throw error("expected a key") }
            let key = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw error("expected \":\" after the key") }
            entries.append((key, try value()))
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(ValueMap(entries)) }
            guard take(UInt8(ascii: ",")) else { throw error("expected \",\" or \"}\"") }
        }
    }

    private mutating func array() throws(JSONError) -> Value {
        offset += 1
        var elements: [Value] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .tuple([]) }
        while true {
            elements.append(try value())
            skipSpace()
            if take(UInt8(ascii: "]")) { return .tuple(elements) }
            guard take(UInt8(ascii: ",")) else { throw error("expected \",\" or \"]\"") }
        }
    }

    private mutating func literal(_ word: StaticString, _ value: Value) throws(JSONError) -> Value {
        let length = word.utf8CodeUnitCount
        let matches = word.withUTF8Buffer { bytes.dropFirst(offset).prefix(length).elementsEqual($0) }
        guard matches else { throw error("invalid value") }
        offset += length
        return value
    }

    private mutating func number() throws(JSONError) -> Value {
        let start = offset
        _ = take(UInt8(ascii: "-"))
        let whole = digits()
        guard whole.count > 0, whole.count == 1 || bytes[whole.lowerBound] != UInt8(ascii: "0") else {
            throw error("invalid value")
        }
        if take(UInt8(ascii: ".")), digits().isEmpty { throw error("invalid number") }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            if digits().isEmpty { throw error("invalid number") }
        }
        guard let number = Number(parsing: String(decoding: bytes[start..<offset], as: UTF8.self)) else {
            throw error("the number is too large")
        }
        return .number(number)
    }

    private mutating func digits() -> Range<Int> {
        let start = offset
        while offset < bytes.count, bytes[offset] >= 0x30, bytes[offset] <= 0x39 { offset += 1 }
        return start..<offset
    }

    private mutating func string() throws(JSONError) -> String {
        offset += 1
        let start = offset
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\""), bytes[offset] != UInt8(ascii: "\\"),
            bytes[offset] >= 0x20
        { offset += 1 }
        guard offset < bytes.count else { throw error("unterminated string") }
        if bytes[offset] == UInt8(ascii: "\"") {
            defer { offset += 1 }
            return String(decoding: bytes[start..<offset], as: UTF8.self)
        }
        var decoded = Array(bytes[start..<offset])
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: decoded, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &decoded)
            case 0..<0x20: throw error("control character in a string")
            default: decoded.append(byte)
            }
        }
        throw error("unterminated string")
    }

    private mutating func escape(into decoded: inout [UInt8]) throws(JSONError) {
        guard offset < bytes.count else { throw error("unterminated string") }
        let byte = bytes[offset]
        offset += 1
        switch byte {
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(byte)
        case UInt8(ascii: "u"):
            var unit = try hex4()
            if unit >= 0xD800, unit < 0xDC00, bytes.dropFirst(offset).starts(with: [0x5C, 0x75]) {
                let mark = offset
                offset += 2
                let low = try hex4()
                if low >= 0xDC00, low < 0xE000 {
                    unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
                } else {
                    offset = mark
                }
            }
            decoded.append(contentsOf: String(Unicode.Scalar(unit) ?? "\u{FFFD}").utf8)
        default: throw error("invalid escape")
        }
    }

    private mutating func hex4() throws(JSONError) -> UInt32 {
        guard offset + 4 <= bytes.count,
            let unit = UInt32(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16)
        else { throw error("invalid escape") }
        offset += 4
        return unit
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        offset += 1
        return true
    }

    private mutating func skipSpace() {
        while offset < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[offset]) { offset += 1 }
    }

    private func error(_ message: String) -> JSONError {
        JSONError(message: message, offset: offset)
    }
}

/// Why a text is not JSON, and the byte offset at which reading stopped.
public struct JSONError: Error, Sendable, Hashable {
    public let message: String
    public let offset: Int
}

extension Value {
    /// Reads JSON text; invalid UTF-8 in it is replaced by U+FFFD.
    public init(json bytes: [UInt8]) throws(JSONError) {
        var reader = JSONReader(bytes)
        self = try reader.read()
    }

    public init(json text: String) throws(JSONError) {
        try self.init(json: Array(text.utf8))
    }
}
