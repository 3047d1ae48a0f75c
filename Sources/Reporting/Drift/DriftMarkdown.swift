public import PlumbModel

/// Checks for drift as Markdown, to be posted: a table of the stacks, and below it what has drifted in each.
public struct DriftMarkdown: Sendable {
    private let checks: [DriftCheck]
    /// So many places of a stack are listed: forges bound how long a comment is.
    private static let limit = 100

    public init(_ checks: [DriftCheck]) { self.checks = checks }

    public func text() -> String {
        let drifted = checks.count { $0.exitCode == 2 }
        let failed = checks.count { $0.exitCode == 1 && $0.unreadable.isEmpty }
        let partial = checks.count { $0.exitCode == 1 && !$0.unreadable.isEmpty }
        var text = "## Drift: "
        var parts: [String] = []
        if drifted > 0 { parts.append("\(drifted) of \(Wording.count(checks.count, "stack")) drifted") }
        if failed > 0 { parts.append("\(failed) could not be checked") }
        if partial > 0 { parts.append("\(partial) could not be read as a whole") }
        text += parts.isEmpty ? "in sync" : parts.joined(separator: ", ")
        text += "\n\n| stack | result | drifted | checked |\n| --- | --- | --- | --- |\n"
        for check in checks {
            let result = check.exitCode == 0 ? "in sync" : check.exitCode == 2 ? "**drift**" : "**failed**"
            text += "| \(Self.cell(check.stack)) | \(result) | \(check.findings.count(where: \.counts)) "
            text += "| \(InstantText.utc(check.checkedAt)) |\n"
        }
        for check in checks where !check.findings.isEmpty || check.allProblems.hasErrors { text += section(check) }
        return text
    }

    private func section(_ check: DriftCheck) -> String {
        var text = "\n### \(Self.cell(check.stack))\n\n"
        if !check.findings.isEmpty {
            text += "| resource | place | was | is | |\n| --- | --- | --- | --- | --- |\n"
            for finding in check.findings.prefix(Self.limit) {
                let record = finding.record
                let place = record.path.steps.isEmpty ? "gone" : Self.code(record.path.description)
                text += "| \(Self.code(record.address.description)) | \(place) "
                text += "| \(Self.value(record.expected, record)) | \(Self.value(record.live, record)) "
                text += "| \(Self.cell(DriftSummary.standing(finding))) |\n"
            }
            let more = check.findings.count - Self.limit
            if more > 0 { text += "\n… and \(more) more; `plumb drift` lists them.\n" }
        }
        for result in check.policies where result.status != .pass {
            for sentence in PolicyText(result).sentences { text += "\n\(Self.cell(sentence))\n" }
        }
        for notice in check.notices { text += "\n\(Self.cell(notice)).\n" }
        for problem in check.allProblems.all where problem.severity == .error {
            text += "\n**\(Self.cell(problem.summary))**: \(Self.cell(problem.detail))\n"
        }
        return text
    }

    private static func value(_ value: Value, _ record: DriftRecord) -> String {
        record.path.steps.isEmpty ? "" : code(ValueText.brief(value, limit: 60))
    }

    /// Between more backticks than the text has in a row; a bar would end the cell even there.
    private static func code(_ text: String) -> String {
        let clean = VisibleText.escape(text).replacing("|", with: "\\|").replacing("\n", with: " ")
        var longest = 0
        var current = 0
        for character in clean {
            current = character == "`" ? current + 1 : 0
            longest = max(longest, current)
        }
        let fence = String(repeating: "`", count: longest + 1)
        return longest == 0 ? fence + clean + fence : "\(fence) \(clean) \(fence)"
    }

    /// What a name or a message holds is text, whatever it looks like: no link, no mention, no markup.
    private static func cell(_ text: String) -> String {
        var result = ""
        for character in VisibleText.escape(text) {
            switch character {
            case "\n": result += " "
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "@": result += "@\u{200B}"
            case "|", "*", "_", "[", "]", "#", "\\", "~": result += "\\\(character)"
            default: result.append(character)
            }
        }
        return result
    }
}
