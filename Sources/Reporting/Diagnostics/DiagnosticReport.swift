public import PlumbModel

/// Problems as a person reads them, each with the place in the spec that it comes from, and as JSON.
public struct DiagnosticReport: Sendable {
    private let diagnostics: Diagnostics

    public init(_ diagnostics: Diagnostics) {
        self.diagnostics = diagnostics
    }

    /// One after the other, a blank line between them; of several, a last line counts them. Ends with a line end;
    /// empty where there is no problem.
    public func render(_ style: TerminalStyle) -> String {
        var canvas = Canvas(style)
        for (index, diagnostic) in diagnostics.all.enumerated() {
            if index > 0 { canvas.newline() }
            write(diagnostic, to: &canvas)
        }
        if diagnostics.all.count > 1 {
            canvas.newline()
            canvas.write(countLine, .bold)
            canvas.newline()
        }
        return canvas.text
    }

    /// `3 errors and 1 warning`
    private var countLine: String {
        let errors = diagnostics.errorCount
        let warnings = diagnostics.all.count - errors
        let parts = [(errors, "error"), (warnings, "warning")].filter { $0.0 > 0 }.map { Wording.count($0.0, $0.1) }
        return Wording.list(parts)
    }

    private func write(_ diagnostic: Diagnostic, to canvas: inout Canvas) {
        let isError = diagnostic.severity == .error
        canvas.write(diagnostic.severity.rawValue, isError ? .boldRed : .boldYellow)
        canvas.write(": ", .bold)
        canvas.write(diagnostic.summary, .bold)
        canvas.newline()
        let paint: Paint = isError ? .red : .yellow
        if let source = diagnostic.source {
            Snippet(source).write(to: &canvas, indent: 2, paint, address: diagnostic.address)
        } else if let address = diagnostic.address {
            canvas.spaces(2)
            canvas.write(address.description, .cyan)
            canvas.newline()
        }
        if !diagnostic.detail.isEmpty { canvas.paragraph(diagnostic.detail, indent: 2) }
        for note in diagnostic.notes {
            canvas.spaces(2)
            canvas.write("note: ", .bold)
            canvas.words(DiagnosticReport.text(of: note, limit: canvas.width * 3), indent: 4)
            canvas.newline()
            if let source = note.source { Snippet(source).write(to: &canvas, indent: 4, .cyan, address: nil) }
        }
    }

    /// - Parameter limit: columns for the value; nil for all of it.
    private static func text(of note: Diagnostic.Note, limit: Int? = nil) -> String {
        guard let value = note.value else { return note.text }
        return "\(note.text) \(limit.map { ValueText.brief(value, limit: $0) } ?? ValueText.line(value))"
    }

    /// An array of objects: `severity`, `summary`, `detail`, `address`, `range` (`file`, `start` and `end` with `line`
    /// and `column` from 1, columns in characters), `notes` (`text`, `range`). What there is none of is null.
    public func json() -> String {
        IndentedJSON.text(.tuple(diagnostics.all.map(DiagnosticReport.document)))
    }

    static func document(_ diagnostic: Diagnostic) -> Value {
        let notes = diagnostic.notes.map { note -> Value in
            ["text": .string(text(of: note)), "range": document(note.source)]
        }
        return [
            "severity": .string(diagnostic.severity.rawValue),
            "summary": .string(diagnostic.summary),
            "detail": .string(diagnostic.detail),
            "address": diagnostic.address.map { .string($0.description) } ?? .null,
            "range": document(diagnostic.source),
            "notes": .tuple(notes),
        ]
    }

    private static func document(_ source: SourceRange?) -> Value {
        guard let source else { return .null }
        return [
            "file": .string(source.file.path),
            "start": document(source.startPosition),
            "end": document(source.endPosition),
        ]
    }

    private static func document(_ position: SourcePosition) -> Value {
        ["line": .number(position.line), "column": .number(position.column)]
    }
}
