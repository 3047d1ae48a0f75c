/// Puts text of strangers into Markdown so that it stays text: no mention, link, picture, markup or autolink comes of it.
///
/// Forges look for mentions and numbers of issues in everything but code. So what a user can choose (names, values,
/// messages, paths, branches) stands in code and nowhere else: in a span, in an element within HTML, or in a fence.
public enum MarkdownText {
    /// Columns after which a name is cut.
    public static let nameLimit = 120

    /// With escapes for what cannot be seen: besides what drives a terminal or reorders text, what has no width.
    static func visible(_ text: String) -> String {
        let text = VisibleText.escape(text)
        guard !text.utf8.allSatisfy({ $0 < 0x80 }), text.unicodeScalars.contains(where: isInvisible) else {
            return text
        }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isInvisible(scalar) {
                result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xAD, 0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B...0x180F, 0x200B...0x200D, 0x2060...0x206F: true
        case 0x3164, 0xFFA0, 0xFFF0...0xFFFB, 0x1BCA0...0x1BCA3, 0x1D173...0x1D17A, 0xE0100...0xE01EF: true
        default: false
        }
    }

    /// Cut after so many columns, and where thousands of marks stand on one letter.
    private static func clipped(_ text: String, to limit: Int) -> String {
        let clipped = TextWidth.clip(visible(text), to: limit)
        guard clipped.utf8.count > limit * 8 else { return clipped }
        return String(String.UnicodeScalarView(clipped.unicodeScalars.prefix(limit * 2))) + "…"
    }

    /// A code span, for a line of Markdown; not for HTML.
    public static func span(_ text: String, limit: Int = nameLimit) -> String {
        let clean = clipped(text, to: limit)
        guard clean.utf8.contains(where: { $0 != UInt8(ascii: " ") }) else { return "`\"\(clean)\"`" }
        let ticks = longestRun(of: UInt8(ascii: "`"), in: clean)
        guard ticks > 0 else { return "`\(clean)`" }
        let fence = String(repeating: "`", count: ticks + 1)
        return "\(fence) \(clean) \(fence)"
    }

    /// `a`, `b` and 3 more, as code spans.
    ///
    /// - Parameter total: where `texts` are only the first of many.
    public static func spans(_ texts: [String], atMost limit: Int, of total: Int? = nil) -> String {
        let total = total ?? texts.count
        let shown = texts.prefix(limit).map { span($0) }
        return shown.joined(separator: ", ") + (total > shown.count ? " and \(total - shown.count) more" : "")
    }

    /// A code element, for a line of HTML.
    static func element(_ text: String, limit: Int = nameLimit) -> String {
        var result = "<code>"
        for character in clipped(text, to: limit).unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result + "</code>"
    }

    /// A fenced block, its fence longer than any within. `lines` must be safe to show and end with a line end.
    static func fence(_ lines: String, language: String) -> String {
        let fence = String(repeating: "`", count: max(3, longestRun(of: UInt8(ascii: "`"), in: lines) + 1))
        return "\(fence)\(language)\n\(lines)\(fence)\n"
    }

    /// A link; code where the address is none that a browser should follow.
    static func link(_ words: String, to address: String) -> String {
        guard address.hasPrefix("https://") || address.hasPrefix("http://") else { return "\(words): \(span(address))" }
        var safe = ""
        for byte in address.utf8 {
            switch byte {
            case 0x61...0x7A, 0x41...0x5A, 0x30...0x39: safe.unicodeScalars.append(Unicode.Scalar(byte))
            case _ where "-._~:/?#[@]!$&'+,;=%".utf8.contains(byte): safe.unicodeScalars.append(Unicode.Scalar(byte))
            default: safe += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return "[\(words)](<\(safe)>)"
    }

    /// A comment that is not shown, by which a program finds its own text. Of the key the first 100 bytes count.
    static func marker(_ key: String) -> String {
        var safe = ""
        for byte in key.utf8.prefix(100) {
            switch byte {
            case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "_"):
                safe.unicodeScalars.append(Unicode.Scalar(byte))
            default: safe += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return "<!-- plumbline:pull-request:\(safe) -->"
    }

    private static func longestRun(of byte: UInt8, in text: String) -> Int {
        var longest = 0
        var current = 0
        for next in text.utf8 {
            current = next == byte ? current + 1 : 0
            longest = max(longest, current)
        }
        return longest
    }

    /// `65,536`
    static func grouped(_ number: Int) -> String {
        var digits = Array(String(number))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return String(digits)
    }
}
