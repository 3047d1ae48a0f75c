public import PlumbModel

/// A kind of system that resources live in: `builtin`, `http`, `kubernetes`, `libvirt`.
///
/// A provider is a value without state. `configure` makes an instance of it, which knows the types and talks to the
/// system.
public protocol Provider: Sendable {
    /// The key under `providers:` in `stack.yaml`.
    var name: String { get }
    /// The keys that an instance's configuration may have.
    var configurationSchema: Schema { get }
    /// The settings that decide which types there are, such as the path of an API file; they are known to every instance.
    var settingsOfTypes: Set<String> { get }
    /// Makes an instance without touching the network: `plumb validate` calls it too.
    ///
    /// Settings may be unknown, where they come from resources or from variables that are not given. Such an instance
    /// knows its types, and is asked nothing else.
    ///
    /// - Throws: what is wrong with the configuration or with files that it names, with places.
    func configure(_ configuration: ProviderConfiguration) throws(Diagnostics) -> any ProviderInstance
}

extension Provider {
    public var settingsOfTypes: Set<String> { [] }
}

/// What `stack.yaml` says about one provider instance, evaluated and converted to the configuration schema.
public struct ProviderConfiguration: Sendable {
    /// Nil for the default instance.
    public let instanceName: String?
    /// An object of all attributes of the configuration schema; absent ones are null.
    public let values: Value
    /// The place of the configuration in `stack.yaml`; nil where it is not mentioned there.
    public let range: SourceRange?
    /// The stack's own files: what a path in the configuration is relative to.
    public let source: any SpecificationSource
    /// The directory on disk that relative paths of resources are relative to.
    public let workingDirectory: String

    public init(
        instanceName: String?, values: Value, range: SourceRange?, source: any SpecificationSource,
        workingDirectory: String
    ) {
        self.instanceName = instanceName
        KnownSecrets.note(values)
        self.values = values
        self.range = range
        self.source = source
        self.workingDirectory = workingDirectory
    }
}

/// A configured provider.
public protocol ProviderInstance: Sendable {
    /// The managed types, each name once.
    var resourceTypes: [any ResourceType] { get }
    /// The types that can be read without being managed.
    var dataTypes: [any DataType] { get }
    /// What is doubtful in files of the stack that it was made from, besides what its types say.
    var warnings: Diagnostics { get }
    /// How many calls its system takes well at once, where nobody says a number; nil: as many as usual.
    var preferredParallelism: Int? { get }
    /// False where it only knows its types, and nobody is to be asked (`SilentProvider`).
    var answers: Bool { get }
    /// Lets go of connections. Called once, after the last call.
    func close() async
}

extension ProviderInstance {
    public var dataTypes: [any DataType] { [] }
    public var warnings: Diagnostics { Diagnostics() }
    public var preferredParallelism: Int? { nil }
    public var answers: Bool { true }
    public func close() async {}
}

/// How one kind of resource is read, planned, created, updated and deleted.
///
/// Values that come in and go out are objects of all attributes of the schema, without sensitive marks (the engine
/// marks them from the schema and the spec).
public protocol ResourceType: Sendable {
    /// With the provider's prefix: `local_file`, `powerdns_zone`.
    var name: String { get }
    var schema: Schema { get }
    /// False where nothing outside the state exists that could be read (`random_password`): refresh passes over it.
    var hasLiveState: Bool { get }
    /// What is doubtful in the part of a stack's file that describes it; told where the type is used.
    var warnings: Diagnostics { get }

    /// What exists now; nil if it is gone. `prior.values` are the recorded ones.
    func read(_ prior: ResourceState) async throws(ProviderError) -> ResourceState?
    /// What an apply would make of it. The default follows the schema (`Schema.plan`).
    func plan(_ request: PlanRequest) async throws(ProviderError) -> ResourcePlan
    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState
    func update(_ request: UpdateRequest) async throws(ProviderError) -> ResourceState
    /// Succeeds when the resource is gone, also if it was gone before.
    func delete(_ request: DeleteRequest) async throws(ProviderError)
}

extension ResourceType {
    public var hasLiveState: Bool { true }
    public var warnings: Diagnostics { Diagnostics() }

    public func plan(_ request: PlanRequest) async throws(ProviderError) -> ResourcePlan {
        schema.plan(request)
    }
}

/// Something that is read and never changed.
public protocol DataType: Sendable {
    var name: String { get }
    var schema: Schema { get }
    /// `declared` is an object of all attributes; computed ones are null in it.
    func read(_ declared: Value) async throws(ProviderError) -> Value
}

/// A resource's values with the provider's own notes.
public struct ResourceState: Sendable, Hashable {
    public var values: Value
    public var privateData: String?

    public init(_ values: Value, privateData: String? = nil) {
        self.values = values
        self.privateData = privateData
    }
}

public struct PlanRequest: Sendable {
    /// Nil for a creation.
    public let prior: ResourceState?
    /// As the spec gives it: null where it gives nothing, unknown where it waits for other resources.
    public let declared: Value

    public init(prior: ResourceState?, declared: Value) {
        self.prior = prior
        self.declared = declared
    }
}

/// What an apply would make of a resource.
public struct ResourcePlan: Sendable {
    /// All attributes; unknown where only the apply can tell.
    public var planned: Value
    /// Changed attributes that cannot be changed in place; not empty means replacement.
    public var replacePaths: [AttributePath]
    /// Why they cannot be changed, in the system's words; nil where it has not been asked.
    public var replaceReason: String?

    public init(planned: Value, replacePaths: [AttributePath] = [], replaceReason: String? = nil) {
        self.planned = planned
        self.replacePaths = replacePaths
        self.replaceReason = replaceReason
    }
}

public struct CreateRequest: Sendable {
    /// All attributes; unknown ones are the provider's to fill.
    public let planned: Value
    /// A UUID that stays the same when the call is repeated: the idempotency key.
    public let intent: String

    public init(planned: Value, intent: String) {
        self.planned = planned
        self.intent = intent
    }
}

public struct UpdateRequest: Sendable {
    public let prior: ResourceState
    public let planned: Value
    public let intent: String

    public init(prior: ResourceState, planned: Value, intent: String) {
        self.prior = prior
        self.planned = planned
        self.intent = intent
    }
}

public struct DeleteRequest: Sendable {
    public let prior: ResourceState
    public let intent: String

    public init(prior: ResourceState, intent: String) {
        self.prior = prior
        self.intent = intent
    }
}
