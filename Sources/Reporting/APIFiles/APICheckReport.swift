public import PlumbModel

/// What an API file describes, type by type, and what follows from what it leaves out.
public struct APICheckReport: Sendable {
    private let checked: CheckedAPI

    public init(_ checked: CheckedAPI) { self.checked = checked }

    public func render(_ style: TerminalStyle) -> String {
        var canvas = Canvas(style)
        let resources = checked.types.count { !$0.isData }
        let data = checked.types.count - resources
        let counts = [
            resources > 0 || data == 0 ? Wording.count(resources, "type") : nil,
            data > 0 ? Wording.count(data, "data type") : nil,
        ]
        canvas.paragraph(
            "Valid: the API \"\(checked.name)\" has \(Wording.list(counts.compactMap(\.self))).", indent: 0)
        for type in checked.types { write(type, &canvas) }
        if checked.baseURL == nil {
            canvas.paragraph("Each instance must say where its API is: base_url.", indent: 0)
        }
        if !checked.requiredVariables.isEmpty {
            canvas.paragraph(
                "Each instance must give the variables \(Wording.list(checked.requiredVariables)).", indent: 0)
        }
        return canvas.text
    }

    private func write(_ type: CheckedAPI.TypeEntry, _ canvas: inout Canvas) {
        canvas.spaces(2)
        canvas.write(type.name, .bold)
        let kind = type.isData ? " (data)" : ""
        canvas.write("\(kind)  ")
        canvas.words(
            "\(Wording.count(type.attributeCount, "attribute")); \(type.operations.joined(separator: ", "))", indent: 6)
        if let form = type.importForm { canvas.words("; imported by \(form)", indent: 6) }
        canvas.newline()
        for consequence in type.consequences { canvas.paragraph(consequence, indent: 6, .dim) }
    }
}
