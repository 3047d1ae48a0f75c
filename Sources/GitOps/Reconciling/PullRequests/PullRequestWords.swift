internal import PlumbModel
internal import PullRequests
internal import Reporting

/// What a controller says below pull requests, in Markdown.
enum PullRequestWords {
    /// As code, so that no forge takes a name for anything else.
    private static func code(_ text: String) -> String { MarkdownText.span(text) }

    static func refused(_ action: PullRequestCommand.Action, _ reasons: [String]) -> String {
        guard reasons.count > 1 else { return "`plumb \(action.rawValue)` is refused: \(reasons.first ?? "")" }
        return "`plumb \(action.rawValue)` is refused:\n\n" + reasons.map { "- \($0)" }.joined(separator: "\n")
    }

    static func nothing(of command: PullRequestCommand, in planned: PullRequestRecord?) -> String {
        let known = (planned?.stacks ?? []).map(\.name)
        guard !command.stacks.isEmpty else {
            return "There is nothing to apply: no plan of this pull request changes anything."
        }
        let listed =
            known.isEmpty ? "None is planned." : "Planned are \(MarkdownText.spans(known, atMost: 20))."
        return "No planned stack has such a name or folder. \(listed)"
    }

    static func suspended(_ stack: String, _ suspension: StackStatus.Suspension) -> String {
        "\(code(stack)) is suspended by \(code(suspension.actor)): \(code(suspension.reason)). Have it resumed first."
    }

    static func elsewhere(_ stack: String, _ repository: String) -> String {
        "\(code(stack)) is a stack of another repository, \(code(repository)): give this one another name."
    }

    static let namesakes = "Two of these stacks have the same name: rename one of them."

    static let unsigned =
        "This repository is followed with `signatures`, and nobody has looked at those of this branch: merge it, and the "
        + "merge's signature counts."

    static func locked(_ stack: String, _ lock: StackStatus.Lock, _ now: Double) -> String {
        "\(code(stack)) is locked by pull request \(lock.number) of \(code(lock.repository)), which \(code(lock.actor)) has had applied "
            + "\(age(now - lock.since)) ago. Merge or close that one, or comment `plumb unlock` there."
    }

    static func nothingLocked(_ held: [String]) -> String {
        held.isEmpty
            ? "This pull request has no stack locked." : "It has only \(MarkdownText.spans(held, atMost: 20)) locked."
    }

    static func unlocked(_ stacks: [String], because reason: String) -> String {
        "\(reason) Unlocked: \(MarkdownText.spans(stacks, atMost: 50)). What the base branch says of them holds again, and is "
            + "applied as each stack's `sync` says; a stack that the base branch does not have stays as it is."
    }

    static func interrupted(_ action: PullRequestCommand.Action) -> String {
        "`plumb \(action.rawValue)` was interrupted: the controller that carried it out has ended. Look at what the stacks' runs "
            + "say was done, and comment it again."
    }

    static let edited =
        "The comment was edited after it was written, and somebody else may have done that: write a new one."

    static func unseen(_ head: String) -> String {
        "It was written before the plan of \(code(String(head.prefix(12)))) was shown: look at that plan, and comment again."
    }

    static func broken(_ action: PullRequestCommand.Action, _ problems: Diagnostics) -> String {
        let reason = MarkdownText.span(problems.sentence(while: "It was given up"), limit: 1000)
        return
            "`plumb \(action.rawValue)` did not get to its end. \(reason) Look at the stacks' states, and comment again."
    }

    static func unplanned(_ problems: Diagnostics, _ head: String) -> String {
        let lines = problems.all.filter { $0.severity == .error }.prefix(10).map { problem in
            "- \(code(problem.summary)): \(MarkdownText.span(problem.detail, limit: 1000))"
        }
        return "Nothing of \(code(String(head.prefix(12)))) could be planned:\n\n\(lines.joined(separator: "\n"))\n\n"
            + "Once that is mended, push again, or comment `plumb plan`."
    }

    /// `3 minutes`
    static func age(_ seconds: Double) -> String {
        let units = [(86_400.0, "day"), (3_600, "hour"), (60, "minute"), (1, "second")]
        let unit = units.first { seconds >= $0.0 } ?? (1, "second")
        let count = max(1, Int(seconds / unit.0))
        return "\(count) \(unit.1)\(count == 1 ? "" : "s")"
    }
}
