import PlumbModel

/// The parts of a comment that can be told at more or less length, and how they are brought within a budget.
struct CommentParts {
    /// Bytes that headings between the parts, and the sentence about what was left out, take at most.
    static let reserve = 1300

    private enum Kind { case problems, lost, stack }

    private struct Part {
        let kind: Kind
        let stack: PullRequestPlans.Stack
        var level = 0
        var text = ""
        /// Larger than any budget where the text was given up.
        var size = 0
    }

    /// A step of the order in which detail is dropped.
    private struct Stage {
        let kind: Kind
        let level: Int
        let words: String

        init(_ kind: Kind, _ level: Int, _ words: String) {
            self.kind = kind
            self.level = level
            self.words = words
        }
    }

    private static let stages: [Stage] = [
        Stage(.stack, 1, "long values in full"),
        Stage(.stack, 2, "the values of updates"),
        Stage(.stack, 3, "the values of creations"),
        Stage(.stack, 4, "the list of creations"),
        Stage(.lost, 1, "long values of what is destroyed or replaced"),
        Stage(.stack, 5, "plans but for their counts"),
        Stage(.lost, 2, "the values of what is destroyed or replaced"),
        Stage(.problems, 1, "some of the problems"),
        Stage(.stack, 6, "all but a line"),
        Stage(.lost, 3, "most of the list of what is destroyed or replaced"),
        Stage(.problems, 2, "all but the first problem's summary"),
        Stage(.lost, 4, "the list of what is destroyed or replaced"),
        Stage(.stack, 7, "all but the totals above"),
        Stage(.problems, 3, "the problems"),
    ]

    private var parts: [Part] = []
    /// The stacks without changes, in a line.
    private var quiet = ""
    /// Bytes after which a part is given up.
    private let limit: Int
    private var total = 0
    /// What was left out, and of how many stacks.
    private(set) var leftOut: [String] = []

    init(_ plans: PullRequestPlans, limit: Int) {
        self.limit = max(limit, 0)
        let ordered = plans.stacks.enumerated().sorted { left, right in
            (Self.rank(left.element), left.element.name, left.offset)
                < (Self.rank(right.element), right.element.name, right.offset)
        }.map(\.element)
        let unchanged = ordered.filter(\.isQuiet).map(\.name)
        if !unchanged.isEmpty {
            let names = MarkdownText.spans(unchanged, atMost: 8)
            quiet = "\n\(Wording.count(unchanged.count, "stack")) without changes: \(names).\n"
        }
        total = quiet.utf8.count
        for stack in ordered where stack.problems.hasErrors || stack.plan == nil || stack.isRefused {
            parts.append(Part(kind: .problems, stack: stack))
        }
        for stack in ordered where Self.loses(stack) { parts.append(Part(kind: .lost, stack: stack)) }
        for stack in ordered where !stack.isQuiet && stack.plan != nil {
            parts.append(Part(kind: .stack, stack: stack))
        }
        for index in parts.indices { lay(index, at: 0) }
    }

    /// What needs a reader most comes first.
    private static func rank(_ stack: PullRequestPlans.Stack) -> Int {
        if stack.fails { return 0 }
        if stack.isRefused { return 1 }
        return loses(stack) ? 2 : 3
    }

    private static func loses(_ stack: PullRequestPlans.Stack) -> Bool {
        stack.plan?.changes.contains { change in
            switch change.action {
            case .delete, .replace: true
            case .create, .update, .read, .forget, .wait: false
            }
        } ?? false
    }

    /// Drops detail, stage by stage and in each the largest first, until all fits.
    mutating func shrink(to room: Int) {
        for stage in CommentParts.stages where total > room {
            let candidates = parts.indices.filter { parts[$0].kind == stage.kind && parts[$0].level < stage.level }
                .sorted { (-parts[$0].size, $0) < (-parts[$1].size, $1) }
            var touched = 0
            for index in candidates where total > room {
                let before = parts[index].text
                lay(index, at: stage.level)
                if before != parts[index].text { touched += 1 }
            }
            if touched > 0 { leftOut.append("\(stage.words) (\(Wording.count(touched, "stack")))") }
        }
    }

    private mutating func lay(_ index: Int, at level: Int) {
        let text = render(parts[index], level)
        total -= parts[index].size
        parts[index].level = level
        parts[index].text = text ?? ""
        parts[index].size = text?.utf8.count ?? limit + 1
        total += parts[index].size
    }

    private func render(_ part: Part, _ level: Int) -> String? {
        switch part.kind {
        case .problems: problems(part.stack, level)
        case .lost: lost(part.stack, level)
        case .stack:
            PullRequestStackSection.Detail(rawValue: level).flatMap {
                PullRequestStackSection(part.stack).text($0, limit: limit)
            }
        }
    }

    private func problems(_ stack: PullRequestPlans.Stack, _ level: Int) -> String? {
        let name = MarkdownText.span(stack.name)
        let errors = Diagnostics(stack.problems.all.filter { $0.severity == .error })
        let denials = stack.plan?.policies.filter(\.refuses) ?? []
        if level == 3 { return "" }
        if level == 2 {
            let first = errors.all.first.map { MarkdownText.span($0.summary) }
            return "- \(name): \(first ?? (denials.isEmpty ? "no plan" : "denied by policies"))\n"
        }
        var text = "**\(name)**\n"
        if !errors.isEmpty { text += "\n" + ProblemBlock(errors).text(atMost: level == 0 ? .max : 2) }
        if errors.isEmpty, stack.plan == nil { text += "\nNo plan was made.\n" }
        text += PolicySection(denials).text(atMost: level == 0 ? .max : 3) + "\n"
        return text.utf8.count > limit ? nil : text
    }

    private func lost(_ stack: PullRequestPlans.Stack, _ level: Int) -> String? {
        guard let plan = stack.plan, level < 4 else { return "" }
        let detail: PlanDifference.Detail = level == 0 ? .whole : level == 1 ? .brief : .updatesListed
        let lines = PlanDifference(plan, detail, limit: limit).lost(atMost: level == 3 ? 3 : .max)
        return lines.map { "\(MarkdownText.span(stack.name))\n\n\(MarkdownText.fence($0, language: "diff"))\n" }
    }

    var text: String {
        var text = ""
        append(.problems, under: "Problems", to: &text)
        append(.lost, under: "Destroyed or replaced", to: &text)
        append(.stack, under: "Stacks", to: &text)
        text = Self.ended(text)
        return text + quiet
    }

    /// With one line end at the end, where there is any text.
    private static func ended(_ text: String) -> String {
        let end = text.utf8.lastIndex { $0 != UInt8(ascii: "\n") }.map(text.utf8.index(after:))
        return end.map { text[..<$0] + "\n" } ?? ""
    }

    /// Parts that are a line each come last, so that they make one list.
    private func append(_ kind: Kind, under title: String, to text: inout String) {
        let shown = parts.filter { $0.kind == kind && !$0.text.isEmpty }
        guard !shown.isEmpty else { return }
        text = Self.ended(text) + "\n### \(title)\n\n"
        let isLine = { (part: Part) in part.text.utf8.first == UInt8(ascii: "-") }
        for part in shown where !isLine(part) { text += part.text }
        let lines = shown.filter(isLine)
        for part in lines { text += part.text }
        if !lines.isEmpty { text += "\n" }
    }
}
