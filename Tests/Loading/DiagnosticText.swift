import PlumbModel

/// Renders diagnostics for the golden cases.
enum DiagnosticText {
    static func render(_ diagnostics: Diagnostics) -> String {
        diagnostics.all.map(render).joined(separator: "\n")
    }

    private static func render(_ diagnostic: Diagnostic) -> String {
        var lines = ["\(diagnostic.severity.rawValue): \(diagnostic.summary)"]
        if let source = diagnostic.source { lines += place(source) }
        lines += diagnostic.detail.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
        for note in diagnostic.notes {
            lines.append("  note: \(note.text)")
            if let source = note.source { lines += place(source).map { "  \($0)" } }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func place(_ source: SourceRange) -> [String] {
        let start = source.startPosition
        let end = source.endPosition
        let text = source.file.text(ofLine: start.line)
        let number = String(start.line)
        let last = end.line == start.line ? end.column : text.count + 1
        let carets = String(repeating: "^", count: max(1, last - start.column))
        let gap = String(repeating: " ", count: number.count)
        return [
            "  \(source)", "  \(number) | \(text)",
            "  \(gap) | \(String(repeating: " ", count: start.column - 1))\(carets)",
        ]
    }
}
