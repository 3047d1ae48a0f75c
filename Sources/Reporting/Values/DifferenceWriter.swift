import PlumbModel

/// Lays out the differences of one resource, one below the other: sign, path, old and new value.
struct DifferenceWriter {
    let showsEverything: Bool
    private let values: ValueWriter

    init(showsEverything: Bool) {
        self.showsEverything = showsEverything
        values = ValueWriter(showsEverything: showsEverything)
    }

    func write(_ differences: Differences, to canvas: inout Canvas, indent: Int, collapsesUnknown: Bool = false) {
        var unknown: [String] = []
        for difference in differences.all {
            if collapsesUnknown, !showsEverything, !difference.forcesReplacement,
                case .changed(_, let after) = difference.kind, after.isUnknown
            {
                unknown.append(difference.label)
            } else {
                write(difference, to: &canvas, indent: indent)
            }
        }
        writeUnknown(unknown, to: &canvas, indent: indent)
        if differences.unchangedCount > 0 {
            canvas.spaces(indent + 2)
            canvas.write("(\(differences.unchangedCount) unchanged)", .dim)
            canvas.newline()
        }
    }

    /// `~ id, url: (known after apply)`: what every replacement makes anew.
    private func writeUnknown(_ labels: [String], to canvas: inout Canvas, indent: Int) {
        guard !labels.isEmpty else { return }
        canvas.spaces(indent)
        canvas.write("~", .yellow)
        canvas.spaces(1)
        canvas.words(labels.joined(separator: ", ") + ": " + ValueText.unknown, indent: indent + 4, .dim)
        canvas.newline()
    }

    private func write(_ difference: Difference, to canvas: inout Canvas, indent: Int) {
        let suffix = difference.forcesReplacement ? "# forces replacement" : ""
        switch difference.kind {
        case .added(let value):
            begin("+", .green, difference, &canvas, indent)
            values.write(value, to: &canvas, indent: indent + 4, suffix: suffix)
        case .removed(let value):
            begin("-", .red, difference, &canvas, indent)
            values.write(value, to: &canvas, indent: indent + 4, suffix: suffix)
        case .secretChanged(let isWriteOnly):
            begin("~", .yellow, difference, &canvas, indent)
            canvas.write(isWriteOnly ? " (write-only, changed)" : " (sensitive, changed)", .dim)
            end(&canvas, suffix)
        case .marked(let isSensitive):
            begin("~", .yellow, difference, &canvas, indent)
            let text = isSensitive ? " (becomes sensitive)" : " (sensitive) -> (same value, no longer sensitive)"
            canvas.write(text, .dim)
            end(&canvas, suffix)
        case .changed(let before, let after):
            begin("~", .yellow, difference, &canvas, indent)
            writeChange(before, after, to: &canvas, indent: indent, suffix: suffix)
        }
    }

    private func begin(_ sign: String, _ paint: Paint, _ difference: Difference, _ canvas: inout Canvas, _ indent: Int)
    {
        canvas.spaces(indent)
        canvas.write(sign, paint)
        canvas.spaces(1)
        canvas.write(difference.label)
        canvas.write(":", .dim)
    }

    private func end(_ canvas: inout Canvas, _ suffix: String) {
        if !suffix.isEmpty { canvas.write("  \(suffix)", .red) }
        canvas.newline()
    }

    private func writeChange(_ before: Value, _ after: Value, to canvas: inout Canvas, indent: Int, suffix: String) {
        if let old = before.asString, let new = after.asString, TextLines.areSeveral(old) || TextLines.areSeveral(new) {
            end(&canvas, suffix)
            return TextDifferenceWriter(showsEverything: showsEverything)
                .write(from: old, to: new, to: &canvas, indent: indent + 4)
        }
        let room = canvas.width - canvas.column - (suffix.isEmpty ? 0 : suffix.utf8.count + 2)
        if let old = ValueText.line(before, limit: room - 5), let new = ValueText.line(after, limit: room - 5),
            TextWidth.columns(of: old) + TextWidth.columns(of: new) + 5 <= room
        {
            canvas.spaces(1)
            canvas.write(old, ValueText.paint(before))
            canvas.write(" -> ", .dim)
            canvas.write(new, ValueText.paint(after))
            return end(&canvas, suffix)
        }
        if after.isUnknown, !showsEverything, before.asString == nil {
            // What it was, at length, says nothing about what it will be.
            canvas.spaces(1)
            canvas.write(ValueText.unknown, .dim)
            return end(&canvas, suffix)
        }
        end(&canvas, suffix)
        let (old, new) = elided(before, after, room: canvas.width - indent - 8)
        writeSide("-", .red, old, to: &canvas, indent: indent + 4)
        writeSide("+", .green, new, to: &canvas, indent: indent + 4)
    }

    private func writeSide(_ sign: String, _ paint: Paint, _ side: Side, to canvas: inout Canvas, indent: Int) {
        canvas.spaces(indent)
        canvas.write(sign, paint)
        switch side {
        case .value(let value): values.write(value, to: &canvas, indent: indent + 2)
        case .excerpt(let text):
            canvas.spaces(1)
            canvas.folded(text, indent: indent + 2)
            canvas.newline()
        }
    }

    private enum Side {
        case value(Value)
        /// Quoted, and cut where both sides agree.
        case excerpt(String)
    }

    /// Of two long texts of one line only the part in which they differ, with a little around it.
    private func elided(_ before: Value, _ after: Value, room: Int) -> (Side, Side) {
        guard !showsEverything, let old = before.asString.map(Array.init), let new = after.asString.map(Array.init),
            max(old.count, new.count) > room
        else { return (.value(before), .value(after)) }
        let shortest = min(old.count, new.count)
        let head = (0..<shortest).first { old[$0] != new[$0] } ?? shortest
        let rest = shortest - head
        let tail = (0..<rest).first { old[old.count - 1 - $0] != new[new.count - 1 - $0] } ?? rest
        func excerpt(_ text: [Character]) -> Side {
            let start = head > 24 ? head - 16 : 0
            let end = tail > 24 ? text.count - tail + 16 : text.count
            let quoted = VisibleText.quote(String(text[start..<end])).dropFirst().dropLast()
            return .excerpt((start > 0 ? "\"… " : "\"") + quoted + (end < text.count ? " …\"" : "\""))
        }
        return (excerpt(old), excerpt(new))
    }
}
