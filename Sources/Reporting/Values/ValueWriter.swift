import PlumbModel

/// Lays out values below one another, in the manner of YAML: short ones on the line of their name, long ones below it.
struct ValueWriter {
    /// Lists and maps that take more columns than this stand below their name, however wide the terminal is.
    static let inlineLimit = 64
    /// Of longer texts the beginning is shown, unless everything is asked for.
    static let lineLimit = 12
    static let columnLimit = 400

    let showsEverything: Bool

    /// Writes `value` after its label, whose line is begun, and ends the line; further lines stand at `indent`. Where it
    /// goes on in the line of the label, `padding` spaces more stand before it.
    func write(_ value: Value, to canvas: inout Canvas, indent: Int, padding: Int = 0, suffix: String = "") {
        let gap = 1 + max(0, padding)
        let room = canvas.width - canvas.column - gap - (suffix.isEmpty ? 0 : suffix.utf8.count + 2)
        if let line = fit(value, room: room) {
            canvas.spaces(gap)
            canvas.write(line, ValueText.paint(value))
            return end(&canvas, suffix)
        }
        switch value.kind {
        case .list(let elements, _) where !elements.isEmpty:
            end(&canvas, suffix)
            writeElements(elements, to: &canvas, indent: indent)
        case .map(let map, _) where !map.isEmpty:
            end(&canvas, suffix)
            writeEntries(map, to: &canvas, indent: indent)
        case .string(let text) where TextLines.areSeveral(text):
            end(&canvas, suffix)
            writeBlock(text, to: &canvas, indent: indent)
        case .string(let text):
            canvas.spaces(gap)
            writeLong(text, to: &canvas, indent: indent)
            end(&canvas, suffix)
        default:
            canvas.spaces(gap)
            canvas.write(ValueText.line(value), ValueText.paint(value))
            end(&canvas, suffix)
        }
    }

    private func fit(_ value: Value, room: Int) -> String? {
        if value.isSensitive { return ValueText.hidden(value) }
        switch value.kind {
        case .string(let text): return TextLines.areSeveral(text) ? nil : ValueText.line(value, limit: max(room, 0))
        case .list(let elements, _) where elements.isEmpty: return "[]"
        case .map(let map, _) where map.isEmpty: return "{}"
        case .list, .map: return ValueText.line(value, limit: min(room, ValueWriter.inlineLimit))
        default: return ValueText.line(value)
        }
    }

    private func end(_ canvas: inout Canvas, _ suffix: String) {
        if !suffix.isEmpty { canvas.write("  \(suffix)", .red) }
        canvas.newline()
    }

    /// The entries that are not null, below one another, their values in one column where the keys allow it.
    func writeEntries(_ map: ValueMap, to canvas: inout Canvas, indent: Int) {
        let entries = map.filter { !$0.value.isNull }.map { (ValueText.key($0.key), $0.value) }
        let longest = ValueWriter.alignment(entries.map(\.0))
        for (label, value) in entries {
            canvas.spaces(indent)
            canvas.write(label)
            canvas.write(":", .dim)
            let padding = longest - (canvas.column - indent - 1)
            write(value, to: &canvas, indent: indent + 2, padding: padding)
        }
    }

    /// The columns that labels are padded to: those of the longest one that is not long.
    static func alignment(_ labels: [String]) -> Int {
        labels.lazy.map { TextWidth.columns(of: $0) }.filter { $0 <= 24 }.max() ?? 0
    }

    private func writeElements(_ elements: [Value], to canvas: inout Canvas, indent: Int) {
        for element in elements {
            canvas.spaces(indent)
            canvas.write("-", .dim)
            if !element.isSensitive, let map = element.asMap, !map.isEmpty, fit(element, room: canvas.width) == nil {
                // The first entry stands behind the dash, as in YAML.
                var inner = Canvas(canvas.style)
                writeEntries(map, to: &inner, indent: indent + 2)
                canvas.spaces(1)
                canvas.append(laidOut: inner, skippingSpaces: indent + 2)
            } else {
                write(element, to: &canvas, indent: indent + 2)
            }
        }
    }

    /// The lines of a text as they are, below one another.
    func writeBlock(_ text: String, to canvas: inout Canvas, indent: Int) {
        let lines = TextLines.block(text)
        let shown = showsEverything || lines.count <= ValueWriter.lineLimit + 2 ? lines.count : ValueWriter.lineLimit
        for line in lines.prefix(shown) {
            canvas.spaces(indent)
            canvas.write(line.isEmpty ? "|" : "| ", .dim)
            canvas.folded(TextBlock.expandTabs(line), indent: indent + 2)
            canvas.newline()
        }
        if shown < lines.count {
            canvas.spaces(indent)
            canvas.write("… \(Wording.count(lines.count - shown, "more line"))", .dim)
            canvas.newline()
        }
    }

    private func writeLong(_ text: String, to canvas: inout Canvas, indent: Int) {
        let limit = ValueWriter.columnLimit
        guard !showsEverything, text.utf8.count > limit, text.count > limit + 40 else {
            return canvas.folded(VisibleText.quote(text), indent: indent)
        }
        canvas.folded(VisibleText.quote(String(text.prefix(limit))), indent: indent)
        canvas.write(" … \(text.count - limit) more characters", .dim)
    }
}

/// Text shown line by line.
enum TextBlock {
    /// Tabs become spaces, so that the terminal's own stops do not break the layout.
    static func expandTabs(_ line: Substring) -> String {
        guard line.utf8.contains(UInt8(ascii: "\t")) else { return String(line) }
        var result = ""
        var column = 0
        for character in line {
            if character == "\t" {
                let count = 4 - column % 4
                result += String(repeating: " ", count: count)
                column += count
            } else {
                result.append(character)
                column += TextWidth.columns(of: character)
            }
        }
        return result
    }
}
