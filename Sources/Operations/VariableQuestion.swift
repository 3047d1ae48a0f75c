/// A variable for which no value was given, as it is asked for in a terminal.
public struct VariableQuestion: Sendable {
    /// Answers a question on the thread it is called on; nil for no answer.
    public typealias Asking = @Sendable (VariableQuestion) -> String?

    public let name: String
    /// The variable's `description`.
    public let summary: String?
    /// As the spec writes it; nil where any will do.
    public let type: String?
    /// What is typed must not be shown.
    public let isSensitive: Bool
}
