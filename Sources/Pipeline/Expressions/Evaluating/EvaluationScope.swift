public import PlumbModel

/// What an expression is evaluated against: the answers to its references.
public protocol EvaluationScope {
    /// The value of what is named. `range` is the reference's place, for a diagnostic.
    func value(of reference: Reference, at range: SourceRange) throws(Diagnostics) -> Value

    /// One instance of a resource; asked instead of the whole where an index follows the reference, so that thousands
    /// of instances are never built into one list for one look-up.
    func value(of resource: ResourceAddress, instance key: InstanceKey, at range: SourceRange) throws(Diagnostics)
        -> Value

    /// One output of a module; asked instead of the whole, so that nothing is evaluated that is not meant.
    ///
    /// - Parameter key: the instance of the module; nil where no index follows the module's name.
    func value(
        ofOutput output: String, module: String, instance key: InstanceKey?, at range: SourceRange
    ) throws(Diagnostics) -> Value

    /// Where `file`, `templatefile` and their like read; nil where no files may be read.
    var files: (any SpecificationSource)? { get }

    /// When and where on the machine it happens.
    var surroundings: Surroundings { get }

    /// What evaluating may cost, beyond the bounds of each expression; nil where nobody counts.
    var allowance: Allowance? { get }
}

extension EvaluationScope {
    /// Nothing is known about time and place.
    public var surroundings: Surroundings { Surroundings() }
    public var allowance: Allowance? { nil }
}

extension EvaluationScope {
    /// As any other reference to a module, for scopes that know none.
    public func value(
        ofOutput output: String, module: String, instance key: InstanceKey?, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        try value(of: .module(module), at: range)
    }
}
