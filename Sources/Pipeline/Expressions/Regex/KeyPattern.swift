/// A regular expression in RE2's syntax that is searched for in short texts, such as the keys of a mapping.
public struct KeyPattern: Sendable {
    private let program: RegexProgram

    /// Nil for what is no pattern.
    public init?(_ pattern: String) {
        guard let program = try? RegexProgram(pattern) else { return nil }
        self.program = program
    }

    /// Whether it is found anywhere in the text. A search that takes too many steps finds nothing.
    public func isFound(in text: String) -> Bool {
        var matcher = RegexMatcher(program, text)
        guard let match = try? matcher.first(from: 0) else { return false }
        return !match.isEmpty
    }
}
