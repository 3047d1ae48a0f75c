/// What the engine itself notes of a resource instance, beside the values that the provider gives.
public struct Bookkeeping: Sendable, Hashable, Codable {
    /// What it depended on when it was applied: the order of destruction. Instances, or whole resources without a key.
    public var dependencies: [ResourceAddress]
    /// `lifecycle.prevent_destroy` as last applied: holds even when the declaration is gone.
    public var isProtected: Bool
    public var createsBeforeDestroy: Bool

    public init(
        dependencies: [ResourceAddress] = [], isProtected: Bool = false, createsBeforeDestroy: Bool = false
    ) {
        self.dependencies = dependencies
        self.isProtected = isProtected
        self.createsBeforeDestroy = createsBeforeDestroy
    }
}

/// What carries the bookkeeping of an instance from the plan through the journal into the state.
public protocol Bookkept {
    var bookkeeping: Bookkeeping { get }
}

extension Bookkept {
    public var dependencies: [ResourceAddress] { bookkeeping.dependencies }
    public var isProtected: Bool { bookkeeping.isProtected }
    public var createsBeforeDestroy: Bool { bookkeeping.createsBeforeDestroy }
}
