public import PlumbModel

/// The comment that says what became of a pull request's plans: one line a stack, and below each what went wrong with it.
public struct OutcomeComment: Sendable {
    private let outcome: PullRequestOutcome
    private let budget: Int
    /// Addresses that are named of each kind of difference.
    private static let mostNamed = 10

    /// - Parameter budget: characters, counted as bytes of UTF-8 so that the comment fits however a forge counts.
    public init(_ outcome: PullRequestOutcome, budget: Int = 65_536) {
        self.outcome = outcome
        self.budget = budget
    }

    public func text() -> String {
        let done = outcome.stacks.count(where: \.succeeded)
        let all = Wording.count(outcome.stacks.count, "stack")
        let title =
            outcome.stacks.isEmpty
            ? "Nothing to apply" : outcome.succeeded ? "Applied: \(all)" : "\(done) of \(all) applied"
        var text = "## \(title)\n\nAt \(MarkdownText.span(outcome.revision, limit: 64)).\n\n"
        let foot = outcome.link.map { "\n\(MarkdownText.link("The whole of it", to: $0))\n" } ?? ""
        // What went wrong first: that is what somebody has to do something about.
        let stacks = outcome.stacks.filter { !$0.succeeded } + outcome.stacks.filter(\.succeeded)
        var left = 0
        for stack in stacks {
            let room = budget - text.utf8.count - foot.utf8.count - 100
            let part = [section(stack, atMost: .max), section(stack, atMost: 3), line(stack)]
                .first { $0.utf8.count <= room }
            if let part, left == 0 { text += part } else { left += 1 }
        }
        if left > 0 { text += "\n… and \(Wording.count(left, "more stack")).\n" }
        return text + foot
    }

    private func line(_ stack: PullRequestOutcome.Stack) -> String {
        "- \(MarkdownText.span(stack.name)): \(words(stack.result))\n"
    }

    private func words(_ result: PullRequestOutcome.Stack.Result) -> String {
        switch result {
        case .applied(let steps): "applied, \(Wording.count(steps, "step"))"
        case .unchanged: "nothing to do"
        case .differs: "**not applied**: it would now be another plan than the one that was shown"
        case .skipped: "**not begun**"
        case .failed(let problems): "**failed**: \(Wording.count(problems.errorCount, "problem"))"
        }
    }

    private func section(_ stack: PullRequestOutcome.Stack, atMost limit: Int) -> String {
        switch stack.result {
        case .applied, .unchanged: return line(stack)
        case .skipped(let reason):
            return line(stack) + "\n"
                + MarkdownText.fence(
                    MarkdownText.visible(reason) + "\n", language: "text") + "\n"
        case .failed(let problems): return line(stack) + "\n" + ProblemBlock(problems).text(atMost: limit) + "\n"
        case .differs(let difference): return line(stack) + "\n" + text(of: difference, limit) + "\n"
        }
    }

    private func text(of difference: PlanDifferenceSinceReview, _ limit: Int) -> String {
        var text =
            "Shown was the plan \(MarkdownText.span(difference.approved, limit: 64)), now it is "
            + "\(MarkdownText.span(difference.digest, limit: 64))."
        if let delta = difference.delta {
            let parts = [("more", delta.added), ("no longer", delta.gone), ("other than shown", delta.different)]
                .filter { !$0.1.isEmpty }
                .map { words, addresses in
                    "\(addresses.count) \(words) ("
                        + MarkdownText.spans(
                            addresses.prefix(Self.mostNamed).map(\.description), atMost: Self.mostNamed,
                            of: addresses.count) + ")"
                }
            if !parts.isEmpty { text += " It differs in: \(parts.joined(separator: ", "))." }
        }
        text += "\n"
        let level: PlanDifference.Detail = limit == .max ? .brief : .creationsCounted
        if let lines = PlanDifference(difference.plan, level, limit: budget / 4).text(), !lines.isEmpty {
            text += "\n" + MarkdownText.fence(lines, language: "diff")
        }
        if let lost = PlanDifference(difference.plan, level, limit: budget / 4).lost(atMost: 20), !lost.isEmpty {
            text += "\n" + MarkdownText.fence(lost, language: "diff")
        }
        return text
    }
}
