/// An entry of `policies:`: what must not be planned, or is to be told where it is.
public struct PolicyDeclaration: Sendable {
    public enum Rule: Sendable {
        /// An expression over the plan: true, or a list that is not empty, where the plan offends.
        case condition(SpecificationNode)
        /// A program that reads the plan as JSON, and ends with 1 where the plan offends.
        case command(words: [String], seconds: Double)
    }

    public let name: String
    public let nameRange: SourceRange
    public let effect: PolicyResult.Effect
    public let rule: Rule
    /// What to say of a plan that offends; nil where the rule's own words are enough.
    public let message: SpecificationNode?
    /// Who may let an offence pass.
    public let waivers: [String]

    public init(
        name: String, nameRange: SourceRange, effect: PolicyResult.Effect, rule: Rule, message: SpecificationNode?,
        waivers: [String]
    ) {
        self.name = name
        self.nameRange = nameRange
        self.effect = effect
        self.rule = rule
        self.message = message
        self.waivers = waivers
    }
}
