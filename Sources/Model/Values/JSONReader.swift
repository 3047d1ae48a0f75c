/// Reads JSON text (RFC 8259) into a value: arrays become tuples, objects become objects.
///
/// Our own because the language's values are its result, whole numbers stay exact, and state rows are read by it in
/// the thousands: so it walks over bytes in place, which must outlive it.
struct JSONReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    /// Whether an object that begins with the archive's tag stands for what JSON cannot say.
    private let isArchive: Bool
    private var offset = 0
    private var depth = 0

    /// Arrays and objects nested deeper than this are refused.
    static let maximumDepth = 200

    init(_ bytes: UnsafeBufferPointer<UInt8>, isArchive: Bool = false) {
        self.bytes = bytes
        self.isArchive = isArchive
    }

    mutating func read() throws(JSONError) -> Value {
        let value = try value()
        skipSpace()
        guard offset == bytes.count else { throw error("unexpected text after the value") }
        return value
    }

    /// The byte to read next; 0, which JSON has nowhere, at the end.
    private var next: UInt8 { offset < bytes.count ? bytes[offset] : 0 }

    private mutating func value() throws(JSONError) -> Value {
        skipSpace()
        guard offset < bytes.count else { throw error("the text ends where a value is expected") }
        switch bytes[offset] {
        case UInt8(ascii: "{"):
            try enter()
            return try leave(with: isArchive ? archivedObject() : .object(object()))
        case UInt8(ascii: "["):
            try enter()
            return try leave(with: .tuple(array()))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func enter() throws(JSONError) {
        depth += 1
        guard depth <= JSONReader.maximumDepth else { throw error("nested deeper than \(JSONReader.maximumDepth)") }
        offset += 1
    }

    private mutating func leave(with value: Value) -> Value {
        depth -= 1
        return value
    }

    /// The rest of an object after its brace, and after its first key if that was already read.
    private mutating func object(firstKey: String? = nil) throws(JSONError) -> ValueMap {
        var entries: [ValueMap.Entry] = []
        if firstKey == nil {
            skipSpace()
            if take(UInt8(ascii: "}")) { return ValueMap() }
        }
        var pending = firstKey
        while true {
            let name: String
            if let first = pending { name = first } else { name = try key() }
            pending = nil
            entries.append(ValueMap.Entry(key: name, value: try value()))
            skipSpace()
            if take(UInt8(ascii: "}")) { return ValueMap(entries: entries) }
            guard take(UInt8(ascii: ",")) else { throw error("expected \",\" or \"}\"") }
        }
    }

    /// A key and its colon.
    private mutating func key() throws(JSONError) -> String {
        skipSpace()
        guard next == UInt8(ascii: "\"") else { throw error("expected a key") }
        let key = try string()
        skipSpace()
        guard take(UInt8(ascii: ":")) else { throw error("expected \":\" after the key") }
        return key
    }

    private mutating func archivedObject() throws(JSONError) -> Value {
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(ValueMap()) }
        let first = try key()
        guard first == ArchiveTag.key else { return .object(try object(firstKey: first)) }
        return try tagged()
    }

    /// The rest of an object that began with the tag: its name, and one more entry.
    private mutating func tagged() throws(JSONError) -> Value {
        skipSpace()
        guard next == UInt8(ascii: "\""), let tag = ArchiveTag(rawValue: try string()) else {
            throw error("unknown tag")
        }
        skipSpace()
        guard take(UInt8(ascii: ",")), try key() == (tag == .unknown ? "type" : "value") else {
            throw error("the tag \"\(tag.rawValue)\" stands without what it marks")
        }
        skipSpace()
        let value = try content(of: tag)
        skipSpace()
        guard take(UInt8(ascii: "}")) else { throw error("expected \"}\" after a tagged value") }
        return value
    }

    private mutating func content(of tag: ArchiveTag) throws(JSONError) -> Value {
        switch (tag, next) {
        case (.sensitive, _): return try value().sensitive()
        case (.unknown, UInt8(ascii: "\"")):
            guard let type = ValueType(parsing: try string()) else { throw error("an unknown value without a type") }
            return .unknown(type)
        case (.list, UInt8(ascii: "[")), (.set, UInt8(ascii: "[")):
            try enter()
            let elements = try array()
            return leave(with: tag == .list ? .list(elements) : .set(elements))
        case (.map, UInt8(ascii: "{")), (.object, UInt8(ascii: "{")):
            try enter()
            // Here the tag's own key is a key as any other.
            let entries = try object()
            return leave(with: tag == .map ? .map(entries) : .object(entries))
        default: throw error("the tag \"\(tag.rawValue)\" does not fit what it marks")
        }
    }

    private mutating func array() throws(JSONError) -> [Value] {
        var elements: [Value] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return elements }
        while true {
            elements.append(try value())
            skipSpace()
            if take(UInt8(ascii: "]")) { return elements }
            guard take(UInt8(ascii: ",")) else { throw error("expected \",\" or \"]\"") }
        }
    }

    private mutating func literal(_ word: StaticString, _ value: Value) throws(JSONError) -> Value {
        let matches = word.withUTF8Buffer { bytes[offset...].starts(with: $0) }
        guard matches else { throw error("invalid value") }
        offset += word.utf8CodeUnitCount
        return value
    }

    private mutating func number() throws(JSONError) -> Value {
        let start = offset
        let isNegative = take(UInt8(ascii: "-"))
        let whole = digits()
        guard whole.count > 0, whole.count == 1 || bytes[whole.lowerBound] != UInt8(ascii: "0") else {
            throw error("invalid value")
        }
        if next | 0x20 != UInt8(ascii: "e"), next != UInt8(ascii: "."), whole.count <= 18 {
            let size = bytes[whole].reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
            return Value(.number(.integer(isNegative ? -size : size)))
        }
        if take(UInt8(ascii: ".")), digits().isEmpty { throw error("invalid number") }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            if digits().isEmpty { throw error("invalid number") }
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if let number = Number(parsing: text) { return .number(number) }
        // What a double wrote comes back as that double; nothing is rounded.
        guard let large = Double(text), large.isFinite, Number.double(large).description == text else {
            throw error("the number is too large")
        }
        return .number(.double(large))
    }

    private mutating func digits() -> Range<Int> {
        let start = offset
        while next >= 0x30, next <= 0x39 { offset += 1 }
        return start..<offset
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        offset += 1
        return true
    }

    private mutating func skipSpace() {
        while next <= 0x20, next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 { offset += 1 }
    }

    private func error(_ message: String) -> JSONError {
        JSONError(message: message, offset: offset)
    }
}

/// Strings and their escapes.
extension JSONReader {
    private mutating func string() throws(JSONError) -> String {
        offset += 1
        let start = offset
        var end = start
        while end < bytes.count, JSONReader.isPlain(bytes[end]) { end += 1 }
        offset = end
        guard offset < bytes.count else { throw error("unterminated string") }
        if bytes[offset] == UInt8(ascii: "\"") {
            defer { offset += 1 }
            return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<offset]), as: UTF8.self)
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

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") && byte >= 0x20
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
            if unit >= 0xD800, unit < 0xDC00, bytes[offset...].starts(with: [0x5C, 0x75]) {
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
        guard offset + 4 <= bytes.count else { throw error("invalid escape") }
        var unit: UInt32 = 0
        for byte in bytes[offset..<offset + 4] {
            switch byte {
            case 0x30...0x39: unit = unit << 4 + UInt32(byte - 0x30)
            case 0x41...0x46, 0x61...0x66: unit = unit << 4 + UInt32(byte | 0x20) - 0x57
            default: throw error("invalid escape")
            }
        }
        offset += 4
        return unit
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
        self = try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in
            var reader = JSONReader(bytes)
            return try reader.read()
        }
    }

    public init(json text: String) throws(JSONError) {
        self = try Value.read(text, isArchive: false)
    }

    static func read(_ text: String, isArchive: Bool) throws(JSONError) -> Value {
        var text = text
        return try text.withUTF8 { bytes in
            Result { () throws(JSONError) in
                var reader = JSONReader(bytes, isArchive: isArchive)
                return try reader.read()
            }
        }.get()
    }
}
