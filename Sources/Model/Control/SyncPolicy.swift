/// What the section `sync` of `stack.yaml` says, and a controller's `defaults` for what it does not say.
public struct SyncPolicy: Sendable {
    /// Nil in these: nothing is said, and a controller's defaults hold.
    public var statedMode: SyncMode?
    public var statedPrunes: Bool?
    public var statedDriftMode: DriftMode?
    public var statedReplaces: Bool?
    /// Seconds between two checks; nil where the controller's own interval holds.
    public var driftInterval: Double?
    /// Runs that nobody is asked about are refused where they would destroy more.
    public var limits: [DestructionLimit] = []
    /// When a controller may change something; nil: nothing is said.
    public var windows: [SyncWindow]?
    /// The stacks that have to be converged before this one is looked at.
    public var after: [StackDependency] = []

    public init() {}

    /// What a controller does with a new revision.
    public var mode: SyncMode { statedMode ?? .auto }
    /// Whether the controller destroys what is no longer declared.
    public var prunes: Bool { statedPrunes ?? false }
    public var driftMode: DriftMode { statedDriftMode ?? .detect }
    /// Whether a heal may replace resources.
    public var replaces: Bool { statedReplaces ?? false }

    /// The same with what others say where it says nothing itself. Dependencies are a stack's own.
    public func completed(by defaults: SyncPolicy) -> SyncPolicy {
        var policy = self
        policy.statedMode = statedMode ?? defaults.statedMode
        policy.statedPrunes = statedPrunes ?? defaults.statedPrunes
        policy.statedDriftMode = statedDriftMode ?? defaults.statedDriftMode
        policy.statedReplaces = statedReplaces ?? defaults.statedReplaces
        policy.driftInterval = driftInterval ?? defaults.driftInterval
        policy.windows = windows ?? defaults.windows
        let own = Set(limits.map(\.unit))
        policy.limits = limits + defaults.limits.filter { !own.contains($0.unit) }
        return policy
    }
}

/// What a controller does when the specs of a stack are others than those that were applied.
public enum SyncMode: String, Sendable, Codable, Hashable, CaseIterable {
    /// It applies them.
    case auto
    /// It plans, and applies the plan that somebody approves.
    case manual
    /// It plans and tells.
    case detect
}

/// A stack that has to be converged first, and ready.
public struct StackDependency: Sendable {
    public let stack: String
    /// An expression over its `outputs` and its `status` that has to be true as well; nil where being converged is enough.
    public let ready: SpecificationNode?
    /// The place of its name.
    public let range: SourceRange

    public init(_ stack: String, ready: SpecificationNode? = nil, at range: SourceRange) {
        self.stack = stack
        self.ready = ready
        self.range = range
    }
}

/// How much a run may destroy that nobody is asked about.
public struct DestructionLimit: Sendable {
    /// Called as the key is.
    public enum Unit: String, Sendable, CaseIterable {
        case resources = "max_destroys"
        /// Of all that is there.
        case percent = "max_percent"
    }

    public let unit: Unit
    public let most: Int
    /// The place of the number.
    public let range: SourceRange

    public init(_ unit: Unit, most: Int, at range: SourceRange) {
        self.unit = unit
        self.most = most
        self.range = range
    }
}
