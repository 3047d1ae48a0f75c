public import PlumbModel

/// What a state holds and how it came to be so: lists, single resources, history and runs.
public struct StateReport: Sendable {
    private let style: TerminalStyle

    public init(_ style: TerminalStyle) {
        self.style = style
    }

    /// One address a line, in the order of addresses. A terminal also shows what is tainted, deposed or protected; a pipe
    /// gets nothing but addresses.
    public func list(_ records: [ResourceRecord]) -> String {
        var canvas = Canvas(style)
        // Numbers are moved about with less effort than records, of which there may be very many.
        let order = records.indices.sorted { left, right in
            if records[left].address != records[right].address { return records[left].address < records[right].address }
            return (records[left].deposedKey ?? "") < (records[right].deposedKey ?? "")
        }
        for record in order.lazy.map({ records[$0] }) {
            canvas.write(record.address.description)
            let remarks = StateReport.remarks(record)
            if style.isInteractive, !remarks.isEmpty { canvas.write("  (\(remarks.joined(separator: ", ")))", .dim) }
            canvas.newline()
        }
        return canvas.text
    }

    /// One resource with its recorded values; secrets masked.
    public func show(_ record: ResourceRecord) -> String {
        var canvas = Canvas(style)
        canvas.write(record.address.description, .bold)
        let remarks = StateReport.remarks(record)
        if !remarks.isEmpty { canvas.write("  (\(remarks.joined(separator: ", ")))", .yellow) }
        canvas.newline()
        writeFact("provider", record.provider, &canvas)
        if !record.dependencies.isEmpty {
            writeFact("depends on", record.dependencies.map(\.description).joined(separator: ", "), &canvas)
        }
        canvas.spaces(2)
        canvas.write("values", .bold)
        canvas.write(":", .dim)
        if let map = record.values.asMap, !record.values.isSensitive {
            canvas.newline()
            ValueWriter(showsEverything: true).writeEntries(map, to: &canvas, indent: 4)
        } else {
            ValueWriter(showsEverything: true).write(record.values, to: &canvas, indent: 4)
        }
        return canvas.text
    }

    private func writeFact(_ name: String, _ text: String, _ canvas: inout Canvas) {
        canvas.spaces(2)
        canvas.write(name, .bold)
        canvas.write(":", .dim)
        canvas.spaces(1)
        canvas.words(text, indent: 4)
        canvas.newline()
    }

    private static func remarks(_ record: ResourceRecord) -> [String] {
        var remarks: [String] = []
        if let key = record.deposedKey { remarks.append("deposed \(key)") }
        if record.status == .tainted { remarks.append("tainted") }
        if record.status == .unready { remarks.append("not ready") }
        if record.isProtected { remarks.append("protected") }
        return remarks
    }

    /// Each change of a row with its time, its run, and what it changed, in the order given.
    public func history(_ entries: [HistoryEntry]) -> String {
        var canvas = Canvas(style)
        for (index, entry) in entries.enumerated() {
            if index > 0 { canvas.newline() }
            write(entry, &canvas)
        }
        if entries.isEmpty { canvas.paragraph("Nothing is recorded about it.", indent: 0, .dim) }
        return canvas.text
    }

    private func write(_ entry: HistoryEntry, _ canvas: inout Canvas) {
        let words: (sign: String, paint: Paint, verb: String) =
            switch (entry.before, entry.after) {
            case _ where entry.movedFrom != nil: (">", .cyan, "moved from \(entry.movedFrom?.description ?? "")")
            case (nil, _): ("+", .green, "recorded")
            case (_, nil): ("-", .red, "removed")
            default: ("~", .yellow, "changed")
            }
        canvas.write(words.sign, words.paint)
        canvas.write(" \(Wording.instant(entry.changedAt))  ", .dim)
        canvas.write(entry.address.description, .bold)
        canvas.write(entry.deposedKey.map { " (deposed \($0))" } ?? "")
        canvas.write("  \(words.verb), generation \(entry.generation)")
        if let run = entry.run { canvas.write("  run \(run)", .dim) }
        canvas.newline()
        guard entry.movedFrom == nil, entry.before != nil || entry.after != nil else { return }
        var differences = Differences(
            from: entry.before ?? .object(ValueMap()), to: entry.after ?? .object(ValueMap()))
        differences.forgetUnchanged()
        DifferenceWriter(showsEverything: false).write(differences, to: &canvas, indent: 4)
    }

    /// What differs between two points of the state's history, resource by resource.
    public func differences(_ differences: [StateDifference]) -> String {
        var canvas = Canvas(style)
        for difference in differences {
            let words: (sign: String, paint: Paint) =
                difference.before == nil ? ("+", .green) : difference.after == nil ? ("-", .red) : ("~", .yellow)
            canvas.write(words.sign, words.paint)
            canvas.spaces(1)
            canvas.write(difference.address.description, .bold)
            canvas.newline()
            var values = Differences(
                from: difference.before ?? .object(ValueMap()), to: difference.after ?? .object(ValueMap()))
            values.forgetUnchanged()
            DifferenceWriter(showsEverything: false).write(values, to: &canvas, indent: 4)
        }
        if differences.isEmpty { canvas.paragraph("No recorded resource differs.", indent: 0, .dim) }
        return canvas.text
    }

    /// One run a line: when, what, from where, by whom, and how it ended.
    public func runs(_ records: [RunRecord]) -> String {
        var canvas = Canvas(style)
        let rows = records.map(StateReport.cells)
        let columns = rows.first?.count ?? 0
        let widths = (0..<columns).map { column in
            rows.map { VisibleText.columns(of: $0[column]) }.max() ?? 0
        }
        for (row, record) in zip(rows, records) {
            for (column, cell) in row.enumerated() {
                let paint: Paint = column == 0 ? .dim : column == 1 ? StateReport.paint(record.outcome) : .plain
                canvas.write(cell, paint)
                canvas.spaces(widths[column] - VisibleText.columns(of: cell) + 2)
            }
            canvas.write(record.id, .dim)
            canvas.newline()
            guard let summary = record.summary, !summary.isEmpty else { continue }
            canvas.paragraph(summary, indent: 4)
        }
        if records.isEmpty { canvas.paragraph("No runs are recorded.", indent: 0, .dim) }
        return canvas.text
    }

    private static func cells(_ record: RunRecord) -> [String] {
        let time = record.finishedAt.map { Wording.duration($0 - record.startedAt) } ?? ""
        let revision = record.revision.map { String($0.prefix(12)) } ?? "no revision"
        return [
            Wording.instant(record.startedAt), record.outcome.rawValue, record.kind, time, revision,
            "\(record.actor) (\(record.trigger))",
        ]
    }

    private static func paint(_ outcome: RunRecord.Outcome) -> Paint {
        switch outcome {
        case .running: .cyan
        case .succeeded: .green
        case .failed: .red
        case .cancelled: .yellow
        }
    }
}
