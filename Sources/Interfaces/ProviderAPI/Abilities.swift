public import PlumbModel

/// Reads many at once, so that a refresh is one LIST a type and not one GET a resource.
public protocol Listing: ResourceType {
    /// What exists now of each of `priors`, in their order; nil where it is gone.
    func read(all priors: [ResourceState]) async throws(ProviderError) -> [ResourceState?]
}

/// Plans many at once, so that what has to be asked of a system is not asked one after the other.
public protocol BulkPlanning: ResourceType {
    /// One answer each, in their order.
    func plan(all requests: [PlanRequest]) async -> [Result<ResourcePlan, ProviderError>]
}

/// Settles an intent that a killed run left open.
public protocol Recovering: ResourceType {
    func recover(_ intent: Intent) async throws(ProviderError) -> Recovery
}

/// Makes up what it makes (a mock in a test): nothing comes to be behind it, so that it is ready at once.
public protocol Simulated: ResourceType {}

/// What a provider found out about an open intent.
public enum Recovery: Sendable {
    /// It exists now, like this. For a deletion: it is still there.
    case found(ResourceState)
    /// Nothing of it exists.
    case absent
    /// Something exists of which it cannot be told whether it is ours; the text says what, for people.
    case unclear(String)
}

/// Knows of what was made whether it does by now what it is there for.
public protocol ReadinessChecking: ResourceType {
    /// Whether a resource with these values needs no waiting. Values may be unknown.
    func isReadyAtOnce(_ planned: Value) -> Bool
    /// Asks the system once.
    func readiness(of state: ResourceState) async throws(ProviderError) -> Readiness
    /// What the system tells of why it is not ready: for people, in one line; empty for nothing.
    func explainUnreadiness(of state: ResourceState) async -> String
}

/// How far a resource is that was made.
public enum Readiness: Sendable {
    /// What it looks like now.
    case ready(ResourceState)
    /// Not yet; the text says what is missing, to go on from "not ready:".
    case waiting(String)
    /// It will not get ready by waiting.
    case failed(String)
    case gone
}

/// A provider instance that knows in which order its resources must come to be, where no reference says so.
public protocol ImplicitOrdering: ProviderInstance {
    /// Which of the declared resources, of any of its types, has to wait for which other; as indexes. There are no circles
    /// in it.
    ///
    /// - Parameter declared: objects of all attributes; unknown where they wait for other resources.
    func precedence(among declared: [Value]) -> [(dependent: Int, dependency: Int)]
    /// Which of them are the same thing to the system, so that one would undo what the other does.
    func duplicates(among declared: [Value]) -> [(first: Int, second: Int)]
}

extension ImplicitOrdering {
    public func duplicates(among declared: [Value]) -> [(first: Int, second: Int)] { [] }
}

/// Knows of places of a resource who has written them last.
public protocol Attributing: ResourceType {
    /// Who has written what stands at `paths`, as far as the system tells; it is asked of what has drifted alone.
    ///
    /// - Parameter state: as recorded.
    func writers(
        of state: ResourceState, at paths: [AttributePath]
    ) async throws(ProviderError) -> [AttributePath: DriftAuthor]
}

/// Takes over what exists but is not recorded.
public protocol Importing: ResourceType {
    /// `id` is what people know it by; nil if there is no such thing.
    func importResource(id: String) async throws(ProviderError) -> ResourceState?
}

/// Knows of single resources that they are to stay when they leave the spec, by what they say themselves.
public protocol Retaining: ResourceType {
    /// - Parameter state: as recorded, or as it is now.
    func isRetained(_ state: ResourceState) -> Bool
}

/// Has resources of which there is one at a time by the name that the spec gives: the next one of that name cannot be
/// created before the last one is gone.
public protocol ExclusivelyNamed: ResourceType {
    /// The same text for the same name; nil where it is not known yet.
    func exclusiveName(of state: ResourceState) -> String?
}

/// Finds everything of a type that the system has, whoever made it.
public protocol Scanning: Importing {
    /// The type that lists its resources, where several types stand for the same things; its own name otherwise.
    var scannedAs: String { get }
    /// What stands beside the recorded resources: everything where the system is not divided. In the system's order.
    ///
    /// - Parameter recorded: all of the stack's resources of this provider instance that are `scannedAs` this type.
    func scan(beside recorded: [ResourceState]) async throws(ProviderError) -> ScanFinding
    /// In the system's order.
    func scan() async throws(ProviderError) -> [ScannedResource]
    /// What tells a recorded resource apart: the same text as `ScannedResource.identity` of the same one.
    func identity(of state: ResourceState) throws(ProviderError) -> String
}

extension Scanning {
    public var scannedAs: String { name }

    public func scan(beside recorded: [ResourceState]) async throws(ProviderError) -> ScanFinding {
        ScanFinding(try await scan())
    }
}

/// What a scan has found.
public struct ScanFinding: Sendable {
    public let resources: [ScannedResource]
    /// What could not be looked at, and why: for people, a sentence each.
    public let gaps: [String]

    public init(_ resources: [ScannedResource], gaps: [String] = []) {
        self.resources = resources
        self.gaps = gaps
    }
}

/// Something that a system has.
public struct ScannedResource: Sendable, Hashable {
    /// What it is imported by.
    public let id: String
    /// The same text for the same resource, however its name is written.
    public let identity: String

    public init(id: String, identity: String) {
        self.id = id
        self.identity = identity
    }
}
