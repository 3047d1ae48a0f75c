/// The stack itself, or one instance of a module that it calls: a namespace of variables, locals, resources and outputs.
public struct ModuleInstance: Sendable {
    /// From the stack inwards; empty for the stack itself.
    public let path: [ResourceAddress.ModuleStep]
    /// What it declares; shared by all instances of a call.
    public let content: ModuleContent
    /// Index into `ResourceGraph.modules` of what calls it; nil for the stack.
    public let caller: Int?
    /// `each.value` in the inputs of the call; nil where it has no `for_each`.
    public let eachValue: Value?
    /// The instances of each module that it calls, by the call's name.
    public var children: [String: ModuleChildren]

    public init(path: [ResourceAddress.ModuleStep], content: ModuleContent, caller: Int?, eachValue: Value? = nil) {
        self.path = path
        self.content = content
        self.caller = caller
        self.eachValue = eachValue
        children = [:]
    }

    /// `each.key` or `count.index` in the inputs of the call.
    public var key: InstanceKey? { path.last?.key }
}

/// The instances that a call of a module has.
public struct ModuleChildren: Sendable {
    public enum Shape: Sendable {
        case disabled, single, counted, named
        /// Which instances there are depends on variables that have no value: one stands for all.
        case unknown
    }

    public let shape: Shape
    /// In the order of their keys; indexes into `ResourceGraph.modules`.
    public let instances: [(key: InstanceKey?, module: Int)]
    private let byKey: [InstanceKey?: Int]

    public init(_ shape: Shape, _ instances: [(key: InstanceKey?, module: Int)]) {
        self.shape = shape
        self.instances = instances
        byKey = Dictionary(instances.map { ($0.key, $0.module) }, uniquingKeysWith: { first, _ in first })
    }

    /// The instance with this key; nil as a key asks for the one of a call without `for_each` and `count`.
    public subscript(key: InstanceKey?) -> Int? { byKey[key] }
}

/// What the stack's directory or a module's declares, with its expressions parsed.
public final class ModuleContent: Sendable {
    /// As `path.module` gives it: relative to the stack; `.` for the stack itself.
    public let folder: String
    public let variables: [VariableDeclaration]
    public let locals: [String: ValueExpression]
    public let outputs: [ResolvedOutput]
    public let calls: [ModuleCall]
    /// Templates of the resources: without instances, their addresses without modules.
    public let resources: [ResolvedResource]
    public let checks: [ResolvedCheck]
    /// The rules for variables; what could be told without any resource holds already.
    public let validations: [ResolvedValidation]
    private let variableIndex: [String: Int]
    private let outputIndex: [String: Int]
    private let callIndex: [String: Int]

    public init(
        folder: String, variables: [VariableDeclaration], locals: [String: ValueExpression],
        outputs: [ResolvedOutput], calls: [ModuleCall], resources: [ResolvedResource],
        checks: [ResolvedCheck] = [], validations: [ResolvedValidation] = []
    ) {
        self.checks = checks
        self.validations = validations
        self.folder = folder
        self.variables = variables
        self.locals = locals
        self.outputs = outputs
        self.calls = calls
        self.resources = resources
        variableIndex = Self.index(variables.map(\.name))
        outputIndex = Self.index(outputs.map(\.name))
        callIndex = Self.index(calls.map(\.name))
    }

    private static func index(_ names: [String]) -> [String: Int] {
        Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    public func variable(_ name: String) -> VariableDeclaration? { variableIndex[name].map { variables[$0] } }

    public func output(_ name: String) -> ResolvedOutput? { outputIndex[name].map { outputs[$0] } }

    public func call(_ name: String) -> ModuleCall? { callIndex[name].map { calls[$0] } }
}

/// A `modules:` entry with its expressions parsed.
public struct ModuleCall: Sendable {
    public let name: String
    /// The place of the name.
    public let range: SourceRange
    /// `for_each`, `count` and `enabled`; all else in it is empty.
    public let meta: ResolvedResource.Meta
    /// What all resources of the module wait for.
    public let dependsOn: [DependencyTarget]
    public let inputs: [String: ValueExpression]
    public let content: ModuleContent

    public init(
        name: String, range: SourceRange, meta: ResolvedResource.Meta, dependsOn: [DependencyTarget],
        inputs: [String: ValueExpression], content: ModuleContent
    ) {
        self.name = name
        self.range = range
        self.meta = meta
        self.dependsOn = dependsOn
        self.inputs = inputs
        self.content = content
    }
}

/// What `depends_on` names, relative to the module in which it stands.
public enum DependencyTarget: Hashable, Sendable {
    /// Without a key: all instances.
    case resource(ResourceAddress)
    /// All resources of a module that is called here; without a key, of all its instances.
    case module(ResourceAddress.ModuleStep)

    /// Whether it names any of these resources (without keys, as seen from the stack).
    ///
    /// - Parameter path: of the module in which it stands.
    public func names(anyOf resources: Set<ResourceAddress>, in path: [ResourceAddress.ModuleStep]) -> Bool {
        switch self {
        case .resource(let address): resources.contains(address.inside(path))
        case .module(let step):
            resources.contains { resource in
                guard resource.module.count > path.count, resource.module.starts(with: path) else { return false }
                let found = resource.module[path.count]
                return found.name == step.name && (step.key == nil || found.key == step.key)
            }
        }
    }
}
