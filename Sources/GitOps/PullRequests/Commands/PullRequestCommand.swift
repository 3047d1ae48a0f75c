internal import PlumbModel

/// What somebody orders by a comment below a pull request: `plumb apply -s dns`.
public struct PullRequestCommand: Sendable, Hashable {
    public enum Action: String, Sendable, Hashable, CaseIterable, Codable {
        /// Plan anew; of a stranger's pull request: plan at all.
        case plan
        /// Apply what was planned, before the merge.
        case apply
        /// Give back the stacks that the pull request has applied.
        case unlock
        case help
    }

    /// What a comment says.
    public enum Reading: Sendable, Hashable {
        /// Nothing that is meant for us.
        case none
        case command(PullRequestCommand)
        /// It is meant for us, and is no command: a sentence that says why, in Markdown, without a word that could do harm.
        case mistaken(String)
    }

    public let action: Action
    /// Globs of folders or names of stacks; empty: those that the pull request affects.
    public let stacks: [String]
    /// All stacks of the repository.
    public let isAll: Bool

    public init(_ action: Action, stacks: [String] = [], isAll: Bool = false) {
        self.action = action
        self.stacks = stacks
        self.isAll = isAll
    }

    /// Who writes more than this on one line does not give a command.
    static let longestLine = 1000
    static let mostGlobs = 50

    /// Reads the first line of a comment that is a command. Quotes, code and what nobody sees order nothing.
    public static func read(_ body: String) -> Reading {
        var lines = VisibleLines(body)
        while let line = lines.next() {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            guard words.first?.lowercased() == "plumb" else { continue }
            let reading = read(words: Array(words.dropFirst()))
            if reading != .none { return reading }
        }
        return .none
    }

    private static func read(words: [String]) -> Reading {
        guard let first = words.first else { return .mistaken("`plumb` alone orders nothing.") }
        guard let action = Action(rawValue: first.lowercased()) else { return unknown(first, words) }
        var command = Arguments()
        if let problem = command.take(Array(words.dropFirst()), of: action) { return .mistaken(problem) }
        return .command(PullRequestCommand(action, stacks: command.globs, isAll: command.isAll))
    }

    /// Of a sentence that begins with our name, nothing follows.
    private static func unknown(_ first: String, _ words: [String]) -> Reading {
        let hint = Suggestion.didYouMean(first.lowercased(), among: Action.allCases.map(\.rawValue))
        guard words.count == 1 || !hint.isEmpty || words.dropFirst().contains(where: { $0.hasPrefix("-") }) else {
            return .none
        }
        return .mistaken("There is no command \(harmless(first)).\(hint.replacing("\"", with: "`"))")
    }

    /// A word of somebody else's in a code span, or none of it where it could be more than a word.
    static func harmless(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-_./*=[]{},".utf8.contains(byte)
            }
        }
        return isPlain && !word.isEmpty && word.utf8.count <= 60 ? "`\(word)`" : "of that name"
    }
}

/// What stands behind a command's word.
private struct Arguments {
    var globs: [String] = []
    var isAll = false

    private static let flags = ["--stack", "--all", "-s"]

    /// - Returns: what is wrong, if anything.
    mutating func take(_ words: [String], of action: PullRequestCommand.Action) -> String? {
        var rest = words[...]
        while let word = rest.popFirst() {
            // Phones write a dash for two hyphens.
            let plain = word.replacing("\u{2014}", with: "--").replacing("\u{2013}", with: "--")
            let name = plain.split(separator: "=", maxSplits: 1).first.map { $0.lowercased() } ?? ""
            switch name {
            case "--all" where plain.utf8.count == name.utf8.count: isAll = true
            case "-s", "--stack":
                let inline = plain.utf8.count > name.utf8.count ? String(plain.dropFirst(name.count + 1)) : nil
                guard let glob = Self.unquoted(inline ?? rest.popFirst() ?? ""), !glob.hasPrefix("-") else {
                    return
                        "`\(name)` wants the name or the folder of a stack: `plumb \(action.rawValue) -s teams/*/dns`."
                }
                globs.append(glob)
            default: return Self.unknown(word, name, action)
            }
        }
        if action == .help, isAll || !globs.isEmpty { return "`plumb help` takes nothing else." }
        if isAll, !globs.isEmpty { return "`--all` means every stack: leave `--stack` out." }
        if globs.count > PullRequestCommand.mostGlobs {
            return "These are more than \(PullRequestCommand.mostGlobs) stacks: write a pattern, or `--all`."
        }
        return problem(of: globs)
    }

    private func problem(of globs: [String]) -> String? {
        for glob in globs where (try? GlobPattern.all(in: glob)) == nil {
            return "The pattern \(PullRequestCommand.harmless(glob)) cannot be read: write one such as `teams/*/dns`."
        }
        return nil
    }

    private static func unknown(_ word: String, _ name: String, _ action: PullRequestCommand.Action) -> String {
        if name.hasPrefix("-") {
            let hint = Suggestion.didYouMean(name, among: flags).replacing("\"", with: "`")
            return "`plumb \(action.rawValue)` has no option \(PullRequestCommand.harmless(word)).\(hint)"
        }
        guard action != .help else { return "`plumb help` takes nothing else." }
        return
            "`plumb \(action.rawValue)` takes no further word \(PullRequestCommand.harmless(word)): a stack is chosen with "
            + "`--stack`."
    }

    /// Nil for nothing.
    private static func unquoted(_ text: String) -> String? {
        var plain = text[...]
        if let first = plain.first, "\"'`".contains(first), plain.last == first, plain.count >= 2 {
            plain = plain.dropFirst().dropLast()
        }
        return plain.isEmpty ? nil : String(plain)
    }
}
