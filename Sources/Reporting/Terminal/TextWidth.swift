/// Counts the columns that text takes in a terminal: two for East Asian wide characters and emoji, none for combining
/// marks.
enum TextWidth {
    static func columns(of text: some StringProtocol) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.reduce(0) { $0 + columns(of: $1) }
    }

    static func columns(of character: Character) -> Int {
        if character.isASCII { return 1 }
        var columns = 0
        for scalar in character.unicodeScalars {
            if scalar.value == 0xFE0F { return 2 }
            columns = max(columns, self.columns(of: scalar))
        }
        return columns
    }

    private static func columns(of scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return scalar.value == 0xAD ? 1 : 0
        default: break
        }
        if scalar.properties.isEmojiPresentation { return 2 }
        return isWide(scalar.value) ? 2 : 1
    }

    /// The wide and full-width ranges of Unicode's East Asian Width, in blocks.
    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF: true
        case 0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F: true
        case 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x17000...0x18CFF, 0x1B000...0x1B2FF: true
        case 0x1F200...0x1F2FF, 0x20000...0x3FFFD: true
        default: false
        }
    }

    /// The longest beginning of the text that fits, with an ellipsis where something was cut.
    static func clip(_ text: String, to limit: Int) -> String {
        guard columns(of: text) > limit else { return text }
        return prefix(text, columns: limit - 1) + "…"
    }

    /// The text without its middle, where it does not fit: names that begin alike mostly differ at their ends.
    static func clipMiddle(_ text: String, to limit: Int) -> String {
        guard columns(of: text) > limit else { return text }
        let tail = suffix(text, columns: (limit - 1) / 2)
        return prefix(text, columns: limit - 1 - columns(of: tail)) + "…" + tail
    }

    private static func suffix(_ text: String, columns limit: Int) -> String {
        var used = 0
        return String(
            text.reversed().prefix { character in
                used += columns(of: character)
                return used <= limit
            }.reversed())
    }

    static func prefix(_ text: String, columns limit: Int) -> String {
        var used = 0
        var end = text.startIndex
        for index in text.indices {
            used += columns(of: text[index])
            if used > limit { break }
            end = text.index(after: index)
        }
        return String(text[..<end])
    }
}
