public import PlumbModel

/// What is answered to `plumb help`, and to what is no command.
public struct CommandHelp: Sendable {
    private let applying: PullRequestSettings.Applying

    public init(_ applying: PullRequestSettings.Applying) { self.applying = applying }

    /// In Markdown.
    public var text: String {
        var lines = [
            "Commands, each on a line of its own:", "",
            "| Comment | What happens |", "|---|---|",
            "| `plumb plan` | Plans the stacks that this pull request affects, anew. |",
            "| `plumb plan -s GLOB` | Also stacks that it does not affect, by folder or name; `--all`: every one. |",
        ]
        if applying == .onComment {
            lines += [
                "| `plumb apply` | Applies what was planned, before the merge; the stacks are then locked by this pull "
                    + "request. `-s GLOB` chooses. |",
                "| `plumb unlock` | Gives them back: they return to what the base branch says. |",
            ]
        }
        lines.append("| `plumb help` | Shows this. |")
        if applying == .onMerge { lines += ["", "What was approved is applied once this pull request is merged."] }
        return lines.joined(separator: "\n")
    }

    /// What is answered to a mistaken one.
    public func text(after mistake: String) -> String { mistake + "\n\n" + text }
}
