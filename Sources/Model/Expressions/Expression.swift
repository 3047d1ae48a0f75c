/// A parsed expression of the language, with the place of each part.
public struct Expression: Sendable {
    public indirect enum Kind: Sendable {
        case literal(Value)
        /// A string with interpolations and directives.
        case template([TemplatePart])
        case reference(Reference)
        /// `operand.name`
        case attribute(Expression, String)
        /// `operand[key]`
        case index(Expression, Expression)
        /// `operand[*]` or `operand.*`, then the steps that follow, applied to each element.
        case splat(Expression, [SplatStep])
        case unary(UnaryOperator, Expression)
        case binary(BinaryOperator, Expression, Expression)
        case conditional(Expression, then: Expression, else: Expression)
        case call(FunctionCall)
        case tuple([Expression])
        case object([ObjectItem])
        case forTuple(ForLoop, value: Expression)
        /// `groups` is true for `value...`.
        case forObject(ForLoop, key: Expression, value: Expression, groups: Bool)
    }

    public indirect enum TemplatePart: Sendable {
        case text(String)
        case interpolation(Expression)
        /// `%{ if }`; the parts of the branches.
        case conditional(Expression, then: [TemplatePart], else: [TemplatePart])
        /// `%{ for }`; the loop's condition is nil.
        case loop(ForLoop, body: [TemplatePart])
    }

    public indirect enum SplatStep: Sendable {
        case attribute(String, SourceRange)
        case index(Expression)
        /// `[*]` again: the steps go into each element of each element.
        case splat([SplatStep], SourceRange)
    }

    public struct ObjectItem: Sendable {
        public let key: Expression
        public let value: Expression

        public init(key: Expression, value: Expression) {
            self.key = key
            self.value = value
        }
    }

    public struct ForLoop: Sendable {
        public let keyName: String?
        public let valueName: String
        public let collection: Expression
        public let condition: Expression?

        public init(keyName: String?, valueName: String, collection: Expression, condition: Expression?) {
            self.keyName = keyName
            self.valueName = valueName
            self.collection = collection
            self.condition = condition
        }
    }

    public struct FunctionCall: Sendable {
        public let name: String
        public let nameRange: SourceRange
        public let arguments: [Expression]
        /// The last argument is followed by `...`.
        public let expandsLast: Bool

        public init(name: String, nameRange: SourceRange, arguments: [Expression], expandsLast: Bool) {
            self.name = name
            self.nameRange = nameRange
            self.arguments = arguments
            self.expandsLast = expandsLast
        }
    }

    public enum UnaryOperator: String, Sendable { case negate = "-", not = "!" }

    public enum BinaryOperator: String, Sendable {
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case modulo = "%"
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case and = "&&"
        case or = "||"
    }

    public let kind: Kind
    public let range: SourceRange

    public init(_ kind: Kind, at range: SourceRange) {
        self.kind = kind
        self.range = range
    }
}

/// What an expression names outside itself.
public enum Reference: Hashable, Sendable {
    case variable(String)
    case local(String)
    /// All instances of a resource; a following index or attribute chooses among them. `key` is nil in it.
    case resource(ResourceAddress)
    /// `module.name`
    case module(String)
    case eachKey
    case eachValue
    case countIndex
    case selfResource
    /// `path.stack`, `path.module`
    case path(String)
    /// `stack.name`, `stack.revision`, `stack.branch`
    case stack(String)
    /// `env.NAME`
    case environment(String)
    /// A name bound by an enclosing `for`.
    case bound(String)
}
