/// A node of a spec with its `${…}` parsed: what evaluates to one value.
public indirect enum ValueExpression: Sendable {
    /// A part that holds no expression.
    case constant(Value, SourceRange)
    case expression(Expression)
    case list([ValueExpression], SourceRange)
    case object([Entry], SourceRange)

    public struct Entry: Sendable {
        public let key: String
        public let value: ValueExpression

        public init(key: String, value: ValueExpression) {
            self.key = key
            self.value = value
        }
    }

    public var range: SourceRange {
        switch self {
        case .constant(_, let range), .list(_, let range), .object(_, let range): range
        case .expression(let expression): expression.range
        }
    }
}
