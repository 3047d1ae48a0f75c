/// Lays out what differs between two texts of several lines: unified, with a few lines around each difference.
struct TextDifferenceWriter {
    static let surroundingLines = 2
    /// Of more lines than this the beginning is shown, unless everything is asked for.
    static let lineLimit = 80

    let showsEverything: Bool

    func write(from old: String, to new: String, to canvas: inout Canvas, indent: Int) {
        let oldLines = TextLines.ended(old)
        let newLines = TextLines.ended(new)
        let edits = EditScript.edits(from: oldLines, to: newLines)
        let isShown = TextDifferenceWriter.nearDifferences(edits)
        // Where both texts lack the last line end, or have it, there is nothing to say about it.
        let tellsEnds = TextDifferenceWriter.isEnded(old) != TextDifferenceWriter.isEnded(new)
        var hidden = 0
        var written = 0
        for (edit, isShown) in zip(edits, isShown) {
            guard isShown else {
                hidden += 1
                continue
            }
            if written >= TextDifferenceWriter.lineLimit, !showsEverything { break }
            writeHidden(&hidden, to: &canvas, indent: indent)
            switch edit {
            case .keep(let index, _):
                write(" ", oldLines[index], .dim, tellsEnd: false, to: &canvas, indent: indent)
            case .remove(let index):
                write("-", oldLines[index], .red, tellsEnd: tellsEnds, to: &canvas, indent: indent)
            case .insert(let index):
                write("+", newLines[index], .green, tellsEnd: tellsEnds, to: &canvas, indent: indent)
            }
            written += 1
        }
        let left = isShown.count(where: { $0 }) - written
        guard left == 0 else { return writeNote("\(Wording.count(left, "more line")) of differences", &canvas, indent) }
        writeHidden(&hidden, to: &canvas, indent: indent)
    }

    private func write(
        _ sign: String, _ line: Substring, _ paint: Paint, tellsEnd: Bool, to canvas: inout Canvas, indent: Int
    ) {
        let isEnded = line.utf8.last == UInt8(ascii: "\n")
        let text = isEnded ? line.unicodeScalars.dropLast() : line.unicodeScalars[...]
        canvas.spaces(indent)
        canvas.write(sign, paint)
        if !text.isEmpty {
            canvas.spaces(1)
            let visible = TextBlock.expandTabs(Substring(text))
            let end = visible.lastIndex { $0 != " " }.map(visible.index(after:)) ?? visible.startIndex
            let trailing = sign == " " ? "" : String(repeating: "·", count: visible[end...].count)
            canvas.folded(visible[..<end] + trailing, indent: indent + 2, paint)
        }
        if tellsEnd, !isEnded { canvas.write(" (no newline at the end)", .dim) }
        canvas.newline()
    }

    private func writeHidden(_ hidden: inout Int, to canvas: inout Canvas, indent: Int) {
        guard hidden > 0 else { return }
        writeNote(Wording.count(hidden, "unchanged line"), &canvas, indent)
        hidden = 0
    }

    private func writeNote(_ text: String, _ canvas: inout Canvas, _ indent: Int) {
        canvas.spaces(indent + 2)
        canvas.write("… \(text)", .dim)
        canvas.newline()
    }

    private static func isEnded(_ text: String) -> Bool {
        text.utf8.last == UInt8(ascii: "\n")
    }

    /// Which steps are differences or stand near one. A gap of a single line is shown rather than counted.
    private static func nearDifferences(_ edits: [Edit]) -> [Bool] {
        var isShown = [Bool](repeating: false, count: edits.count)
        for (index, edit) in edits.enumerated() {
            if case .keep = edit { continue }
            let near = max(0, index - surroundingLines)...min(edits.count - 1, index + surroundingLines)
            for place in near { isShown[place] = true }
        }
        for index in isShown.indices.dropFirst().dropLast() where !isShown[index] {
            if isShown[index - 1], isShown[index + 1] { isShown[index] = true }
        }
        return isShown
    }
}
