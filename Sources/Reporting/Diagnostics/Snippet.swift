import PlumbModel

/// The lines of a spec that a problem is about, with carets under the range or, where it has several lines, marks
/// beside them.
struct Snippet {
    /// Of ranges with more lines than this only the first and the last are shown.
    private static let lineLimit = 5
    /// Bytes of a line before and behind a place that are looked at: more than any terminal shows.
    private static let reach = 4096

    private let source: SourceRange
    private let start: SourcePosition
    /// Just behind the last character that is no space.
    private let end: SourcePosition

    init(_ source: SourceRange) {
        self.source = source
        start = source.startPosition
        let bytes = source.file.bytes
        var last = min(source.end, bytes.count)
        while last > source.start, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[last - 1]) { last -= 1 }
        end = source.file.position(at: max(last, source.start))
    }

    func write(to canvas: inout Canvas, indent: Int, _ paint: Paint, address: ResourceAddress?) {
        canvas.spaces(indent)
        canvas.write(source.description, .cyan)
        if let address {
            canvas.write(", in ", .dim)
            canvas.write(address.description)
        }
        canvas.newline()
        guard !source.file.bytes.isEmpty else { return }
        let gutter = String(end.line).count
        if start.line == end.line {
            writeLine(to: &canvas, indent: indent, gutter: gutter, paint)
        } else {
            writeLines(to: &canvas, indent: indent, gutter: gutter, paint)
        }
    }

    private func writeGutter(_ number: String, _ bar: String, _ paint: Paint, to canvas: inout Canvas, gutter: Int) {
        canvas.spaces(gutter - number.utf8.count)
        canvas.write(number, .dim)
        canvas.spaces(1)
        canvas.write(bar, paint)
        canvas.spaces(1)
    }

    private func writeLine(to canvas: inout Canvas, indent: Int, gutter: Int, _ paint: Paint) {
        let (text, column) = source.file.text(ofLine: start.line, near: source.start, reach: Snippet.reach)
        let line = SnippetLine(text)
        let from = line.column(ofCharacter: start.column - column)
        let to = max(from + 1, line.column(ofCharacter: end.column - column))
        let window = line.window(around: from..<to, width: canvas.width - indent - gutter - 3)
        canvas.spaces(indent)
        writeGutter(String(start.line), "|", .dim, to: &canvas, gutter: gutter)
        canvas.write(window.text)
        canvas.newline()
        canvas.spaces(indent)
        writeGutter("", "|", .dim, to: &canvas, gutter: gutter)
        canvas.spaces(window.carets.lowerBound)
        canvas.write(String(repeating: "^", count: window.carets.count), paint)
        canvas.newline()
    }

    private func writeLines(to canvas: inout Canvas, indent: Int, gutter: Int, _ paint: Paint) {
        let isCut = end.line - start.line >= Snippet.lineLimit
        for number in start.line...end.line {
            if isCut, number > start.line + 2, number < end.line {
                guard number == start.line + 3 else { continue }
                canvas.spaces(indent)
                writeGutter("", ">", paint, to: &canvas, gutter: gutter)
                canvas.write("…", .dim)
                canvas.newline()
                continue
            }
            let line = SnippetLine(source.file.text(ofLine: number, near: 0, reach: Snippet.reach).text)
            canvas.spaces(indent)
            writeGutter(String(number), ">", paint, to: &canvas, gutter: gutter)
            canvas.write(line.window(around: 0..<1, width: canvas.width - indent - gutter - 3).text)
            canvas.newline()
        }
    }
}

/// One line of a spec as it is shown: tabs widened, control characters escaped, and where each character begins.
struct SnippetLine {
    private var cells: [(text: String, column: Int)] = []
    /// The column of each character of the written line, and of its end.
    private var columns: [Int] = []
    private var width = 0

    init(_ text: String) {
        for character in text {
            // Positions count scalars, the terminal shows characters.
            for (index, scalar) in character.unicodeScalars.enumerated() {
                columns.append(width)
                guard index == 0 || VisibleText.isUnsafe(scalar) else { continue }
                let shown = SnippetLine.shown(character, scalar, at: width)
                cells.append((shown, width))
                width += TextWidth.columns(of: shown)
            }
        }
        columns.append(width)
    }

    private static func shown(_ character: Character, _ scalar: Unicode.Scalar, at column: Int) -> String {
        if scalar == "\t" { return String(repeating: " ", count: 4 - column % 4) }
        return VisibleText.isUnsafe(scalar) ? VisibleText.escape(String(scalar)) : String(character)
    }

    /// `index` counts from 0 and is clamped to the line.
    func column(ofCharacter index: Int) -> Int {
        columns[min(max(0, index), columns.count - 1)]
    }

    /// The part of the line that fits and in which the range begins, and the columns of the range in that part.
    func window(around range: Range<Int>, width limit: Int) -> (text: String, carets: Range<Int>) {
        guard width > limit else { return (cells.map(\.text).joined(), range) }
        // As much of the range as possible, and a quarter of the room before it.
        let start = range.upperBound <= limit - 1 ? 0 : max(0, range.lowerBound - limit / 4)
        let first = start == 0 ? 0 : start + 1
        var text = start == 0 ? "" : "…"
        var used = start == 0 ? 0 : 1
        var origin: Int?
        var end = first
        for cell in cells where cell.column >= first {
            let columns = TextWidth.columns(of: cell.text)
            let isLast = cell.column + columns >= width
            if used + columns > (isLast ? limit : limit - 1) { break }
            if origin == nil { origin = cell.column - used }
            text += cell.text
            used += columns
            end = cell.column + columns
        }
        if end < width { text += "…" }
        let shift = origin ?? 0
        let lower = max(range.lowerBound - shift, 0)
        let upper = max(lower + 1, min(range.upperBound - shift, used + (end < width ? 1 : 0)))
        return (text, lower..<upper)
    }
}
