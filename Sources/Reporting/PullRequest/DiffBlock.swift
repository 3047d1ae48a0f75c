/// Turns what is laid out for a terminal into lines that a forge paints as a difference: the sign of a line stands in its
/// first column.
///
/// Which sign a line has is read from its paint, never from its text: a value that looks like a removed line has none.
struct DiffBlock {
    static let style = TerminalStyle(usesColor: true, width: 110, isInteractive: false)

    /// Columns after which lines are cut; nil where they stand whole.
    private let lineLimit: Int?
    private(set) var text = ""
    private var followsHeading = false

    init(lineLimit: Int? = nil) { self.lineLimit = lineLimit }

    /// Takes what the canvas holds.
    ///
    /// - Parameter sign: for lines that have none of their own.
    mutating func append(_ canvas: inout Canvas, sign: String = " ") {
        let laidOut = canvas.take()
        guard !laidOut.isEmpty else { return }
        for line in TextLines.block(laidOut) { append(PaintedLine(line.utf8), sign) }
    }

    /// Without empty lines at the end.
    static func trimmed(_ text: String) -> String {
        let end = text.utf8.lastIndex { $0 != UInt8(ascii: "\n") }.map(text.utf8.index(after:)) ?? text.startIndex
        return end == text.startIndex ? "" : String(text[..<end]) + "\n"
    }

    private mutating func append(_ line: PaintedLine, _ sign: String) {
        guard !line.text.isEmpty else {
            // In a terminal a heading stands apart; here it has a colour of its own.
            if !followsHeading { text += "\n" }
            return
        }
        followsHeading = line.isHeading
        if line.isHeading {
            text += "@@ \(line.text.hasSuffix(":") ? line.text.dropLast() : line.text[...]) @@\n"
            return
        }
        let content = MarkdownText.visible(line.text)
        let body = content.utf8.starts(with: "  ".utf8) ? Substring(content.utf8.dropFirst(2)) : Substring(content)
        let laid =
            switch line.sign {
            case "-/+": "-/+ " + body
            case "+/-": "! +/- " + body
            case "~", "!": "!" + body.dropFirst()
            case .some(let own): own + body.dropFirst()
            case nil: body.first == " " ? sign + body.dropFirst() : "  " + body
            }
        text += lineLimit.map { laid.utf8.count > $0 ? TextWidth.clip(laid, to: $0) : laid } ?? laid
        text += "\n"
    }
}

/// A line of a terminal without its paint, and the sign that the paint gives it.
private struct PaintedLine {
    private(set) var text: String
    /// Nil where the line has none. In `text` spaces stand for it.
    private(set) var sign: String?
    /// The whole line is bold, which only our own headings are.
    private(set) var isHeading = false

    private static let signs: [String: [String]] = [
        Paint.red.rawValue: ["-"], Paint.green.rawValue: ["+"], Paint.yellow.rawValue: ["~", "!"],
        Paint.magenta.rawValue: ["-/+", "+/-"],
    ]

    init(_ line: Substring.UTF8View) {
        var bytes: [UInt8] = []
        var rest = line[...]
        while let escape = rest.firstIndex(of: 0x1B) {
            bytes.append(contentsOf: rest[..<escape])
            guard let end = rest[escape...].firstIndex(of: UInt8(ascii: "m")) else { break }
            let code = String(Substring(rest[escape..<end].dropFirst(2)))
            rest = rest[rest.index(after: end)...]
            if bytes.isEmpty, code == Paint.bold.rawValue { isHeading = true }
            guard sign == nil, bytes.allSatisfy({ $0 == 0x20 }), let known = PaintedLine.signs[code] else { continue }
            let piece = rest.prefix { $0 != 0x1B }
            let shown = String(Substring(piece.drop { $0 == 0x20 }))
            guard known.contains(shown) else { continue }
            sign = shown
            let width = shown.utf8.count == 3 ? 0 : piece.count
            bytes.append(contentsOf: repeatElement(0x20, count: width))
            rest = rest.dropFirst(piece.count)
        }
        bytes.append(contentsOf: rest)
        if sign?.utf8.count == 3 { bytes.insert(0x20, at: 0) }
        text = String(decoding: bytes, as: UTF8.self)
    }
}
