/// A text being laid out for one terminal: paints, counts columns, wraps, and lets nothing through that would drive
/// the terminal.
struct Canvas {
    let style: TerminalStyle
    private(set) var bytes: [UInt8] = []
    /// Columns used in the line that is being written.
    private(set) var column = 0

    init(_ style: TerminalStyle) { self.style = style }

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var width: Int { style.width }

    /// Gives what has been written and begins anew; the column stays.
    mutating func take() -> String {
        defer { bytes.removeAll(keepingCapacity: true) }
        return text
    }

    /// Writes a piece of a line; line ends and other control characters in it appear as escapes.
    mutating func write(_ text: String, _ paint: Paint = .plain) {
        guard style.usesColor, paint != .plain, !text.isEmpty else { return append(text) }
        bytes.append(0x1B)
        bytes.append(UInt8(ascii: "["))
        bytes.append(contentsOf: paint.rawValue.utf8)
        bytes.append(UInt8(ascii: "m"))
        append(text)
        bytes.append(contentsOf: [0x1B, UInt8(ascii: "["), UInt8(ascii: "0"), UInt8(ascii: "m")])
    }

    private mutating func append(_ text: String) {
        switch VisibleText.content(of: text) {
        case .ascii:
            bytes.append(contentsOf: text.utf8)
            column += text.utf8.count
        case .unicode:
            bytes.append(contentsOf: text.utf8)
            column += TextWidth.columns(of: text)
        case .unsafe: append(VisibleText.escape(text))
        }
    }

    mutating func newline() {
        bytes.append(UInt8(ascii: "\n"))
        column = 0
    }

    /// A tab as it is, for texts that other programs read.
    mutating func tab() {
        bytes.append(0x09)
        column += 8 - column % 8
    }

    mutating func spaces(_ count: Int) {
        guard count > 0 else { return }
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: count))
        column += count
    }

    /// Spaces up to a column, at least one where something stands before it.
    mutating func pad(to target: Int) {
        spaces(max(target - column, column > 0 && target <= column ? 1 : 0))
    }

    /// Writes text as lines of words, each line indented. Line ends of the text stay; lines that begin with a space are
    /// kept as they are. A word that is too long for a line stands in one of its own, whole, so that it can be copied.
    mutating func paragraph(_ text: String, indent: Int, _ paint: Paint = .plain) {
        for line in TextLines.split(text) {
            defer { newline() }
            if line.utf8.first == UInt8(ascii: " ") {
                pad(to: indent)
                write(String(line), paint)
                continue
            }
            for word in line.utf8.split(separator: UInt8(ascii: " ")) {
                writeWord(String(Substring(word)), indent: indent, paint)
            }
        }
    }

    /// Goes on with the line, word by word, onto further lines that are indented; the last line stays open.
    mutating func words(_ text: String, indent: Int, _ paint: Paint = .plain) {
        var isFirst = true
        for word in text.utf8.split(separator: UInt8(ascii: " ")) {
            let word = String(Substring(word))
            if !isFirst {
                if column + 1 + VisibleText.columns(of: word) > width {
                    newline()
                    spaces(indent)
                } else {
                    spaces(1)
                }
            }
            write(word, paint)
            isFirst = false
        }
    }

    private mutating func writeWord(_ word: String, indent: Int, _ paint: Paint) {
        let columns = VisibleText.columns(of: word)
        if column > indent, column + 1 + columns > width { newline() }
        if column < indent { spaces(indent - column) } else if column > indent { spaces(1) }
        write(word, paint)
    }

    /// Writes one long piece, folded at the width in a terminal, its further lines indented.
    mutating func folded(_ text: String, indent: Int, _ paint: Paint = .plain) {
        guard style.isInteractive, column + VisibleText.columns(of: text) > width else { return write(text, paint) }
        let room = max(width - indent, 8)
        var line = ""
        var used = 0
        var space = max(width - column, 1)
        for character in VisibleText.escape(text) {
            let columns = TextWidth.columns(of: character)
            if used + columns > space {
                write(line, paint)
                newline()
                spaces(indent)
                line = ""
                used = 0
                space = room
            }
            line.append(character)
            used += columns
        }
        write(line, paint)
    }

    /// Appends a line that was laid out and made safe apart, paint and all.
    mutating func append(raw line: Substring) {
        bytes.append(contentsOf: line.utf8)
    }

    /// Appends whole lines that were laid out apart, without the first spaces of the first line.
    mutating func append(laidOut lines: Canvas, skippingSpaces count: Int) {
        bytes.append(contentsOf: lines.bytes.dropFirst(count))
        column = lines.column
    }
}
