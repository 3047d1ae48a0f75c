/// Writes a value as JSON text the way Terraform's `jsonencode` does: keys sorted, `<`, `>` and `&` escaped, numbers
/// without an exponent. Marks are not written and what is unknown is written as null, unless it writes an archive.
public struct JSONWriter {
    public private(set) var bytes: [UInt8] = []
    /// Whether to write in tags what JSON cannot say.
    private let isArchive: Bool

    init(isArchive: Bool) { self.isArchive = isArchive }

    public init() { isArchive = false }

    /// Gives what has been written so far and begins anew.
    public mutating func take() -> [UInt8] {
        let taken = bytes
        bytes.removeAll(keepingCapacity: true)
        return taken
    }

    public mutating func write(_ value: Value) {
        if isArchive, value.isSensitive {
            write(.sensitive) { $0.write(Value(value.kind)) }
            return
        }
        switch value.kind {
        case .null: write(raw: "null")
        case .bool(let flag): write(raw: flag ? "true" : "false")
        case .number(let number): write(raw: number.description)
        case .string(let text): write(string: text)
        case .unknown(let type):
            if isArchive { write(.unknown) { $0.write(string: type.description) } } else { write(raw: "null") }
        case .list(let elements, let sequencing):
            switch sequencing {
            case .list where isArchive: write(.list) { $0.write(elements) }
            case .set where isArchive: write(.set) { $0.write(elements) }
            default: write(elements)
            }
        case .map(let map, let mapping):
            switch mapping {
            case .map where isArchive: write(.map) { $0.write(map) }
            case .object where isArchive && map[ArchiveTag.key] != nil: write(.object) { $0.write(map) }
            default: write(map)
            }
        }
    }

    private mutating func write(_ tag: ArchiveTag, _ content: (inout JSONWriter) -> Void) {
        write(raw: "{\"\(ArchiveTag.key)\":\"\(tag.rawValue)\",")
        write(raw: tag == .unknown ? "\"type\":" : "\"value\":")
        content(&self)
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func write(_ elements: [Value]) {
        bytes.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(element)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func write(_ map: ValueMap) {
        bytes.append(UInt8(ascii: "{"))
        for (index, entry) in map.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(string: entry.key)
            bytes.append(UInt8(ascii: ":"))
            write(entry.value)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// Writes what is JSON already.
    public mutating func write(raw text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    public mutating func write(string text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            var written = 0
            for index in utf8.indices where JSONWriter.mayNeedEscape[Int(utf8[index])] {
                guard let (escape, length) = JSONWriter.escape(utf8, at: index) else { continue }
                bytes.append(contentsOf: utf8[written..<index])
                bytes.append(contentsOf: escape)
                written = index + length
            }
            bytes.append(contentsOf: utf8[written...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// True also of the first byte of U+2028 and U+2029.
    private static let mayNeedEscape: [Bool] = (0..<256).map { byte in
        byte < 0x20 || byte == 0xE2 || "\"\\<>&".utf8.contains(UInt8(byte))
    }

    /// The escape for what stands at the index, and how many bytes that takes; nil where it needs none.
    private static func escape(_ utf8: UnsafeBufferPointer<UInt8>, at index: Int) -> (escape: [UInt8], length: Int)? {
        switch utf8[index] {
        case UInt8(ascii: "\""): return (Array(#"\""#.utf8), 1)
        case UInt8(ascii: "\\"): return (Array(#"\\"#.utf8), 1)
        case 0x0A: return (Array(#"\n"#.utf8), 1)
        case 0x0D: return (Array(#"\r"#.utf8), 1)
        case 0x09: return (Array(#"\t"#.utf8), 1)
        case 0xE2:
            guard index + 2 < utf8.count, utf8[index + 1] == 0x80 else { return nil }
            switch utf8[index + 2] {
            case 0xA8: return (Array(#"\u2028"#.utf8), 3)
            case 0xA9: return (Array(#"\u2029"#.utf8), 3)
            default: return nil
            }
        case let byte:
            return (Array(#"\u00"#.utf8) + [hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]], 1)
        }
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
