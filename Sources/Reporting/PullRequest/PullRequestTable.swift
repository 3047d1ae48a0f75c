public import PlumbModel

/// The plans of a pull request for a terminal: a line for every stack.
public struct PullRequestTable: Sendable {
    private let record: PullRequestRecord

    public init(_ record: PullRequestRecord) { self.record = record }

    public func render(_ style: TerminalStyle) -> String {
        var canvas = Canvas(style)
        let width = record.stacks.reduce(5) { max($0, VisibleText.columns(of: $1.name)) }
        for stack in record.stacks {
            canvas.write(VisibleText.escape(stack.name))
            canvas.pad(to: width + 2)
            switch stack.verdict {
            case .unchanged: canvas.write("no changes", .green)
            case .changes: canvas.write(Self.words(stack.counts), .yellow)
            case .denied: canvas.write("denied by policies: \(Self.words(stack.counts))", .red)
            case .failed: canvas.write("cannot be planned", .red)
            }
            switch stack.standing {
            case .present: break
            case .added: canvas.write("  new stack", .dim)
            case .removed: canvas.write("  removed stack", .dim)
            }
            canvas.newline()
        }
        let title =
            record.stacks.isEmpty
            ? "Pull request \(record.number): no stack is affected."
            : "Pull request \(record.number): \(Wording.count(record.stacks.count, "stack")) at \(record.head.prefix(12))."
        canvas.paragraph(title, indent: 0, .bold)
        return canvas.take()
    }

    private static func words(_ counts: PullRequestRecord.Stack.Counts) -> String {
        let parts = [
            (counts.destroy, "to destroy"), (counts.replace, "to replace"), (counts.update, "to change"),
            (counts.create, "to create"), (counts.other, "other"),
        ]
        return parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }
}

/// The plans of a pull request, and what became of them, as JSON documents.
///
///     {"format": 1, "number", "head", "base", "verdict", "stacks": [{
///        "stack", "directory", "standing", "verdict", "digest", "create", "update", "replace", "destroy", "other"}]}
///     {"format": 1, "revision", "succeeded", "stacks": [{"stack", "directory", "result", "digest", "problems": [...]}]}
///
/// Keys are added and never change what they say; another meaning gets another `format`.
public enum PullRequestDocument {
    public static func json(_ record: PullRequestRecord) -> String {
        IndentedJSON.text([
            "format": 1, "number": .number(record.number), "head": .string(record.head), "base": .string(record.base),
            "verdict": .string(record.verdict.rawValue), "stacks": .tuple(record.stacks.map(stack)),
        ])
    }

    private static func stack(_ stack: PullRequestRecord.Stack) -> Value {
        [
            "stack": .string(stack.name), "directory": .string(stack.folder),
            "standing": .string(stack.standing.rawValue), "verdict": .string(stack.verdict.rawValue),
            "digest": stack.digest.map(Value.string) ?? .null, "create": .number(stack.counts.create),
            "update": .number(stack.counts.update), "replace": .number(stack.counts.replace),
            "destroy": .number(stack.counts.destroy), "other": .number(stack.counts.other),
        ]
    }

    public static func json(_ outcome: PullRequestOutcome) -> String {
        IndentedJSON.text([
            "format": 1, "revision": .string(outcome.revision), "succeeded": .bool(outcome.succeeded),
            "stacks": .tuple(outcome.stacks.map(stack)),
        ])
    }

    private static func stack(_ stack: PullRequestOutcome.Stack) -> Value {
        var digest = Value.null
        var problems: [Value] = []
        let result: String
        switch stack.result {
        case .applied: result = "applied"
        case .unchanged: result = "unchanged"
        case .differs(let difference):
            result = "differs"
            digest = .string(difference.digest)
        case .skipped(let reason):
            result = "skipped"
            problems = [.string(reason)]
        case .failed(let found):
            result = "failed"
            problems = found.all.map { .string("\($0.summary): \($0.detail)") }
        }
        return [
            "stack": .string(stack.name), "directory": .string(stack.folder), "result": .string(result),
            "digest": digest, "problems": .tuple(problems),
        ]
    }
}

/// What became of the plans of a pull request, for a terminal: a line for every stack.
public struct PullRequestOutcomeTable: Sendable {
    private let outcome: PullRequestOutcome

    public init(_ outcome: PullRequestOutcome) { self.outcome = outcome }

    public func render(_ style: TerminalStyle) -> String {
        var canvas = Canvas(style)
        let width = outcome.stacks.reduce(5) { max($0, VisibleText.columns(of: $1.name)) }
        for stack in outcome.stacks {
            canvas.write(VisibleText.escape(stack.name))
            canvas.pad(to: width + 2)
            switch stack.result {
            case .applied(let steps): canvas.write("applied, \(Wording.count(steps, "step"))", .green)
            case .unchanged: canvas.write("nothing to do", .green)
            case .differs(let difference):
                canvas.words(
                    "not applied: shown was the plan \(difference.approved), now it would be \(difference.digest)",
                    indent: width + 2)
            case .skipped(let reason): canvas.words("not begun: \(VisibleText.escape(reason))", indent: width + 2)
            case .failed: canvas.write("failed", .red)
            }
            canvas.newline()
        }
        let done = outcome.stacks.count(where: \.succeeded)
        canvas.paragraph(
            outcome.stacks.isEmpty
                ? "Nothing to apply." : "Applied: \(done) of \(Wording.count(outcome.stacks.count, "stack")).",
            indent: 0, .bold)
        return canvas.take()
    }
}
