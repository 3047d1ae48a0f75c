/// Where one thing of a stack is declared, what its value is made from, what it is, and why it will change.
public struct Explanation: Sendable {
    public enum Kind: String, Sendable { case resource, data, variable, local, output, module }

    /// One of the versions of a value.
    public enum Version: String, Sendable {
        /// What the spec gives.
        case declared
        /// What the state holds.
        case recorded
        /// What the provider reads, where it differs from what is recorded.
        case live
        /// After an apply; for what has no state of its own, what it evaluates to.
        case planned
    }

    public struct VersionedValue: Sendable {
        public let version: Version
        public let value: Value

        public init(_ version: Version, _ value: Value) {
            self.version = version
            self.value = value
        }
    }

    /// Something that an expression refers to, with its own value.
    public struct Input: Sendable {
        /// Where its value comes from.
        public enum Origin: Sendable, Hashable {
            /// Of a variable: nobody gave a value, its default holds.
            case defaultValue
            /// Of a variable: the text says who gave it (`--var region`, `prod.vars.yaml:3:1`).
            case given(String)
            /// Of a local, or of `each` and `count`: the expression as written.
            case expression(String)
            /// The state has it, and nothing changes it.
            case recorded
            /// The plan promises it.
            case planned
            /// Only the apply will tell.
            case afterApply
            /// Of a data resource: it was read for the plan.
            case read
            /// Of a data resource: it is read during the apply.
            case readLater
            /// What the stack itself tells (`stack.name`, `path.module`).
            case stack
            /// An output of a module.
            case module
        }

        /// As written: `local.settings[each.key]`.
        public let text: String
        public let value: Value
        public let origin: Origin
        /// Where what it names is declared.
        public let declaredAt: SourceLocation?

        public init(text: String, value: Value, origin: Origin, declaredAt: SourceLocation?) {
            self.text = text
            self.value = value
            self.origin = origin
            self.declaredAt = declaredAt
        }
    }

    /// One attribute of a whole resource.
    public struct Attribute: Sendable {
        public let name: String
        /// As written; nil where the spec gives nothing, or where it is a secret.
        public let expression: String?
        public let value: Value

        public init(name: String, expression: String?, value: Value) {
            self.name = name
            self.expression = expression
            self.value = value
        }
    }

    /// Something that depends on what is explained, or that this depends on.
    public struct Link: Sendable, Hashable {
        public let address: String
        public let declaredAt: SourceLocation?

        public init(address: String, declaredAt: SourceLocation?) {
            self.address = address
            self.declaredAt = declaredAt
        }
    }

    /// As it was asked for: `local_file.motd.content`, `var.region`.
    public var address: String
    public var kind: Kind
    /// What its author or its provider says of it.
    public var summary: String?
    public var declaredAt: SourceLocation?
    /// Of a variable: its type. Of an attribute: the schema's.
    public var type: ValueType?
    /// Of a resource: the provider instance.
    public var provider: String?
    /// As written, secrets left out; nil where nothing is written for it.
    public var expression: String?
    public var inputs: [Input]
    public var values: [VersionedValue]
    /// Of a resource as a whole: what its spec gives, then what its provider decides.
    public var attributes: [Attribute]
    /// Of a resource or a module with `for_each` or `count`, asked for as a whole.
    public var instances: [String]
    /// Of a resource or a module: `enabled` is false, so that nothing of it is to exist.
    public var isDisabled: Bool
    /// What an apply would do with the resource; nil where nothing.
    public var change: PlannedChange?
    public var dependencies: [Link]
    public var dependents: [Link]

    public init(address: String, kind: Kind, declaredAt: SourceLocation?) {
        self.address = address
        self.kind = kind
        self.declaredAt = declaredAt
        inputs = []
        values = []
        attributes = []
        instances = []
        isDisabled = false
        dependencies = []
        dependents = []
    }

    /// The newest version of the value; nil for a resource as a whole.
    public var value: Value? { values.last?.value }

    /// Whether what is explained changes itself, and not only other parts of its resource.
    public var isChanging: Bool {
        guard change != nil, let after = values.first(where: { $0.version == .planned })?.value else { return false }
        let before = values.last { $0.version == .live || $0.version == .recorded }?.value
        return before.map { !$0.isSame(as: after) } ?? true
    }
}
