/// A condition and what to say where it does not hold, as written: a validation, a precondition, an assertion.
public struct ConditionDeclaration: Sendable {
    public let condition: SpecificationNode
    public let message: SpecificationNode

    public init(condition: SpecificationNode, message: SpecificationNode) {
        self.condition = condition
        self.message = message
    }
}
