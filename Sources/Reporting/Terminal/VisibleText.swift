/// Makes text safe to show: what would drive a terminal (control characters, escape sequences) or reorder what is read
/// (bidirectional overrides) appears as an escape.
public enum VisibleText {
    enum Content { case ascii, unicode, unsafe }

    /// What kind of text it is, found in one pass over its bytes.
    static func content(of text: String) -> Content {
        var isASCII = true
        for byte in text.utf8 {
            if byte < 0x20 || byte == 0x7F { return .unsafe }
            if byte >= 0x80 { isASCII = false }
        }
        if isASCII { return .ascii }
        return text.unicodeScalars.contains(where: isUnsafe) ? .unsafe : .unicode
    }

    static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: true
        case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        case 0xE0000...0xE007F: true
        default: false
        }
    }

    public static func escape(_ text: String) -> String {
        guard content(of: text) == .unsafe else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { append(scalar, to: &result) }
        return String(result)
    }

    /// The text in double quotes, as it would be written in JSON, with escapes for all that is unsafe.
    static func quote(_ text: String) -> String {
        var isPlain = true
        for byte in text.utf8 where byte < 0x20 || byte >= 0x7F || byte == 0x22 || byte == 0x5C { isPlain = false }
        if isPlain { return "\"" + text + "\"" }
        var result = String.UnicodeScalarView("\"".unicodeScalars)
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { result.append("\\") }
            append(scalar, to: &result)
        }
        result.append("\"")
        return String(result)
    }

    /// The columns the text takes once it is escaped.
    static func columns(of text: String) -> Int {
        TextWidth.columns(of: escape(text))
    }

    private static func append(_ scalar: Unicode.Scalar, to result: inout String.UnicodeScalarView) {
        guard isUnsafe(scalar) else { return result.append(scalar) }
        switch scalar {
        case "\n": result.append(contentsOf: "\\n".unicodeScalars)
        case "\r": result.append(contentsOf: "\\r".unicodeScalars)
        case "\t": result.append(contentsOf: "\\t".unicodeScalars)
        default:
            let digits = String(scalar.value, radix: 16)
            let padding = String(repeating: "0", count: max(0, 4 - digits.count))
            let escape = digits.count > 4 ? "\\u{\(digits)}" : "\\u\(padding)\(digits)"
            result.append(contentsOf: escape.unicodeScalars)
        }
    }
}

/// The lines of a text, told apart by line feeds alone.
enum TextLines {
    /// A text of n line feeds has n + 1 lines. (`String.split` would take a carriage return and its line feed for one
    /// character that is neither.)
    static func split(_ text: String) -> [Substring] {
        text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Substring.init)
    }

    /// The lines of a block of text: a last line feed ends the last line and begins none.
    static func block(_ text: String) -> [Substring] {
        var lines = split(text)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// The lines with their ends, for which a missing last end is a difference.
    static func ended(_ text: String) -> [Substring] {
        var lines: [Substring] = []
        var rest = text[...]
        while let end = rest.utf8.firstIndex(of: UInt8(ascii: "\n")) {
            let next = rest.utf8.index(after: end)
            lines.append(rest[..<next])
            rest = rest[next...]
        }
        if !rest.isEmpty { lines.append(rest) }
        return lines
    }

    static func areSeveral(_ text: String) -> Bool {
        text.utf8.contains(UInt8(ascii: "\n"))
    }
}
