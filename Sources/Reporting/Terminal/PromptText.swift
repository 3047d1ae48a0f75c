/// What a person is asked for the value of a variable.
public struct PromptText: Sendable {
    private let name: String
    private let summary: String?
    private let type: String?

    /// - Parameters:
    ///   - summary: the variable's description.
    ///   - type: as the spec writes it.
    public init(name: String, summary: String?, type: String?) {
        self.name = name
        self.summary = summary
        self.type = type
    }

    /// Ends where the answer is typed.
    public func render(_ style: TerminalStyle) -> String {
        var canvas = Canvas(style)
        canvas.newline()
        canvas.write("var.\(name)", .bold)
        if let type { canvas.write(" (\(VisibleText.escape(type)))", .dim) }
        canvas.newline()
        if let summary { canvas.paragraph(summary, indent: 2) }
        canvas.spaces(2)
        canvas.write("Enter a value: ", .bold)
        return canvas.text
    }
}
