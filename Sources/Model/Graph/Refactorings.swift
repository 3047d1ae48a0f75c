/// What the specs say of addresses that change, of resources that leave, and of ones that are taken over.
public struct Refactorings: Sendable {
    public var moves: [MoveStatement]
    public var removals: [RemovalStatement]
    /// One an address: `for_each` is expanded.
    public var imports: [ImportStatement]

    public init(
        moves: [MoveStatement] = [], removals: [RemovalStatement] = [], imports: [ImportStatement] = []
    ) {
        self.moves = moves
        self.removals = removals
        self.imports = imports
    }
}

/// A `moved` entry, in all instances of the module that it stands in.
public struct MoveStatement: Sendable {
    public let from: AddressSet
    public let to: AddressSet
    public let fromRange: SourceRange
    public let toRange: SourceRange

    /// - Parameter module: the names of the modules around the statement, from the outermost inwards.
    public init(_ declaration: MovedDeclaration, in module: [String]) {
        // Without any key, all instances are meant; with one, the other end is the instance without a key.
        let isWhole = declaration.from.key == nil && declaration.to.key == nil
        from = AddressSet(declaration.from, in: module, isWhole: isWhole)
        to = AddressSet(declaration.to, in: module, isWhole: isWhole)
        fromRange = declaration.fromRange
        toRange = declaration.toRange
    }

    /// The address that one has after the move; nil where the statement is not about it.
    public func target(of address: ResourceAddress) -> ResourceAddress? {
        from.contains(address) ? to.address(for: address, matchedBy: from) : nil
    }
}

/// A `removed` entry, in all instances of the module that it stands in.
public struct RemovalStatement: Sendable {
    public let from: AddressSet
    public let range: SourceRange
    /// False: it leaves the state and stays.
    public let destroys: Bool
    public let liftsProtection: Bool

    public init(from: AddressSet, range: SourceRange, destroys: Bool, liftsProtection: Bool) {
        self.from = from
        self.range = range
        self.destroys = destroys
        self.liftsProtection = liftsProtection
    }
}

/// One thing that an `import` entry takes over.
public struct ImportStatement: Sendable {
    public let address: ResourceAddress
    /// What people know it by.
    public let id: String
    /// The provider instance; nil: that of the declaration.
    public let provider: String?
    public let range: SourceRange

    public init(address: ResourceAddress, id: String, provider: String?, range: SourceRange) {
        self.address = address
        self.id = id
        self.provider = provider
        self.range = range
    }
}
