public import PlumbModel

/// What `plumb fmt` has done: the names of the files, or what differs in each.
public struct FormatReport: Sendable {
    /// Lines that are shown around each difference.
    private static let surroundingLines = 3

    private let files: [FormattedFile]

    /// - Parameter files: those that differ from their layout.
    public init(_ files: [FormattedFile]) {
        self.files = files
    }

    /// One path a line.
    public func names() -> String {
        files.map { VisibleText.escape($0.path) + "\n" }.joined()
    }

    /// A unified diff, as `patch` and `git apply` read it. Line ends other than `\n` are lost in it.
    public func difference(_ style: TerminalStyle) -> String {
        var canvas = Canvas(style)
        for file in files { FormatReport.write(file, to: &canvas) }
        return canvas.text
    }

    private static func write(_ file: FormattedFile, to canvas: inout Canvas) {
        canvas.write("--- a/\(file.path)", .bold)
        canvas.newline()
        canvas.write("+++ b/\(file.path)", .bold)
        canvas.newline()
        let old = TextLines.ended(String(decoding: file.before, as: UTF8.self))
        let new = TextLines.ended(String(decoding: file.after, as: UTF8.self))
        let edits = EditScript.edits(from: old, to: new)
        for hunk in hunks(edits) { write(edits[hunk], old, new, to: &canvas) }
    }

    private static func write(
        _ edits: ArraySlice<Edit>, _ old: [Substring], _ new: [Substring], to canvas: inout Canvas
    ) {
        var starts: (old: Int?, new: Int?) = (nil, nil)
        var counts = (old: 0, new: 0)
        for edit in edits {
            if let line = edit.oldLine {
                starts.old = starts.old ?? line
                counts.old += 1
            }
            if let line = edit.newLine {
                starts.new = starts.new ?? line
                counts.new += 1
            }
        }
        let oldRange = "-\(starts.old.map { $0 + 1 } ?? 0),\(counts.old)"
        let newRange = "+\(starts.new.map { $0 + 1 } ?? 0),\(counts.new)"
        canvas.write("@@ \(oldRange) \(newRange) @@", .cyan)
        canvas.newline()
        for edit in edits {
            switch edit {
            case .keep(let line, _): write(" ", old[line], .plain, to: &canvas)
            case .remove(let line): write("-", old[line], .red, to: &canvas)
            case .insert(let line): write("+", new[line], .green, to: &canvas)
            }
        }
    }

    private static func write(_ sign: String, _ line: Substring, _ paint: Paint, to canvas: inout Canvas) {
        let isEnded = line.utf8.last == UInt8(ascii: "\n")
        var text = isEnded ? line.unicodeScalars.dropLast() : line.unicodeScalars[...]
        if text.last == "\r" { text = text.dropLast() }
        let parts = Substring(text).split(separator: "\t", omittingEmptySubsequences: false)
        // A tab is what may be wrong with a line; it has to arrive as one.
        canvas.write(sign, paint)
        for (number, part) in parts.enumerated() {
            if number > 0 { canvas.tab() }
            canvas.write(String(part), paint)
        }
        canvas.newline()
        guard !isEnded else { return }
        canvas.write("\\ No newline at end of file", .dim)
        canvas.newline()
    }

    /// The differences with the lines around them, near ones together.
    private static func hunks(_ edits: [Edit]) -> [Range<Int>] {
        var hunks: [Range<Int>] = []
        for (index, edit) in edits.enumerated() {
            if case .keep = edit { continue }
            let near = max(0, index - surroundingLines)..<min(edits.count, index + surroundingLines + 1)
            if let last = hunks.last, last.upperBound >= near.lowerBound {
                hunks[hunks.count - 1] = last.lowerBound..<near.upperBound
            } else {
                hunks.append(near)
            }
        }
        return hunks
    }
}

extension Edit {
    fileprivate var oldLine: Int? {
        switch self {
        case .keep(let line, _), .remove(let line): line
        case .insert: nil
        }
    }

    fileprivate var newLine: Int? {
        switch self {
        case .keep(_, let line), .insert(let line): line
        case .remove: nil
        }
    }
}
