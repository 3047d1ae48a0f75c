public import PlumbModel

/// What is held, by whom, until when, and why.
public struct HoldReport: Sendable {
    private let holds: [HoldRecord]

    public init(_ holds: [HoldRecord]) { self.holds = holds }

    public func render(_ style: TerminalStyle) -> String {
        var canvas = Canvas(style)
        if holds.isEmpty { canvas.paragraph("Nothing is held.", indent: 0) }
        write(to: &canvas)
        return canvas.text
    }

    func write(to canvas: inout Canvas) {
        for hold in holds {
            canvas.write(hold.address.isEmpty ? "the stack" : VisibleText.escape(hold.address), .bold)
            canvas.newline()
            let until = hold.until.map { " until \(InstantText.utc($0))" } ?? ""
            canvas.paragraph(
                "held\(until) by \(VisibleText.escape(hold.placedBy)): \(VisibleText.escape(hold.reason))", indent: 4,
                .dim)
        }
    }
}
