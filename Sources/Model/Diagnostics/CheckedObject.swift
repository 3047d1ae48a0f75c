/// What the author of a spec has put a condition on: what a test can expect to fail.
public enum CheckedObject: Hashable, Sendable, Codable, CustomStringConvertible {
    /// By its `validation`.
    case variable(String)
    /// By pre- and postconditions; without a key, all instances are meant.
    case resource(ResourceAddress)
    /// By its preconditions.
    case output(String)
    /// An entry of `checks:`.
    case check(String)
    /// An entry of `policies:`.
    case policy(String)

    /// As it is written: `var.n`, `data_value.x`, `output.y`, `check.z`, `policy.p`.
    public var description: String {
        switch self {
        case .variable(let name): "var.\(name)"
        case .resource(let address): address.description
        case .output(let name): "output.\(name)"
        case .check(let name): "check.\(name)"
        case .policy(let name): "policy.\(name)"
        }
    }

    /// Whether a failure of `other` is a failure of this: an address without a key stands for all instances.
    public func covers(_ other: CheckedObject) -> Bool {
        if case .resource(let mine) = self, case .resource(let theirs) = other, mine.key == nil {
            return mine == theirs.resource
        }
        return self == other
    }
}

extension Diagnostic {
    /// The same problem, marked as one that the spec's author has foreseen with a condition on `object`.
    public func failing(_ object: CheckedObject) -> Diagnostic {
        var marked = self
        marked.failedCheck = object
        return marked
    }
}
