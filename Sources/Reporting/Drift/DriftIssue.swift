public import PlumbModel

/// The issue at a forge about the drift of one stack: what has drifted, by whom, since when, and what to do about it.
///
/// It says nothing that changes with every look, so that it is edited only where something is new.
public struct DriftIssue: Sendable {
    private let stack: String
    private let findings: [DriftCheck.Finding]
    private let link: String?

    /// Scalars of text for the places; what is around them is short.
    private static let longest = 24_000
    private static let mostPlaces = 100

    /// - Parameters:
    ///   - findings: one at the least.
    ///   - link: where people look at the stack; nil where there is no such place.
    public init(stack: String, findings: [DriftCheck.Finding], link: String?) {
        self.stack = stack
        self.findings = findings
        self.link = link
    }

    /// One line. No forge makes more than code of what a title holds between backticks.
    public var title: String { "Drift in \(MarkdownText.span(stack))" }

    public var body: String {
        let resources = Set(findings.map(\.record.address)).count
        var text = "\(Wording.count(findings.count, "place")) of \(Wording.count(resources, "resource")) in the stack "
        text += "\(MarkdownText.span(stack)) "
        text += "\(findings.count == 1 ? "differs" : "differ") from what was applied, and nobody sets "
        text += "\(findings.count == 1 ? "it" : "them") back.\n"
        text += places
        text += "\n" + advice
        if let link { text += "\n\(MarkdownText.link("The stack", to: link))\n" }
        return text + "\nThis issue is kept up to date, and closed when the drift is gone.\n"
    }

    /// The word with which the issue is closed.
    ///
    /// - Parameters:
    ///   - revision: at which the stack is; nil where nobody knows.
    ///   - isAccepted: whether something differs still, about which nobody has to do anything.
    ///   - time: of the look that has found nothing any more, in seconds since 1970.
    public static func farewell(stack: String, revision: String?, isAccepted: Bool, time: Double) -> String {
        if isAccepted {
            return
                "Nothing is left to be done about the drift in \(MarkdownText.span(stack)): what differs was acknowledged, "
                + "held, or left to the mode `detect` by \(InstantText.utc(time))."
        }
        let place = revision.map { " at revision \(MarkdownText.span(String($0.prefix(12))))" } ?? ""
        return "The drift in \(MarkdownText.span(stack)) is gone: it was in sync\(place) at \(InstantText.utc(time))."
    }

    /// The word with which the issue of a stack is closed that is no longer declared: nobody looks for its drift any more.
    public static func farewell(undeclared stack: String, folder: String, revision: String) -> String {
        "The stack \(MarkdownText.span(stack)) is no longer declared: its folder \(MarkdownText.span(folder)) is not in the revision "
            + "\(MarkdownText.span(String(revision.prefix(12)))), or no glob of `stacks` matches it any more. What it has made is "
            + "left as it is, and nobody looks for drift in it."
    }

    private var places: String {
        var text = ""
        var told = 0
        for group in DriftReport.grouped(findings) {
            guard let first = group.first else { continue }
            var part = "\n**\(MarkdownText.span(first.record.address.description))**"
            if let place = first.declaredAt { part += ", declared in \(MarkdownText.span(place.description))" }
            part += "\n\n"
            for finding in group.prefix(Self.mostPlaces) { part += line(finding) }
            if group.count > Self.mostPlaces { part += "- and \(group.count - Self.mostPlaces) more places\n" }
            guard told + group.count <= Self.mostPlaces || told == 0,
                text.unicodeScalars.count + part.unicodeScalars.count <= Self.longest || told == 0
            else { break }
            text += part
            told += group.count
        }
        let rest = findings.count - told
        return rest > 0 ? text + "\nAnd \(Wording.count(rest, "more place")); `plumb drift` lists all.\n" : text
    }

    private func line(_ finding: DriftCheck.Finding) -> String {
        let record = finding.record
        var text =
            record.path.steps.isEmpty
            ? "- the resource is gone"
            : "- \(MarkdownText.span(record.path.description)): \(Self.value(record.expected)) is now "
                + Self.value(record.live)
        text += "; since \(InstantText.utc(record.firstSeen))"
        if let writer = record.writer { text += ", written by \(MarkdownText.span(writer.name, limit: 60))" }
        return text + "; " + standing(finding) + "\n"
    }

    private func standing(_ finding: DriftCheck.Finding) -> String {
        if finding.record.status == .contended {
            return
                "set back \(Wording.count(finding.record.heals, "time")) and each time written again, so that no heal "
                + "touches it any more"
        }
        switch finding.remedy {
        case .failed: return "it could not be set back"
        case .none(let why): return "it is not set back: \(MarkdownText.span(why, limit: 300))"
        default: return "mode \(MarkdownText.span(finding.mode.rawValue))"
        }
    }

    private var advice: String {
        let record = findings.first?.record
        let place = record.map { record in
            [record.address.description, record.path.steps.isEmpty ? "" : record.path.description]
                .filter { !$0.isEmpty }.map { Self.quoted(VisibleText.escape($0)) }.joined(separator: " ")
        }
        let commands = [
            ("plumb drift accept", "takes what is there into the specs"),
            ("plumb drift ignore", "leaves the place to whoever writes it"),
            ("plumb drift ack", "lets it be for a while: `--until`, `--reason`"),
            ("plumb apply", "sets it back once"),
        ]
        var text = "What to do, in the stack's folder:\n\n"
        for (command, effect) in commands {
            let whole = command == "plumb apply" ? command : place.map { "\(command) \($0)" } ?? command
            text += "- \(MarkdownText.span(whole, limit: 300)) \(effect)\n"
        }
        return text
    }

    /// As a shell takes it, should somebody copy it: names are others' choice.
    private static func quoted(_ word: String) -> String {
        let isPlain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-/".contains($0)) }
        return isPlain ? word : "'\(word.replacing("'", with: "'\\''"))'"
    }

    private static func value(_ value: Value) -> String { MarkdownText.span(ValueText.brief(value, limit: 60)) }
}
