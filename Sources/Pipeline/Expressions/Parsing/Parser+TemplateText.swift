import PlumbModel

/// The literal text of templates: escapes and trimming.
extension Parser {
    /// Reads up to the next `${`, `%{` or the template's end, which stay unread.
    mutating func literalText(_ mode: TemplateMode) throws(Diagnostics) -> [UInt8] {
        var text: [UInt8] = []
        let bytes = lexer.bytes
        let begin = lexer.offset
        var offset = begin
        var end = bytes.count
        if case .heredoc(let heredocEnd, _) = mode { end = heredocEnd }
        while offset < end {
            let byte = bytes[offset]
            if let escape = literalSign(at: offset, end) {
                text.append(contentsOf: [escape, UInt8(ascii: "{")])
                offset += 3
            } else if beginsSign(offset, end) {
                break
            } else if mode == .quoted, byte == UInt8(ascii: "\"") {
                break
            } else if mode == .quoted, byte == 0x0A {
                throw error(
                    "Multi-line string",
                    "A string in quotes ends in the line where it begins. Write \\n for a line break, or a here document.",
                    offset, offset + 1)
            } else if mode == .quoted, byte == UInt8(ascii: "\\") {
                try escape(&offset, into: &text)
            } else {
                text.append(bytes[offset])
                offset += 1
            }
        }
        lexer.offset = offset
        if mode == .quoted, offset >= end {
            throw error(
                "Unclosed string", "The string that begins here is never closed with a double quote.",
                max(0, begin - 1),
                begin)
        }
        guard trimsNext else { return text }
        trimsNext = false
        return Parser.trimmedStart(text, wholly: mode == .quoted)
    }

    /// `$${` and `%%{` stand for `${` and `%{`.
    private func literalSign(at offset: Int, _ end: Int) -> UInt8? {
        let byte = lexer.bytes[offset]
        guard byte == UInt8(ascii: "$") || byte == UInt8(ascii: "%"), offset + 2 < end else { return nil }
        return lexer.bytes[offset + 1] == byte && lexer.bytes[offset + 2] == UInt8(ascii: "{") ? byte : nil
    }

    private func beginsSign(_ offset: Int, _ end: Int) -> Bool {
        let byte = lexer.bytes[offset]
        guard byte == UInt8(ascii: "$") || byte == UInt8(ascii: "%"), offset + 1 < end else { return false }
        return lexer.bytes[offset + 1] == UInt8(ascii: "{")
    }

    private func escape(_ offset: inout Int, into text: inout [UInt8]) throws(Diagnostics) {
        let start = offset
        let bytes = lexer.bytes
        let kind = start + 1 < bytes.count ? bytes[start + 1] : 0
        offset += 2
        switch kind {
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(kind)
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let digits = kind == UInt8(ascii: "u") ? 4 : 8
            let hex = String(
                decoding: bytes[min(offset, bytes.count)..<min(offset + digits, bytes.count)], as: UTF8.self)
            guard hex.utf8.count == digits, let number = UInt32(hex, radix: 16), let scalar = Unicode.Scalar(number)
            else {
                throw error(
                    "Invalid escape", "\\\(digits == 4 ? "u" : "U") takes \(digits) hexadecimal digits of a character.",
                    start, min(start + 2, bytes.count))
            }
            text.append(contentsOf: String(Character(scalar)).utf8)
            offset += digits
        default:
            throw error(
                "Invalid escape",
                "A backslash in a string is followed by one of n, r, t, \", \\, uNNNN, UNNNNNNNN. For a literal backslash "
                    + "write \\\\.", start, min(start + 2, bytes.count))
        }
    }

    // MARK: - Trimming

    /// Takes the white space from the first line of a text, its end included; from all of it in quotes.
    static func trimmedStart(_ text: [UInt8], wholly: Bool) -> [UInt8] {
        var start = 0
        while start < text.count, ScalarPositions.isSpace(text[start]) {
            start += 1
            if !wholly, text[start - 1] == 0x0A { break }
        }
        return Array(text[start...])
    }

    /// Takes the white space from the last line of a text; from all of it in quotes.
    static func trimmedEnd(_ text: [UInt8], wholly: Bool) -> [UInt8] {
        var end = text.count
        while end > 0, ScalarPositions.isSpace(text[end - 1]) {
            if !wholly, text[end - 1] == 0x0A, end < text.count { break }
            end -= 1
        }
        return Array(text[..<end])
    }
}
