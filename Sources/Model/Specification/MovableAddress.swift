/// What a `moved` or `removed` statement names, relative to the module in which it stands: a module, a resource with all
/// its instances, or one instance.
public enum MovableAddress: Hashable, Sendable {
    /// Not empty; the last step is the module that is meant.
    case module([ResourceAddress.ModuleStep])
    case resource(ResourceAddress)

    /// Reads `type.name`, `type.name["key"]`, `module.name`, `module.name["key"].type.name`; nil where the text is none.
    public init?(parsing text: String) {
        if let address = ResourceAddress(parsing: text) {
            self = .resource(address)
            return
        }
        // A module's address is that of any resource in it, without the resource.
        guard let inside = ResourceAddress(parsing: text + ".any.thing"), inside.mode == .managed,
            !inside.module.isEmpty
        else { return nil }
        self = .module(inside.module)
    }

    /// The key at its end; nil for none.
    public var key: InstanceKey? {
        switch self {
        case .module(let steps): steps.last?.key
        case .resource(let address): address.key
        }
    }
}

extension MovableAddress: CustomStringConvertible {
    public var description: String {
        switch self {
        case .module(let steps):
            steps.map { "module.\($0.name)\($0.key?.description ?? "")" }.joined(separator: ".")
        case .resource(let address): address.description
        }
    }
}
