/// A stack after resolving: every resource instance, what its values are computed from, and what it waits for.
/// Immutable; made without asking any system.
public struct ResourceGraph: Sendable {
    public let stack: StackFacts
    /// Values of the variables: given, or their defaults; converted to their types.
    public let variables: [String: Value]
    public let locals: [String: ValueExpression]
    public let declarations: [ResolvedResource]
    /// Instances; those of one declaration stand together (`ResolvedResource.instances`).
    public let nodes: [ResourceNode]
    /// Where the declarations that are expanded only while planning stand in `order`.
    public let outputs: [ResolvedOutput]
    /// What to do first, what next: each entry after all that it waits for. Ties keep the order of the spec.
    public let order: [GraphEntry]
    private let indexByAddress: [ResourceAddress: Int]

    public init(
        stack: StackFacts, variables: [String: Value], locals: [String: ValueExpression],
        declarations: [ResolvedResource], nodes: [ResourceNode], outputs: [ResolvedOutput], order: [GraphEntry]
    ) {
        self.stack = stack
        self.variables = variables
        self.locals = locals
        self.declarations = declarations
        self.nodes = nodes
        self.outputs = outputs
        self.order = order
        indexByAddress = Dictionary(
            declarations.enumerated().map { ($1.address, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The index of the declaration at an address without a key.
    public func declaration(at address: ResourceAddress) -> Int? { indexByAddress[address] }
}

/// One unit of the graph's order.
public enum GraphEntry: Sendable, Hashable {
    /// An index into `ResourceGraph.nodes`.
    case node(Int)
    /// A declaration whose instances are known only while planning: an index into `ResourceGraph.declarations`.
    case deferred(Int)
}

/// What expressions can ask about the stack itself.
public struct StackFacts: Sendable {
    public let name: String
    public let revision: String?
    public let branch: String?
    /// The stack's directory, as `path.stack` gives it.
    public let path: String

    public init(name: String, revision: String?, branch: String?, path: String) {
        self.name = name
        self.revision = revision
        self.branch = branch
        self.path = path
    }
}

/// A resource declaration with its expressions parsed and its type found.
public struct ResolvedResource: Sendable {
    /// How a declaration becomes instances.
    public enum Expansion: Sendable {
        /// Exactly one, without a key.
        case single
        /// None: `enabled` is false.
        case disabled
        /// One for each index below the number of instances.
        case counted
        /// One for each name, in the order of the names; the value is the instance's offset.
        case named([String: Int])
        /// `for_each`, `count` or `enabled` depends on resources: decided while planning.
        case deferred
    }

    /// The meta keys that hold expressions; nil where they are not given.
    public struct Meta: Sendable {
        public var forEach: ValueExpression?
        public var count: ValueExpression?
        public var enabled: ValueExpression?
        /// Without keys: all instances of each.
        public var dependsOn: [ResourceAddress]
        public var createBeforeDestroy: ValueExpression?
        public var preventDestroy: ValueExpression?
        public var ignoreChanges: [AttributePath]
        public var ignoresAllChanges: Bool
        public var replaceTriggeredBy: [ValueExpression]
        public var retain: ValueExpression?
        public var preconditions: [Condition]
        public var postconditions: [Condition]
        public var readyWhen: ValueExpression?
        /// Seconds.
        public var readyTimeout: Double?
        public var timeouts: Timeouts
        /// Nil where a refused call is not made again.
        public var retry: Retry?

        public init() {
            dependsOn = []
            ignoreChanges = []
            ignoresAllChanges = false
            replaceTriggeredBy = []
            preconditions = []
            postconditions = []
            timeouts = Timeouts()
        }

        var isEmpty: Bool {
            forEach == nil && count == nil && enabled == nil && dependsOn.isEmpty && createBeforeDestroy == nil
                && preventDestroy == nil && ignoreChanges.isEmpty && !ignoresAllChanges && replaceTriggeredBy.isEmpty
                && retain == nil && preconditions.isEmpty && postconditions.isEmpty && readyWhen == nil
                && readyTimeout == nil && timeouts == Timeouts() && retry == nil
        }
    }

    /// Keeps the meta keys out of line: few resources have any, and there may be very many resources.
    private final class MetaBox: Sendable {
        let meta: Meta

        init(_ meta: Meta) { self.meta = meta }
    }

    private static let noMeta = Meta()

    public var meta: Meta { metaBox?.meta ?? Self.noMeta }

    /// Seconds an operation may take; nil where the provider's own bound holds.
    public struct Timeouts: Sendable, Equatable {
        public var create: Double?
        public var update: Double?
        public var delete: Double?

        public init() {}
    }

    /// How often a call is made that the system refuses for now, and says so.
    public struct Retry: Sendable, Equatable {
        /// Calls in all.
        public var attempts: Int
        /// Seconds before the second call; each further pause is twice as long, up to a minute.
        public var pause: Double

        public init(attempts: Int = 5, pause: Double = 1) {
            self.attempts = attempts
            self.pause = pause
        }
    }

    /// A condition and what to say where it does not hold.
    public struct Condition: Sendable {
        public let condition: ValueExpression
        public let message: ValueExpression

        public init(condition: ValueExpression, message: ValueExpression) {
            self.condition = condition
            self.message = message
        }
    }

    /// Without a key.
    public let address: ResourceAddress
    /// The place of its key in the spec.
    public let range: SourceRange
    /// The provider instance: `builtin`, `http.dns`.
    public let provider: String
    public let schema: Schema
    public let spec: ValueExpression
    /// The node behind `spec`, for the places of attributes in diagnostics; nil where `spec` is left out.
    public let specNode: SpecificationNode?
    private let metaBox: MetaBox?
    public var expansion: Expansion
    /// Indexes into `ResourceGraph.nodes`; empty while expansion is deferred.
    public var instances: Range<Int>
    /// What every instance waits for, whichever its key: declarations (all their instances).
    public var dependencies: [Int]

    public init(
        address: ResourceAddress, range: SourceRange, provider: String, schema: Schema, spec: ValueExpression,
        specNode: SpecificationNode?, meta: Meta, expansion: Expansion, instances: Range<Int>, dependencies: [Int]
    ) {
        self.address = address
        self.range = range
        self.provider = provider
        self.schema = schema
        self.spec = spec
        self.specNode = specNode
        metaBox = meta.isEmpty ? nil : MetaBox(meta)
        self.expansion = expansion
        self.instances = instances
        self.dependencies = dependencies
    }
}

/// One instance of a declaration.
public struct ResourceNode: Sendable {
    /// Index into `ResourceGraph.declarations`.
    public let declaration: Int
    public let key: InstanceKey?
    /// `each.value`; nil where there is no `for_each`.
    public let eachValue: Value?
    /// What this instance alone waits for, besides its declaration's `dependencies`: indexes of nodes.
    public let dependencies: [Int]

    public init(declaration: Int, key: InstanceKey?, eachValue: Value?, dependencies: [Int]) {
        self.declaration = declaration
        self.key = key
        self.eachValue = eachValue
        self.dependencies = dependencies
    }
}

/// An output with its expression parsed.
public struct ResolvedOutput: Sendable {
    public let name: String
    public let range: SourceRange
    public let value: ValueExpression
    public let isSensitive: Bool

    public init(name: String, range: SourceRange, value: ValueExpression, isSensitive: Bool) {
        self.name = name
        self.range = range
        self.value = value
        self.isSensitive = isSensitive
    }
}
