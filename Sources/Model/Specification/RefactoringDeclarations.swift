/// A `moved:` entry: a resource or module has another address now and stays what it is.
public struct MovedDeclaration: Sendable {
    public let from: MovableAddress
    public let fromRange: SourceRange
    public let to: MovableAddress
    public let toRange: SourceRange

    public init(from: MovableAddress, fromRange: SourceRange, to: MovableAddress, toRange: SourceRange) {
        self.from = from
        self.fromRange = fromRange
        self.to = to
        self.toRange = toRange
    }
}

/// A `removed:` entry: what is no longer declared is destroyed, or leaves the state and stays.
public struct RemovedDeclaration: Sendable {
    public let from: MovableAddress
    public let range: SourceRange
    /// Nil: true.
    public let destroy: SpecificationNode?
    /// `lifecycle.prevent_destroy`: false lifts the protection that the state keeps.
    public let preventDestroy: SpecificationNode?

    public init(
        from: MovableAddress, range: SourceRange, destroy: SpecificationNode?, preventDestroy: SpecificationNode?
    ) {
        self.from = from
        self.range = range
        self.destroy = destroy
        self.preventDestroy = preventDestroy
    }
}

/// An `import:` entry: what exists already is taken over under an address.
public struct ImportDeclaration: Sendable {
    /// The address; keys in it may be expressions.
    public let to: SpecificationNode
    public let id: SpecificationNode
    public let forEach: SpecificationNode?
    public let provider: SpecificationNode?

    public init(
        to: SpecificationNode, id: SpecificationNode, forEach: SpecificationNode?, provider: SpecificationNode?
    ) {
        self.to = to
        self.id = id
        self.forEach = forEach
        self.provider = provider
    }
}
