public import PlumbModel

/// One type for people: its attributes, what a spec must give, and what a change of each does.
public struct TypeReport: Sendable {
    private static let widestName = 28

    private let entry: Vocabulary.TypeEntry

    public init(_ entry: Vocabulary.TypeEntry) {
        self.entry = entry
    }

    public func render(_ style: TerminalStyle) -> String {
        var canvas = Canvas(style)
        let kind = entry.mode == .data ? "data" : "resource"
        canvas.write(entry.name, .bold)
        canvas.write("  \(kind) type of \(Wording.list(entry.providers))", .dim)
        canvas.newline()
        let settable = entry.schema.attributes.filter(\.isSettable)
        write("Given by the spec", settable.filter { $0.presence == .required }, &canvas)
        write("May be given by the spec", settable.filter { $0.presence != .required }, &canvas)
        write("Given by the provider", entry.schema.attributes.filter { !$0.isSettable }, &canvas)
        return canvas.text
    }

    private func write(_ title: String, _ attributes: [AttributeSchema], _ canvas: inout Canvas) {
        guard !attributes.isEmpty else { return }
        canvas.newline()
        canvas.write("\(title):")
        canvas.newline()
        let widest = entry.schema.attributes.map { VisibleText.columns(of: $0.name) }.max() ?? 0
        let column = min(widest, Self.widestName) + 4
        for attribute in attributes {
            canvas.spaces(2)
            canvas.write(attribute.name, .bold)
            canvas.pad(to: column)
            canvas.words(attribute.type.description, indent: column, .cyan)
            for (remark, paint) in remarks(attribute) {
                if canvas.column + 2 + remark.utf8.count > canvas.width {
                    canvas.newline()
                    canvas.spaces(column)
                } else {
                    canvas.spaces(2)
                }
                canvas.write(remark, paint)
            }
            canvas.newline()
            if !attribute.summary.isEmpty { canvas.paragraph(attribute.summary, indent: column) }
        }
    }

    private func remarks(_ attribute: AttributeSchema) -> [(String, Paint)] {
        var remarks: [(String, Paint)] = []
        if let value = attribute.defaultValue, !value.isNull, !attribute.isSensitive {
            remarks.append(("default \(VisibleText.escape(value.json))", .dim))
        } else if attribute.presence == .optionalComputed {
            remarks.append(("else the provider decides", .dim))
        }
        if attribute.forcesReplacement { remarks.append(("forces replacement", .magenta)) }
        if attribute.isSensitive { remarks.append((attribute.isWriteOnly ? "write-only" : "sensitive", .yellow)) }
        if let normalisation = attribute.normalisation { remarks.append(("compared by \(normalisation.name)", .dim)) }
        return remarks
    }
}
