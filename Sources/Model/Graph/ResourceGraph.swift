/// A stack after resolving: every resource instance, what its values are computed from, and what it waits for.
/// Immutable; made without asking any system.
public struct ResourceGraph: Sendable {
    public let stack: StackFacts
    /// Values of the variables: given, or their defaults; converted to their types.
    public let variables: [String: Value]
    /// The stack itself, then all instances of modules, each after the one that calls it.
    public let modules: [ModuleInstance]
    /// Provider instances whose settings come from resources.
    public let lateProviders: [ResolvedProvider]
    public let declarations: [ResolvedResource]
    /// Instances; those of one declaration stand together (`ResolvedResource.instances`).
    public let nodes: [ResourceNode]
    /// What to do first, what next: each entry after all that it waits for. Ties keep the order of the spec.
    public let order: [GraphEntry]
    /// What was noticed while resolving, such as a value for a variable that is deprecated.
    public let warnings: Diagnostics
    public let refactorings: Refactorings
    private let indexByAddress: [ResourceAddress: Int]

    public init(
        stack: StackFacts, variables: [String: Value], modules: [ModuleInstance],
        lateProviders: [ResolvedProvider], declarations: [ResolvedResource], nodes: [ResourceNode], order: [GraphEntry],
        warnings: Diagnostics, refactorings: Refactorings = Refactorings()
    ) {
        self.stack = stack
        self.variables = variables
        self.modules = modules
        self.lateProviders = lateProviders
        self.declarations = declarations
        self.nodes = nodes
        self.order = order
        self.refactorings = refactorings
        self.warnings = warnings
        indexByAddress = Dictionary(
            declarations.enumerated().map { ($1.address, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// What the stack itself declares.
    public var root: ModuleContent { modules[0].content }

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
    /// The same on this machine, absolute, as `abspath` needs it; nil where none is at hand.
    public var directory: String?
    /// What `~` stands for in `pathexpand`.
    public var home: String?
    /// What evaluating the stack's expressions may cost; nil where nobody counts.
    public var allowance: Allowance?

    public init(
        name: String, revision: String?, branch: String?, path: String, directory: String? = nil, home: String? = nil,
        allowance: Allowance? = nil
    ) {
        self.allowance = allowance
        self.name = name
        self.revision = revision
        self.branch = branch
        self.path = path
        self.directory = directory
        self.home = home
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
        public var dependsOn: [DependencyTarget]
        public var createBeforeDestroy: ValueExpression?
        public var preventDestroy: ValueExpression?
        public var ignoreChanges: IgnoredChanges?
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
        /// Nil where the stack's rule holds.
        public var drift: DriftRule?
        /// The tool that makes the instances of the settings which `forEach` then holds: `helm`; nil where none does.
        public var rendering: String?

        public init() {
            dependsOn = []
            replaceTriggeredBy = []
            preconditions = []
            postconditions = []
            timeouts = Timeouts()
        }

        var isEmpty: Bool {
            forEach == nil && count == nil && enabled == nil && dependsOn.isEmpty && createBeforeDestroy == nil
                && preventDestroy == nil && ignoreChanges == nil && replaceTriggeredBy.isEmpty
                && retain == nil && preconditions.isEmpty && postconditions.isEmpty && readyWhen == nil
                && readyTimeout == nil && timeouts == Timeouts() && retry == nil && drift == nil
                && rendering == nil
        }
    }

    /// What is done about drift, evaluated for each instance.
    public struct DriftRule: Sendable {
        public struct Part: Sendable {
            public let pattern: AttributePattern
            public let mode: ValueExpression

            public init(pattern: AttributePattern, mode: ValueExpression) {
                self.pattern = pattern
                self.mode = mode
            }
        }

        public var mode: ValueExpression?
        public var parts: [Part] = []
        public var replaces: ValueExpression?

        public init() {}

        public var expressions: [ValueExpression] { [mode, replaces].compactMap(\.self) + parts.map(\.mode) }
    }

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

    /// What is the same in all instances of its module, kept once and out of line: there may be very many resources, and
    /// they are copied often.
    private final class Written: Sendable {
        let range: SourceRange
        let provider: String
        let providerKey: ValueExpression?
        let schema: Schema
        let spec: ValueExpression
        let specNode: SpecificationNode?
        /// Nil where it is empty, as it mostly is.
        let meta: MetaBox?
        let manifests: [String: ManifestDeclaration]

        init(
            range: SourceRange, provider: String, providerKey: ValueExpression?, schema: Schema, spec: ValueExpression,
            specNode: SpecificationNode?, meta: Meta, manifests: [String: ManifestDeclaration]
        ) {
            self.manifests = manifests
            self.range = range
            self.provider = provider
            self.providerKey = providerKey
            self.schema = schema
            self.spec = spec
            self.specNode = specNode
            self.meta = meta.isEmpty ? nil : MetaBox(meta)
        }
    }

    private final class MetaBox: Sendable {
        let meta: Meta

        init(_ meta: Meta) { self.meta = meta }
    }

    private static let noMeta = Meta()

    private let written: Written
    /// Without a key.
    public let address: ResourceAddress
    /// Where it is declared: an index into `ResourceGraph.modules`.
    public let module: Int
    public var expansion: Expansion
    /// Indexes into `ResourceGraph.nodes`; empty while expansion is deferred.
    public var instances: Range<Int>
    /// What every instance waits for, whichever its key: declarations (all their instances).
    public var dependencies: [Int]
    /// Those of `dependencies` that `depends_on` names, its own or that of a call of its module.
    public var awaited: [Int]
    /// By the names of instances that a tool has made: of what, such as `charts/web/templates/service.yaml`.
    public var origins: [String: String] = [:]

    /// The place of its key in the spec.
    public var range: SourceRange { written.range }
    /// The provider instance: `builtin`, `http.dns`; without the key where `providerKey` tells it.
    public var provider: String { written.provider }
    /// What tells which of the instances of `provider` an instance of the resource belongs to; nil where there is one.
    public var providerKey: ValueExpression? { written.providerKey }
    public var schema: Schema { written.schema }
    public var spec: ValueExpression { written.spec }
    /// The node behind `spec`, for the places of attributes in diagnostics; nil where `spec` is left out.
    public var specNode: SpecificationNode? { written.specNode }
    public var meta: Meta { written.meta?.meta ?? Self.noMeta }

    /// What a tool has made one instance of; nil where it is written by itself.
    public func origin(of key: InstanceKey?) -> String? {
        guard case .name(let name)? = key else { return nil }
        return origins[name]
    }

    /// The place of one instance, where each has its own; otherwise of the declaration.
    public func range(of key: InstanceKey?) -> SourceRange {
        guard case .name(let name)? = key else { return range }
        return written.manifests[name]?.range ?? range
    }

    /// The place of what stands at a path of one instance's values, or of the nearest thing around it.
    ///
    /// - Parameter isKey: whether the key itself is meant, and not what stands behind it.
    public func range(of key: InstanceKey?, at path: AttributePath, isKey: Bool = false) -> SourceRange {
        if case .name(let name)? = key, let manifest = written.manifests[name] {
            guard path.steps.first == .key("manifest") else { return manifest.range }
            return manifest.node.range(at: AttributePath(Array(path.steps.dropFirst())), isKey: isKey)
        }
        return specNode?.range(at: path, isKey: isKey) ?? range(of: key)
    }

    /// As it is written: of no module instance yet, its address relative to the module.
    ///
    /// - Parameter manifests: by key, where each instance is written by itself.
    public init(
        address: ResourceAddress, range: SourceRange, provider: String, providerKey: ValueExpression?, schema: Schema,
        spec: ValueExpression, specNode: SpecificationNode?, meta: Meta, manifests: [String: ManifestDeclaration] = [:]
    ) {
        written = Written(
            range: range, provider: provider, providerKey: providerKey, schema: schema, spec: spec, specNode: specNode,
            meta: meta, manifests: manifests)
        self.address = address
        module = 0
        expansion = .single
        instances = 0..<0
        dependencies = []
        awaited = []
    }

    /// The declaration as one instance of its module has it.
    public init(_ template: ResolvedResource, in module: Int, path: [ResourceAddress.ModuleStep]) {
        written = template.written
        address = template.address.inside(path)
        self.module = module
        expansion = template.expansion
        instances = template.instances
        dependencies = template.dependencies
        awaited = template.awaited
    }
}

/// One instance of a declaration.
public struct ResourceNode: Sendable {
    /// Index into `ResourceGraph.declarations`.
    public let declaration: Int
    public let key: InstanceKey?
    /// `each.value`; nil where there is no `for_each`.
    public let eachValue: Value?
    /// The provider instance: `builtin`, `http.region["eu"]`.
    public let provider: String
    /// What this instance alone waits for, besides its declaration's `dependencies`: indexes of nodes.
    public let dependencies: [Int]

    public init(declaration: Int, key: InstanceKey?, eachValue: Value?, provider: String, dependencies: [Int]) {
        self.provider = provider
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
    public let preconditions: [ResolvedResource.Condition]
    /// Its value is kept neither in a plan nor in the state.
    public let isEphemeral: Bool
    /// What must be done before the output is recorded, besides what its value names.
    public let dependsOn: [DependencyTarget]

    public init(
        name: String, range: SourceRange, value: ValueExpression, isSensitive: Bool,
        isEphemeral: Bool = false, preconditions: [ResolvedResource.Condition] = [], dependsOn: [DependencyTarget] = []
    ) {
        self.name = name
        self.range = range
        self.value = value
        self.isSensitive = isSensitive
        self.isEphemeral = isEphemeral
        self.preconditions = preconditions
        self.dependsOn = dependsOn
    }
}

/// What `ignore_changes` says.
public enum IgnoredChanges: Sendable {
    case all
    case patterns([AttributePattern])
    /// Evaluated for each instance; gives `all` or a list of paths.
    case expression(ValueExpression)
}
