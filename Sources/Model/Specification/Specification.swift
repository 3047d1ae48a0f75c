/// All specs of one stack as written: sections told apart, nothing evaluated yet.
public struct Specification: Sendable {
    public var stack: StackDeclaration
    public var variables: [VariableDeclaration]
    public var locals: [NamedNode]
    /// Managed and data resources, in the order in which they are written.
    public var resources: [ResourceDeclaration]
    public var outputs: [OutputDeclaration]
    public var manifests: [ManifestDeclaration]
    /// Every file that was read.
    public var files: [SourceFile]
    /// The names of the variable files (`*.vars.yaml`) beside the specs, sorted; they have not been read.
    public var variableFiles: [String]
    /// What is only suspicious, such as a number with a leading zero.
    public var warnings: Diagnostics

    public init(stack: StackDeclaration) {
        self.stack = stack
        variables = []
        locals = []
        resources = []
        outputs = []
        manifests = []
        files = []
        variableFiles = []
        warnings = Diagnostics()
    }
}

/// `stack.yaml`: what this stack is, where its state is, whom it talks to.
public struct StackDeclaration: Sendable {
    public let name: String
    public let nameRange: SourceRange
    /// The `state:` mapping: one backend's name and its settings.
    public let state: SpecificationNode?
    /// The `providers:` mapping, as written: provider name to configuration, or to named instances.
    public let providers: SpecificationNode?
    public let sync: SpecificationNode?

    public init(
        name: String, nameRange: SourceRange, state: SpecificationNode? = nil, providers: SpecificationNode? = nil,
        sync: SpecificationNode? = nil
    ) {
        self.name = name
        self.nameRange = nameRange
        self.state = state
        self.providers = providers
        self.sync = sync
    }
}

/// A name with the node that stands behind it.
public struct NamedNode: Sendable {
    public let name: String
    public let nameRange: SourceRange
    public let node: SpecificationNode

    public init(name: String, nameRange: SourceRange, node: SpecificationNode) {
        self.name = name
        self.nameRange = nameRange
        self.node = node
    }
}

/// A `variables:` entry.
public struct VariableDeclaration: Sendable {
    public struct Validation: Sendable {
        public let condition: SpecificationNode
        public let message: SpecificationNode

        public init(condition: SpecificationNode, message: SpecificationNode) {
            self.condition = condition
            self.message = message
        }
    }

    public let name: String
    public let nameRange: SourceRange
    public let type: ValueType
    /// Nil: the variable must be given.
    public let defaultValue: SpecificationNode?
    public let isSensitive: Bool
    public let isNullable: Bool
    public let summary: String?
    public let validations: [Validation]

    public init(
        name: String, nameRange: SourceRange, type: ValueType, defaultValue: SpecificationNode?, isSensitive: Bool,
        isNullable: Bool, summary: String?, validations: [Validation]
    ) {
        self.name = name
        self.nameRange = nameRange
        self.type = type
        self.defaultValue = defaultValue
        self.isSensitive = isSensitive
        self.isNullable = isNullable
        self.summary = summary
        self.validations = validations
    }
}

/// A `resources:` or `data:` entry with its meta keys, as written.
public struct ResourceDeclaration: Sendable {
    /// The keys of `lifecycle:`.
    public struct Lifecycle: Sendable {
        public var createBeforeDestroy: SpecificationNode?
        public var preventDestroy: SpecificationNode?
        public var ignoreChanges: SpecificationNode?
        public var replaceTriggeredBy: SpecificationNode?
        public var retain: SpecificationNode?
        public var preconditions: SpecificationNode?
        public var postconditions: SpecificationNode?

        public init() {}
    }

    /// Without a key; the mode says which section it stands in.
    public let address: ResourceAddress
    /// The place of the key `type.name`.
    public let range: SourceRange
    public var provider: SpecificationNode?
    public var forEach: SpecificationNode?
    public var count: SpecificationNode?
    public var enabled: SpecificationNode?
    public var dependsOn: SpecificationNode?
    public var spec: SpecificationNode?
    public var ready: SpecificationNode?
    public var lifecycle: Lifecycle
    public var drift: SpecificationNode?
    public var timeouts: SpecificationNode?
    public var retry: SpecificationNode?

    public init(address: ResourceAddress, range: SourceRange) {
        self.address = address
        self.range = range
        lifecycle = Lifecycle()
    }
}

/// An `outputs:` entry.
public struct OutputDeclaration: Sendable {
    public let name: String
    public let nameRange: SourceRange
    public let value: SpecificationNode
    public let isSensitive: Bool
    public let summary: String?

    public init(
        name: String, nameRange: SourceRange, value: SpecificationNode, isSensitive: Bool, summary: String?
    ) {
        self.name = name
        self.nameRange = nameRange
        self.value = value
        self.isSensitive = isSensitive
        self.summary = summary
    }
}

/// A Kubernetes manifest, verbatim.
public struct ManifestDeclaration: Sendable {
    public let node: SpecificationNode
    public let apiVersion: String
    public let kind: String

    public init(node: SpecificationNode, apiVersion: String, kind: String) {
        self.node = node
        self.apiVersion = apiVersion
        self.kind = kind
    }
}
