/// A check with its expressions parsed. It waits for everything it names and nothing waits for it.
public struct ResolvedCheck: Sendable {
    public let name: String
    /// The place of its name in the spec.
    public let range: SourceRange
    /// What it reads for itself: seen by its assertions alone, and no part of `ResourceGraph.declarations`.
    public let data: ResolvedResource?
    public let assertions: [ResolvedResource.Condition]

    public init(
        name: String, range: SourceRange, data: ResolvedResource?, assertions: [ResolvedResource.Condition]
    ) {
        self.name = name
        self.range = range
        self.data = data
        self.assertions = assertions
    }
}

/// A rule for the value of a variable, with its expressions parsed.
public struct ResolvedValidation: Sendable {
    /// The variable that it is a rule of.
    public let variable: String
    /// The place of the variable's name in the spec.
    public let range: SourceRange
    /// Where the value comes from, for people (`--var size`); nil for the default.
    public let origin: String?
    public let rule: ResolvedResource.Condition

    public init(variable: String, range: SourceRange, origin: String?, rule: ResolvedResource.Condition) {
        self.variable = variable
        self.range = range
        self.origin = origin
        self.rule = rule
    }
}
