/// All specs of one stack, or of one module in it, as written: sections told apart, nothing evaluated yet.
public struct Specification: Sendable {
    public var stack: StackDeclaration
    public var variables: [VariableDeclaration]
    public var locals: [NamedNode]
    /// Managed and data resources, in the order in which they are written.
    public var resources: [ResourceDeclaration]
    public var modules: [ModuleDeclaration]
    public var outputs: [OutputDeclaration]
    public var moved: [MovedDeclaration]
    public var removed: [RemovedDeclaration]
    public var imports: [ImportDeclaration]
    public var checks: [CheckDeclaration]
    /// Every file that was read, those of modules left out.
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
        modules = []
        outputs = []
        moved = []
        removed = []
        imports = []
        checks = []
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
    public var state: SpecificationNode?
    /// The `providers:` mapping, as written: provider name to configuration, or to named instances.
    public let providers: SpecificationNode?
    public var sync: SyncPolicy
    /// What its plans are held against, in the order of their declarations; shared ones last.
    public let policies: [PolicyDeclaration]

    public init(
        name: String, nameRange: SourceRange, state: SpecificationNode? = nil, providers: SpecificationNode? = nil,
        sync: SyncPolicy = SyncPolicy(), policies: [PolicyDeclaration] = []
    ) {
        self.policies = policies
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
    public let name: String
    public let nameRange: SourceRange
    /// Nil: none is given, so that a value may be of any type, and one from a command line is a string.
    public let givenType: ValueType?
    /// Nil: the variable must be given.
    public let defaultValue: SpecificationNode?
    public let isSensitive: Bool
    public let isNullable: Bool
    /// Its value is kept neither in a plan nor in the state.
    public let isEphemeral: Bool
    public let summary: String?
    /// What to do instead of giving it a value; nil where nothing speaks against it.
    public let deprecation: String?
    public let validations: [ConditionDeclaration]

    public var type: ValueType { givenType ?? .any }

    public init(
        name: String, nameRange: SourceRange, type: ValueType?, defaultValue: SpecificationNode?,
        isSensitive: Bool = false, isNullable: Bool = true, isEphemeral: Bool = false, summary: String? = nil,
        deprecation: String? = nil, validations: [ConditionDeclaration] = []
    ) {
        self.name = name
        self.nameRange = nameRange
        givenType = type
        self.defaultValue = defaultValue
        self.isSensitive = isSensitive
        self.isNullable = isNullable
        self.isEphemeral = isEphemeral
        self.summary = summary
        self.deprecation = deprecation
        self.validations = validations
    }
}

/// A `resources:` or `data:` entry with its meta keys, as written.
public struct ResourceDeclaration: Sendable {
    /// The keys of `lifecycle:`.
    public struct Lifecycle: Sendable {
        public var createBeforeDestroy: SpecificationNode? {
            get { nodes[.createBeforeDestroy] }
            set { nodes[.createBeforeDestroy] = newValue }
        }
        public var preventDestroy: SpecificationNode? {
            get { nodes[.preventDestroy] }
            set { nodes[.preventDestroy] = newValue }
        }
        public var ignoreChanges: SpecificationNode? {
            get { nodes[.ignoreChanges] }
            set { nodes[.ignoreChanges] = newValue }
        }
        public var replaceTriggeredBy: SpecificationNode? {
            get { nodes[.replaceTriggeredBy] }
            set { nodes[.replaceTriggeredBy] = newValue }
        }
        public var retain: SpecificationNode? {
            get { nodes[.retain] }
            set { nodes[.retain] = newValue }
        }
        public var preconditions: SpecificationNode? {
            get { nodes[.preconditions] }
            set { nodes[.preconditions] = newValue }
        }
        public var postconditions: SpecificationNode? {
            get { nodes[.postconditions] }
            set { nodes[.postconditions] = newValue }
        }

        private var nodes = SparseNodes()

        public init() {}
    }

    /// Without a key; the mode says which section it stands in.
    public let address: ResourceAddress
    /// The place of the key `type.name`.
    public let range: SourceRange
    public var provider: SpecificationNode? {
        get { nodes[.provider] }
        set { nodes[.provider] = newValue }
    }
    public var forEach: SpecificationNode? {
        get { nodes[.forEach] }
        set { nodes[.forEach] = newValue }
    }
    public var count: SpecificationNode? {
        get { nodes[.count] }
        set { nodes[.count] = newValue }
    }
    public var enabled: SpecificationNode? {
        get { nodes[.enabled] }
        set { nodes[.enabled] = newValue }
    }
    public var dependsOn: SpecificationNode? {
        get { nodes[.dependsOn] }
        set { nodes[.dependsOn] = newValue }
    }
    public var spec: SpecificationNode? {
        get { nodes[.spec] }
        set { nodes[.spec] = newValue }
    }
    public var ready: SpecificationNode? {
        get { nodes[.ready] }
        set { nodes[.ready] = newValue }
    }
    public var lifecycle: Lifecycle
    public var drift: SpecificationNode? {
        get { nodes[.drift] }
        set { nodes[.drift] = newValue }
    }
    public var timeouts: SpecificationNode? {
        get { nodes[.timeouts] }
        set { nodes[.timeouts] = newValue }
    }
    public var retry: SpecificationNode? {
        get { nodes[.retry] }
        set { nodes[.retry] = newValue }
    }
    /// What stands under its key.
    public var body: SpecificationNode? {
        get { nodes[.body] }
        set { nodes[.body] = newValue }
    }
    /// Set where it stands for the manifests of a file, or of the files of an entry of `manifests:`: each is an instance.
    public var manifests: [ManifestDeclaration] = []
    /// Set where it stands for what an entry of `manifests:` renders.
    public var rendering: RenderingDeclaration?
    /// What an entry of `manifests:` says of all its objects: attributes of the type, by name.
    public var manifestSettings: [SpecificationNode.Entry] = []
    private var nodes = SparseNodes()

    public init(address: ResourceAddress, range: SourceRange) {
        self.address = address
        self.range = range
        lifecycle = Lifecycle()
    }
}

/// The few meta keys that a resource really has. A place for every possible one in each of thousands of resources would
/// cost more time and memory than everything else in them.
private struct SparseNodes {
    enum Key: UInt8 {
        case provider, forEach, count, enabled, dependsOn, spec, ready, drift, timeouts, retry
        case createBeforeDestroy, preventDestroy, ignoreChanges, replaceTriggeredBy, retain, preconditions
        case postconditions, body
    }

    private var nodes: [(key: Key, node: SpecificationNode)] = []

    subscript(key: Key) -> SpecificationNode? {
        get { nodes.first { $0.key == key }?.node }
        set {
            let index = nodes.firstIndex { $0.key == key }
            switch (newValue, index) {
            case (let node?, let index?): nodes[index].node = node
            case (let node?, nil): nodes.append((key, node))
            case (nil, let index?): nodes.remove(at: index)
            case (nil, nil): break
            }
        }
    }
}

/// An `outputs:` entry.
public struct OutputDeclaration: Sendable {
    public let name: String
    public let nameRange: SourceRange
    public let value: SpecificationNode
    public let isSensitive: Bool
    /// Its value is kept neither in a plan nor in the state, so that only a module can have it.
    public let isEphemeral: Bool
    public let summary: String?
    public let dependsOn: SpecificationNode?
    public let preconditions: [ConditionDeclaration]

    public init(
        name: String, nameRange: SourceRange, value: SpecificationNode, isSensitive: Bool, isEphemeral: Bool = false,
        summary: String?, dependsOn: SpecificationNode? = nil, preconditions: [ConditionDeclaration] = []
    ) {
        self.name = name
        self.nameRange = nameRange
        self.value = value
        self.isSensitive = isSensitive
        self.isEphemeral = isEphemeral
        self.summary = summary
        self.dependsOn = dependsOn
        self.preconditions = preconditions
    }
}
