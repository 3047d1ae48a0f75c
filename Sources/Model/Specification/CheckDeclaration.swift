/// A `checks:` entry: what should be true of the stack as a whole, and is told where it is not. It never stops a run.
public struct CheckDeclaration: Sendable {
    public let name: String
    public let nameRange: SourceRange
    /// What the check reads for itself; nothing outside of the check sees it.
    public let data: ResourceDeclaration?
    public let assertions: [ConditionDeclaration]

    public init(
        name: String, nameRange: SourceRange, data: ResourceDeclaration?, assertions: [ConditionDeclaration]
    ) {
        self.name = name
        self.nameRange = nameRange
        self.data = data
        self.assertions = assertions
    }
}
