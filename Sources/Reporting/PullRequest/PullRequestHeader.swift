import PlumbModel

/// What a reviewer reads first: the verdict, the counts, and what cannot be undone.
struct PullRequestHeader {
    private let plans: PullRequestPlans
    private let totals: PullRequestTotals
    private let failed: Int
    private let refused: Int

    init(_ plans: PullRequestPlans) {
        self.plans = plans
        var totals = PullRequestTotals()
        for stack in plans.stacks { if let plan = stack.plan { totals.add(plan) } }
        self.totals = totals
        failed = plans.stacks.count(where: \.fails)
        refused = plans.stacks.count { !$0.fails && $0.isRefused }
    }

    /// Marker, counts and verdict: what stands in the smallest comment.
    var verdict: String {
        var parts = [totals.text ?? (failed == 0 ? "no changes" : "nothing planned")]
        if failed > 0 { parts.append("\(failed) \(failed == 1 ? "fails" : "fail")") }
        if refused > 0 { parts.append("\(refused) denied by policies") }
        let stacks = plans.stacks.isEmpty ? "No stack is affected" : Wording.count(plans.stacks.count, "stack") + ": "
        let title = plans.stacks.isEmpty ? stacks : stacks + parts.joined(separator: "; ")
        return "\(MarkdownText.marker(plans.key))\n## \(title)\n\n\(sentence)\n"
    }

    private var sentence: String {
        if plans.stacks.isEmpty { return "The files that this pull request changes are read by no stack." }
        if failed + refused > 0 {
            let what = [
                failed > 0 ? "\(Wording.count(failed, "stack")) cannot be planned" : nil,
                refused > 0 ? "policies deny \(Wording.count(refused, "stack"))" : nil,
            ].compactMap { $0 }
            return "**Cannot be applied as it is:** \(Wording.list(what))."
        }
        let lost = totals[.destroy] + totals[.replace]
        if lost > 0 {
            let what = [(totals[.destroy], "destroyed"), (totals[.replace], "replaced")].filter { $0.0 > 0 }
                .map { "\(Wording.count($0.0, "resource")) \($0.0 == 1 ? "is" : "are") \($0.1)" }
            return "**Look closely:** \(Wording.list(what))."
        }
        return totals.text == nil
            ? "Merging changes nothing outside of the repository." : "Nothing is destroyed or replaced."
    }

    var text: String { verdict + standing + radius }

    /// Which commit this is about, and what is other than at the push before.
    private var standing: String {
        var text = plans.revision.map { "Planned at \(MarkdownText.span($0, limit: 64))." } ?? ""
        if let previous = plans.previousRevision {
            var changed = 0
            var same = 0
            var new = 0
            for stack in plans.stacks {
                switch stack.movement {
                case .changed: changed += 1
                case .same: same += 1
                case .none: new += 1
                }
            }
            var parts: [String] = []
            if changed > 0 {
                parts.append("\(Wording.count(changed, "stack")) \(changed == 1 ? "plans" : "plan") something else")
            }
            if new > 0 { parts.append("\(new) \(new == 1 ? "is" : "are") new in this list") }
            if same > 0 { parts.append("\(same) \(same == 1 ? "plans" : "plan") the same") }
            if !plans.noLongerAffected.isEmpty {
                parts.append("no longer affected: \(MarkdownText.spans(plans.noLongerAffected.sorted(), atMost: 5))")
            }
            if !parts.isEmpty {
                text +=
                    " Since the push before (\(MarkdownText.span(previous, limit: 64))): \(parts.joined(separator: "; "))."
            }
        }
        return text.isEmpty ? "" : "\n\(text)\n"
    }

    /// What depends on what changes, and what cannot be made again.
    private var radius: String {
        var lines: [String] = []
        if totals.dependents > 0 {
            let one = totals.dependents == 1
            lines.append(
                "\(Wording.count(totals.dependents, "resource")) that \(one ? "stays as it is depends" : "stay as they are depend") "
                    + "on what is changed, replaced or destroyed")
        }
        if !totals.irreversible.isEmpty {
            let count = totals.irreversible.count
            lines.append(
                "**\(count) cannot be made again as \(count == 1 ? "it was" : "they were")**: "
                    + MarkdownText.spans(totals.irreversible.prefix(10).map(\.description), atMost: 9, of: count))
        }
        if !totals.protected.isEmpty {
            let count = totals.protected.count
            lines.append(
                "**\(count) protected by `prevent_destroy`**: "
                    + MarkdownText.spans(totals.protected.prefix(10).map(\.description), atMost: 9, of: count))
        }
        let removed = plans.stacks.filter { $0.standing == .removed }.map(\.name)
        if !removed.isEmpty {
            lines.append(
                "\(Wording.count(removed.count, "stack")) removed, with all that \(removed.count == 1 ? "it has" : "they have"): "
                    + MarkdownText.spans(removed, atMost: 9))
        }
        guard !lines.isEmpty else { return "" }
        return "\n**Blast radius**\n\n" + lines.map { "- \($0)\n" }.joined()
    }
}
