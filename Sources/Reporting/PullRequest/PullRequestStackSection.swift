import PlumbModel

/// One stack in the comment of a pull request: folded, its counts in sight, its plan within.
struct PullRequestStackSection {
    /// How much of the stack is told, from all of it to nothing.
    enum Detail: Int, CaseIterable, Comparable {
        case whole, brief, updatesListed, creationsListed, creationsCounted
        /// No plan, and of problems and policies the beginning.
        case counted
        /// One line.
        case line
        case nothing

        static func < (left: Detail, right: Detail) -> Bool { left.rawValue < right.rawValue }
    }

    private static let problemLimit = 8
    private static let nameLimit = 100

    private let stack: PullRequestPlans.Stack

    init(_ stack: PullRequestPlans.Stack) { self.stack = stack }

    /// Nil where it takes more bytes than the limit.
    func text(_ detail: Detail, limit: Int) -> String? {
        switch detail {
        case .nothing: return ""
        case .line: return "- \(MarkdownText.span(stack.name, limit: 60)): \(counts)\n"
        default: break
        }
        var body = facts(isShort: detail >= .creationsCounted)
        if let plan = stack.plan {
            if let level = PlanDifference.Detail(rawValue: detail.rawValue) {
                guard let lines = PlanDifference(plan, level, limit: limit).text() else { return nil }
                if !lines.isEmpty { body += "\n" + MarkdownText.fence(lines, language: "diff") }
            }
            body += PolicySection(plan.policies.filter { $0.status != .pass }).text(
                atMost: detail >= .counted ? 3 : Int.max)
        }
        body += problems(
            atMost: detail >= .counted ? 2 : detail == .whole ? .max : PullRequestStackSection.problemLimit)
        // Nothing to unfold.
        if detail == .counted, body.isEmpty { return self.text(.line, limit: limit) }
        let name = MarkdownText.element(stack.name, limit: PullRequestStackSection.nameLimit)
        let text = "<details>\n<summary>\(name): \(counts)</summary>\n\(body)\n</details>\n\n"
        return text.utf8.count > limit ? nil : text
    }

    /// `new stack: 2 to create`
    private var counts: String {
        var parts: [String] = []
        switch stack.standing {
        case .present: break
        case .added: parts.append("new stack")
        case .removed: parts.append("removed stack")
        }
        if stack.fails { parts.append("fails") }
        if stack.isRefused { parts.append("denied by policies") }
        if let plan = stack.plan {
            var totals = PullRequestTotals()
            totals.add(plan)
            parts.append(totals.text ?? "no changes")
            if !plan.held.isEmpty {
                parts.append("\(plan.held.count) \(plan.held.count == 1 ? "differs and is" : "differ and are") held")
            }
        }
        let warnings = stack.problems.all.count - stack.problems.errorCount
        if warnings > 0 { parts.append(Wording.count(warnings, "warning")) }
        if let drift = stack.plan?.drift.count(where: \.isRelevant), drift > 0 { parts.append("drift touches it") }
        if case .changed = stack.movement { parts.append("other than at the last push") }
        return parts.joined(separator: "; ")
    }

    private func facts(isShort: Bool) -> String {
        var parts: [String] = []
        if stack.directory != stack.name, !isShort { parts.append("In \(MarkdownText.span(stack.directory)).") }
        if let digest = stack.digest { parts.append("Plan \(MarkdownText.span(digest, limit: 16)).") }
        if !stack.causes.isEmpty, !isShort {
            parts.append("Planned because of \(MarkdownText.spans(stack.causes, atMost: 4)).")
        }
        if case .changed(let delta) = stack.movement, !isShort { parts.append(movement(delta)) }
        if let link = stack.link { parts.append(MarkdownText.link("The whole plan", to: link)) }
        return parts.isEmpty ? "" : "\n\(parts.joined(separator: " "))\n"
    }

    private func movement(_ delta: PlanDelta) -> String {
        let parts = [("more", delta.added), ("no longer", delta.gone), ("other than before", delta.different)]
            .filter { !$0.1.isEmpty }
            .map { words, addresses in
                "\(addresses.count) \(words) ("
                    + MarkdownText.spans(addresses.prefix(4).map(\.description), atMost: 4, of: addresses.count) + ")"
            }
        return parts.isEmpty ? "" : "Changes since the last push: \(parts.joined(separator: ", "))."
    }

    /// The warnings; errors are told unfolded.
    private func problems(atMost limit: Int) -> String {
        let warnings = stack.problems.all.filter { $0.severity == .warning }
        guard !warnings.isEmpty else { return "" }
        return "\n" + ProblemBlock(Diagnostics(warnings)).text(atMost: limit)
    }
}

/// Problems as they read in a terminal, fenced.
struct ProblemBlock {
    private let problems: Diagnostics
    private static let style = TerminalStyle(usesColor: false, width: 100, isInteractive: false)
    /// Columns after which lines are cut where not all problems are told.
    private static let lineLimit = 240

    init(_ problems: Diagnostics) { self.problems = problems }

    /// Empty where there is no problem.
    func text(atMost limit: Int) -> String {
        guard !problems.isEmpty else { return "" }
        let shown = Diagnostics(Array(problems.all.prefix(limit)))
        var text = ""
        for line in TextLines.block(DiagnosticReport(shown).render(ProblemBlock.style)) {
            let visible = MarkdownText.visible(String(line))
            text += (limit == .max ? visible : TextWidth.clip(visible, to: ProblemBlock.lineLimit)) + "\n"
        }
        let more = problems.all.count - shown.all.count
        if more > 0 { text += "\n… and \(Wording.count(more, "more problem"))\n" }
        return MarkdownText.fence(text, language: "text")
    }
}

/// What policies say, fenced: a line for each sentence.
struct PolicySection {
    private let results: [PolicyResult]

    init(_ results: [PolicyResult]) { self.results = results }

    func text(atMost limit: Int) -> String {
        guard !results.isEmpty else { return "" }
        var lines = ""
        for result in results.prefix(limit) {
            for sentence in PolicyText(result).sentences {
                lines += TextWidth.clip(MarkdownText.visible(sentence), to: 600) + "\n"
            }
        }
        if results.count > limit { lines += "… and \(results.count - limit) more\n" }
        return "\nPolicies:\n\n" + MarkdownText.fence(lines, language: "text")
    }
}
