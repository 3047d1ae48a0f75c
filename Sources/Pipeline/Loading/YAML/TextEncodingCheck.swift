import PlumbModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Makes sure that a file is UTF-8 text of a bearable size before the YAML parser sees it.
struct TextEncodingCheck {
    private let file: SourceFile
    /// Where the text begins: after a byte order mark.
    let start: Int
    let isASCII: Bool

    init(_ file: SourceFile) {
        self.file = file
        start = file.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        isASCII = file.bytes.withUnsafeBytes { TextEncodingCheck.firstNonASCII(in: $0, from: 0) == $0.count }
    }

    func throwIfNotText() throws(Diagnostics) {
        if file.bytes.count > SourceFile.maximumSize {
            throw Diagnostics(SourceFile.tooLarge(file.path, size: file.bytes.count))
        }
        if let problem = wideEncoding() ?? zeroByte() ?? invalidByte() ?? tagDirectives() {
            throw Diagnostics(problem)
        }
    }

    private func range(_ start: Int, length: Int = 1) -> SourceRange {
        SourceRange(file: file, start: start, end: start + length)
    }

    private func wideEncoding() -> Diagnostic? {
        let head = Array(file.bytes.prefix(4))
        let name: String
        switch head {
        case [0xFF, 0xFE, 0, 0], [0, 0, 0xFE, 0xFF]: name = "UTF-32"
        case _ where head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]): name = "UTF-16"
        // Any YAML document begins with an ASCII character, so that its place among zero bytes tells the encoding.
        case _ where head.count == 4 && (head[0] == 0) != (head[1] == 0) && (head[0] == 0) == (head[2] == 0):
            name = "UTF-16"
        default: return nil
        }
        return .error(
            "File is not UTF-8",
            "\"\(file.path)\" is written in \(name). Specs are read as UTF-8 only: save it as UTF-8, for example with "
                + "`iconv -f \(name) -t UTF-8`.")
    }

    private func zeroByte() -> Diagnostic? {
        let offset: Int? = file.bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, let found = memchr(base, 0, bytes.count) else { return nil }
            return UnsafeRawPointer(found) - base
        }
        return offset.map { offset in
            .error(
                "File is not text",
                "Byte \(offset + 1) of \"\(file.path)\" is zero, which no text file holds. Is it a binary file with a "
                    + "YAML name? Rename it, or move it out of the stack's directory.",
                at: range(offset, length: 0))
        }
    }

    private func invalidByte() -> Diagnostic? {
        guard !isASCII, let offset = file.bytes.withUnsafeBytes({ TextEncodingCheck.firstInvalid(in: $0) }) else {
            return nil
        }
        let byte = file.bytes[offset]
        let hexadecimal = String(byte, radix: 16, uppercase: true)
        var hint = ""
        if byte >= 0xA0 {
            let latin = Character(Unicode.Scalar(byte))
            hint = " In Latin-1 or Windows-1252, byte 0x\(hexadecimal) is \"\(latin)\"."
        }
        return .error(
            "File is not UTF-8",
            "The byte 0x\(hexadecimal) here is not part of a UTF-8 character.\(hint) Save the file as UTF-8.",
            at: range(offset))
    }

    /// libyaml compares each `%TAG` line with all lines before it: many of them would take hours.
    private func tagDirectives() -> Diagnostic? {
        guard file.bytes.contains(UInt8(ascii: "%")) else { return nil }
        var count = 0
        for line in 0..<file.lineCount {
            let offset = file.offset(ofLine: line)
            guard offset + 4 <= file.bytes.count, file.bytes[offset] == UInt8(ascii: "%") else { continue }
            guard file.bytes[offset..<offset + 4].elementsEqual("%TAG".utf8) else { continue }
            count += 1
            if count > 20 {
                return .error(
                    "Too many tag directives",
                    "This is the 21st %TAG line of the file; at most 20 are read. Specs need none: remove them.",
                    at: range(offset, length: 4))
            }
        }
        return nil
    }

    private static func firstNonASCII(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var offset = start
        while offset + 8 <= bytes.count {
            if bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { break }
            offset += 8
        }
        while offset < bytes.count, bytes[offset] < 0x80 { offset += 1 }
        return offset
    }

    /// The first byte that belongs to no well-formed UTF-8 sequence.
    private static func firstInvalid(in bytes: UnsafeRawBufferPointer) -> Int? {
        var offset = firstNonASCII(in: bytes, from: 0)
        while offset < bytes.count {
            let length = sequenceLength(in: bytes, at: offset)
            if length == 0 { return offset }
            offset += length
            if offset < bytes.count, bytes[offset] < 0x80 { offset = firstNonASCII(in: bytes, from: offset) }
        }
        return nil
    }

    /// The length of the well-formed sequence that begins here (Unicode 15, table 3-7); 0 where none does.
    private static func sequenceLength(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Int {
        let lead = bytes[offset]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0x00...0x7F: return 1
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return 0
        }
        guard offset + length <= bytes.count, second.contains(bytes[offset + 1]) else { return 0 }
        for index in stride(from: 2, to: length, by: 1) where bytes[offset + index] & 0xC0 != 0x80 { return 0 }
        return length
    }
}
