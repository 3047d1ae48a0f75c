public import PlumbModel

/// What an import of an OpenAPI document has found, what it has left out, and what to look at first.
public struct APIImportReport: Sendable {
    /// Types told one by one, and operations named of each reason.
    private static let longestList = 60
    private static let examples = 3

    private let imported: ImportedAPI
    private let file: String?

    /// - Parameter file: where it was written to; nil for the standard output.
    public init(_ imported: ImportedAPI, file: String?) {
        self.imported = imported
        self.file = file
    }

    public func render(_ style: TerminalStyle) -> String {
        var canvas = Canvas(style)
        let types = Wording.count(imported.types.count, "type")
        canvas.paragraph(file.map { "\(types) written to \($0):" } ?? "\(types):", indent: 0, .bold)
        writeTypes(to: &canvas)
        writeLeftOut(to: &canvas)
        writeAdvice(to: &canvas)
        return canvas.text
    }

    private func writeTypes(to canvas: inout Canvas) {
        let shown = imported.types.prefix(APIImportReport.longestList)
        let nameWidth = (shown.map(\.name.count).max() ?? 0) + 4
        let pathWidth = min(44, shown.map(\.path.count).max() ?? 0) + 2
        for type in shown {
            canvas.write("  ")
            canvas.write(type.name, .green)
            canvas.pad(to: nameWidth)
            canvas.write(type.path)
            canvas.pad(to: nameWidth + pathWidth)
            let key = type.key.isEmpty ? "only one" : "key " + type.key.joined(separator: "/")
            let guesses = type.guessCount == 0 ? "" : ", " + Wording.count(type.guessCount, "guess", plural: "guesses")
            canvas.write("\(Wording.count(type.attributeCount, "attribute")), \(key)\(guesses)", .dim)
            canvas.newline()
        }
        let hidden = imported.types.count - shown.count
        if hidden > 0 { canvas.paragraph("  and \(hidden) more", indent: 2, .dim) }
    }

    private func writeLeftOut(to canvas: inout Canvas) {
        let count = imported.leftOut.map(\.operations.count).reduce(0, +)
        guard count > 0 else { return }
        canvas.newline()
        canvas.paragraph("\(Wording.count(count, "operation")) left out:", indent: 0, .bold)
        for left in imported.leftOut {
            let named = left.operations.prefix(APIImportReport.examples).joined(separator: ", ")
            let more = left.operations.count > APIImportReport.examples ? ", …" : ""
            canvas.write("  \(left.operations.count) ", .yellow)
            canvas.paragraph("\(left.reason): \(named)\(more)", indent: 4)
        }
    }

    private func writeAdvice(to canvas: inout Canvas) {
        guard !imported.advice.isEmpty else { return }
        canvas.newline()
        canvas.paragraph("Look at first:", indent: 0, .bold)
        for advice in imported.advice {
            canvas.write("  - ")
            canvas.paragraph(advice, indent: 4)
        }
    }
}
