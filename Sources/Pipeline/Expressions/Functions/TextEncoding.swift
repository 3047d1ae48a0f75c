#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An encoding of text by its IANA name, as the system's iconv knows it.
struct TextEncoding {
    private let name: String

    /// - Throws: where no such encoding is known.
    init(_ name: String) throws(FunctionError) {
        // iconv takes more than names: after a slash it takes orders.
        let isName =
            !name.isEmpty
            && name.utf8.allSatisfy { $0 < 0x80 && (Lexer.continuesIdentifier($0) || "._:+()".utf8.contains($0)) }
        guard isName, TextEncoding.isKnown(name) else {
            throw FunctionError(
                "no encoding has this name; there are UTF-8, UTF-16LE, UTF-16BE, ISO-8859-1, windows-1252, Shift_JIS and "
                    + "others that IANA lists", argument: 1)
        }
        self.name = name
    }

    func encode(_ text: String) throws(FunctionError) -> [UInt8] {
        if let bytes = TextEncoding.convert(Array(text.utf8), from: "UTF-8", to: name) { return bytes }
        throw FunctionError("the text has a character that the encoding lacks", argument: 0)
    }

    func decode(_ bytes: [UInt8]) throws(FunctionError) -> String {
        if let utf8 = TextEncoding.convert(bytes, from: name, to: "UTF-8"),
            let text = String(validating: utf8, as: UTF8.self)
        {
            return text
        }
        throw FunctionError("what is encoded is no text in this encoding", argument: 0)
    }

    private static func isKnown(_ name: String) -> Bool { convert([], from: name, to: "UTF-8") != nil }

    /// Nil where the encodings are not known or a character cannot be converted.
    private static func convert(_ bytes: [UInt8], from own: String, to other: String) -> [UInt8]? {
        let converter = iconv_open(other, own)
        guard converter != iconv_t(bitPattern: -1) else { return nil }
        defer { iconv_close(converter) }
        var input = bytes.map(CChar.init(bitPattern:))
        // No encoding takes more than four times the bytes of another, and some begin with a mark.
        var output = [CChar](repeating: 0, count: bytes.count * 4 + 16)
        let capacity = output.count
        let written: Int? = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                var (from, left) = (source.baseAddress, source.count)
                var (to, room) = (target.baseAddress, capacity)
                guard iconv(converter, &from, &left, &to, &room) != -1,
                    iconv(converter, nil, nil, &to, &room) != -1
                else { return nil }
                return capacity - room
            }
        }
        return written.map { output.prefix($0).map(UInt8.init(bitPattern:)) }
    }
}
