public import PlumbModel

/// The one comment on a pull request: verdict and counts first, then what cannot be undone, then each stack folded.
///
/// Where it does not fit the budget it drops detail in this order, of the largest stacks first: values in full and what
/// stays the same, the values of updates, the values of creations, the list of creations, plans but for their counts;
/// then the values and the list of what is destroyed, the stacks' own lines, and what cannot be planned. It says what
/// it has left out, and never cuts within a fence, an element or a character.
public struct PullRequestComment: Sendable {
    private let plans: PullRequestPlans
    private let budget: Int

    /// - Parameter budget: characters, counted as bytes of UTF-8 so that the comment fits however a forge counts. What
    ///   tells the verdict, a few hundred of them, is never left out.
    public init(_ plans: PullRequestPlans, budget: Int = 65_536) {
        self.plans = plans
        self.budget = budget
    }

    /// What every comment of this key begins with.
    public static func marker(_ key: String) -> String { MarkdownText.marker(key) }

    public func text() -> String {
        let header = PullRequestHeader(plans)
        let head = header.text
        let foot = self.foot
        var parts = CommentParts(plans, limit: budget)
        let fixed = head.utf8.count + foot.utf8.count + CommentParts.reserve
        parts.shrink(to: budget - fixed)
        let note = parts.leftOut.isEmpty ? "" : leftOutNote(parts.leftOut)
        let text = head + parts.text + note + foot
        if text.utf8.count <= budget { return text }
        // What is left is the verdict, and where to read the rest.
        let verdict = header.verdict
        let link = plans.link.map { "\n\(MarkdownText.link("The whole plan", to: $0))\n" } ?? ""
        return verdict.utf8.count + link.utf8.count <= budget ? verdict + link : verdict
    }

    private func leftOutNote(_ what: [String]) -> String {
        "\n> Left out to keep within \(MarkdownText.grouped(budget)) characters: \(what.joined(separator: "; ")).\n"
    }

    private var foot: String {
        var lines: [String] = []
        if let link = plans.link { lines.append(MarkdownText.link("The whole plan", to: link)) }
        lines += plans.hints
        return lines.isEmpty ? "" : "\n---\n\n" + lines.joined(separator: "\n\n") + "\n"
    }
}
