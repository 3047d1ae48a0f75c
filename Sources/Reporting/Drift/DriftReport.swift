public import PlumbModel

/// What has drifted, for people: each place with what was there and what is, since when, and what becomes of it.
public struct DriftReport: Sendable {
    private let check: DriftCheck

    public init(_ check: DriftCheck) { self.check = check }

    public func render(_ style: TerminalStyle) -> String {
        var canvas = Canvas(style)
        let groups = Self.grouped(check.findings)
        if !groups.isEmpty {
            PlanReport.writeHeading(
                check.isFromRecords
                    ? "Drifted, as of \(InstantText.utc(check.checkedAt)):" : "Changed outside of Plumbline:",
                to: &canvas)
        }
        for group in groups { write(group, to: &canvas) }
        if !check.unreadable.isEmpty {
            for resource in check.unreadable {
                canvas.write("  ? ", .red)
                canvas.write(VisibleText.escape(resource.address.description), .bold)
                canvas.write("  could not be read")
                canvas.newline()
            }
            canvas.newline()
        }
        if !check.ended.isEmpty {
            for record in check.ended {
                canvas.paragraph(
                    "\(record.address) \(Self.place(record)): "
                        + (record.status == .healed
                            ? "set back by a run"
                            : "no longer drift: the specs have come to agree, or it has gone by itself")
                        + ".", indent: 2, .dim)
            }
            canvas.newline()
        }
        PolicyWriter(check.policies).write(to: &canvas)
        for notice in check.notices { canvas.paragraph("\(notice).", indent: 0) }
        if let why = check.unrecorded {
            canvas.paragraph("This check was not recorded: \(VisibleText.escape(why))", indent: 0)
        }
        canvas.paragraph(DriftSummary(check).line, indent: 0, .bold)
        return canvas.text
    }

    /// Findings of one resource together, in the order of addresses.
    static func grouped(_ findings: [DriftCheck.Finding]) -> [[DriftCheck.Finding]] {
        Dictionary(grouping: findings, by: \.record.address).sorted { $0.key < $1.key }.map(\.value)
    }

    private func write(_ findings: [DriftCheck.Finding], to canvas: inout Canvas) {
        guard let first = findings.first else { return }
        ChangeWriter.writeHeader(
            sign: "  !", .yellow, first.record.address, first.record.path.steps.isEmpty ? "is gone" : "",
            first.declaredAt, to: &canvas)
        for finding in findings {
            if !finding.record.path.steps.isEmpty {
                canvas.spaces(ChangeWriter.indent)
                canvas.write(VisibleText.escape(finding.record.path.description), .bold)
                write(from: finding.record.expected, to: finding.record.live, &canvas)
            }
            canvas.paragraph(DriftSummary.standing(finding), indent: ChangeWriter.indent + 2, .dim)
        }
        canvas.newline()
    }

    private func write(from expected: Value, to live: Value, _ canvas: inout Canvas) {
        if let old = expected.asString, let new = live.asString, TextLines.areSeveral(old) || TextLines.areSeveral(new),
            !expected.isSensitive, !live.isSensitive
        {
            canvas.write(":")
            canvas.newline()
            return TextDifferenceWriter(showsEverything: false)
                .write(from: old, to: new, to: &canvas, indent: ChangeWriter.indent + 4)
        }
        let room = max(24, (canvas.width - ChangeWriter.indent - 8) / 3)
        canvas.write(": ")
        canvas.write(ValueText.brief(expected, limit: room))
        canvas.write(" -> ", .dim)
        canvas.write(ValueText.brief(live, limit: room))
        canvas.newline()
    }

    static func place(_ record: DriftRecord) -> String {
        record.path.steps.isEmpty ? "(gone)" : VisibleText.escape(record.path.description)
    }
}

/// Says in words how it stands with drift.
struct DriftSummary {
    private let check: DriftCheck

    init(_ check: DriftCheck) { self.check = check }

    /// A line that can be read alone.
    var line: String {
        let age = check.isFromRecords ? " (checked \(InstantText.utc(check.checkedAt)))" : ""
        let resources = Wording.count(check.resourceCount, "resource")
        let unread = check.unreadable.isEmpty ? "" : "; \(check.unreadable.count) could not be read"
        guard !check.findings.isEmpty else {
            return check.unreadable.isEmpty
                ? "In sync: \(resources), nothing changed outside\(age)."
                : "Drift: nothing changed outside in what could be read of \(resources)\(unread)\(age)."
        }
        let healed = check.findings.count { $0.remedy == .healed }
        let open = check.findings.count(where: \.counts)
        let accepted = check.findings.count - healed - open
        var parts: [String] = []
        if open > 0 { parts.append("\(Wording.count(open, "place")) drifted") }
        if healed > 0 { parts.append("\(healed) healed") }
        if accepted > 0 { parts.append("\(accepted) acknowledged or held") }
        let drifted = Set(check.findings.map(\.record.address)).count
        return "Drift: \(parts.joined(separator: ", ")); in \(drifted) of \(resources)\(unread)\(age)."
    }

    static func standing(_ finding: DriftCheck.Finding) -> String {
        let record = finding.record
        var text = "since \(InstantText.utc(record.firstSeen))"
        if record.occurrences > 1 { text += ", for the \(ordinal(record.occurrences)) time" }
        if let writer = record.writer { text += "; \(written(by: writer))" }
        return text + "; " + state(finding)
    }

    static func written(by writer: DriftAuthor) -> String {
        "written by \(VisibleText.escape(writer.name))" + (writer.time.map { " at \(InstantText.utc($0))" } ?? "")
    }

    private static func state(_ finding: DriftCheck.Finding) -> String {
        let record = finding.record
        if finding.remedy == .healed { return "set back now" }
        if finding.remedy == .failed { return "could not be set back" }
        if let hold = finding.hold {
            return "held\(hold.until.map { " until \(InstantText.utc($0))" } ?? ""): \(VisibleText.escape(hold.reason))"
        }
        switch record.status {
        case .acknowledged:
            let until = record.acknowledgedUntil.map { " until \(InstantText.utc($0))" } ?? ""
            return "acknowledged\(until) by \(record.actor ?? "somebody"): \(VisibleText.escape(record.reason ?? ""))"
        case .contended:
            return
                "contended: healed \(record.heals) times, and each time \(record.writer.map { VisibleText.escape($0.name) } ?? "somebody") wrote the same value again. No heal "
                + "touches it any more. `plumb drift ignore` leaves it to the other writer, `plumb apply` sets it back once"
        case .open, .healed, .gone: break
        }
        guard finding.mode == .heal else {
            return finding.mode == .warn ? "warn: nobody sets it back" : "detect: nobody sets it back"
        }
        switch finding.remedy {
        case .update: return "heal: `plumb drift --heal` sets it back"
        case .create: return "heal: `plumb drift --heal` creates it again"
        case .replace: return "heal: setting it back replaces it"
        case .none(let why): return "heal: \(why)"
        case .healed, .failed, .unknown: return "heal"
        }
    }

    private static func ordinal(_ number: Int) -> String {
        let suffix =
            switch (number % 10, number % 100) {
            case (_, 11...13): "th"
            case (1, _): "st"
            case (2, _): "nd"
            case (3, _): "rd"
            default: "th"
            }
        return "\(number)\(suffix)"
    }
}
