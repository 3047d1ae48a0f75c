public import PlumbModel

/// The records of drift and the holds, as the state has them.
public struct DriftRecordReport: Sendable {
    private let records: [DriftRecord]
    private let holds: [HoldRecord]

    public init(_ records: [DriftRecord], _ holds: [HoldRecord]) {
        self.records = records
        self.holds = holds
    }

    public func render(_ style: TerminalStyle) -> String {
        var canvas = Canvas(style)
        for record in records {
            canvas.write(record.address.description, .bold)
            canvas.write("  \(DriftReport.place(record))  ")
            if !record.path.steps.isEmpty {
                canvas.write(
                    ValueText.brief(record.expected, limit: 30) + " -> " + ValueText.brief(record.live, limit: 30))
            }
            canvas.newline()
            var text = "\(record.status.rawValue); first seen \(InstantText.utc(record.firstSeen)), last seen "
            text += "\(InstantText.utc(record.lastSeen)); came \(Wording.count(record.occurrences, "time"))"
            if record.heals > 0 { text += ", healed \(Wording.count(record.heals, "time")) in a row" }
            if let writer = record.writer { text += "; \(DriftSummary.written(by: writer))" }
            if record.status == .acknowledged {
                text += "; \(record.acknowledgedUntil.map { "until \(InstantText.utc($0)) " } ?? "")by "
                text += "\(record.actor ?? "somebody"): \(VisibleText.escape(record.reason ?? ""))"
            }
            canvas.paragraph(text, indent: 4, .dim)
        }
        HoldReport(holds).write(to: &canvas)
        if records.isEmpty, holds.isEmpty { canvas.paragraph("No drift is noted, and nothing is held.", indent: 0) }
        return canvas.text
    }
}
