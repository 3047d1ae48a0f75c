/// The addresses that one `moved` or `removed` statement is about: a module, a resource or an instance, in all instances
/// of the module that the statement stands in.
public struct AddressSet: Hashable, Sendable {
    /// Which keys a part of an address may have.
    enum KeySet: Hashable, Sendable {
        case any
        /// Nil: no key.
        case one(InstanceKey?)

        func contains(_ key: InstanceKey?) -> Bool {
            if case .one(let own) = self { own == key } else { true }
        }

        func overlaps(_ other: KeySet) -> Bool {
            if case .one(let key) = other { contains(key) } else { true }
        }
    }

    private struct Step: Hashable, Sendable {
        let name: String
        let keys: KeySet

        func overlaps(_ other: Step) -> Bool { name == other.name && keys.overlaps(other.keys) }
    }

    struct Resource: Hashable, Sendable {
        let mode: ResourceAddress.Mode
        let type: String
        let name: String

        init(_ address: ResourceAddress) {
            (mode, type, name) = (address.mode, address.type, address.name)
        }
    }

    /// As it was written.
    public let written: MovableAddress
    private let modules: [Step]
    /// How many of `modules` are those around the statement.
    private let depth: Int
    /// Nil: everything in the module.
    private let resource: Resource?
    private let keys: KeySet

    /// - Parameters:
    ///   - module: the names of the modules around the statement, from the outermost inwards.
    ///   - isWhole: whether no key at the end means all instances, or the one without a key.
    public init(_ written: MovableAddress, in module: [String], isWhole: Bool) {
        self.written = written
        depth = module.count
        let around = module.map { Step(name: $0, keys: .any) }
        let last: KeySet = isWhole && written.key == nil ? .any : .one(written.key)
        switch written {
        case .module(let steps):
            modules =
                around + steps.dropLast().map { Step(name: $0.name, keys: .one($0.key)) }
                + steps.suffix(1).map { Step(name: $0.name, keys: last) }
            resource = nil
            keys = .any
        case .resource(let address):
            modules = around + address.module.map { Step(name: $0.name, keys: .one($0.key)) }
            resource = Resource(address)
            keys = last
        }
    }

    public var isModule: Bool { resource == nil }

    /// One module or, as the last, one resource of the path.
    struct Part: Hashable {
        enum Name: Hashable, Sendable {
            case module(String)
            case resource(Resource)
        }

        let name: Name
        let keys: KeySet
    }

    /// From the outermost module inwards.
    var parts: [Part] {
        modules.map { Part(name: .module($0.name), keys: $0.keys) }
            + (resource.map { [Part(name: .resource($0), keys: keys)] } ?? [])
    }

    public func contains(_ address: ResourceAddress) -> Bool {
        guard address.module.count >= modules.count else { return false }
        for (step, other) in zip(modules, address.module) {
            guard step.name == other.name, step.keys.contains(other.key) else { return false }
        }
        guard let resource else { return true }
        return address.module.count == modules.count && resource.name == address.name && resource.type == address.type
            && resource.mode == address.mode && keys.contains(address.key)
    }

    /// Whether `other`, or a part of it, lies in this set.
    public func reaches(_ other: AddressSet) -> Bool {
        guard other.modules.count >= modules.count else { return false }
        guard zip(modules, other.modules).allSatisfy({ $0.overlaps($1) }) else { return false }
        guard let resource else { return true }
        return other.modules.count == modules.count && resource == other.resource && keys.overlaps(other.keys)
    }

    /// Whether the two have addresses in common.
    public func overlaps(_ other: AddressSet) -> Bool { reaches(other) || other.reaches(self) }

    /// Where an address goes that lies in `source` when everything there moves here.
    func address(for address: ResourceAddress, matchedBy source: AddressSet) -> ResourceAddress {
        var result = address
        // The instance of the module around the statement stays the same.
        var steps = Array(address.module.prefix(depth))
        for step in modules.dropFirst(depth) {
            switch step.keys {
            case .one(let key): steps.append(.init(step.name, key: key))
            // Only a module that moves with all its instances: each keeps its key.
            case .any: steps.append(.init(step.name, key: address.module[source.modules.count - 1].key))
            }
        }
        result.module = steps + address.module.dropFirst(source.modules.count)
        if let resource {
            result.type = resource.type
            result.name = resource.name
            if case .one(let key) = keys { result.key = key }
        }
        return result
    }
}

extension ResourceAddress {
    var parts: [AddressSet.Part] {
        module.map { AddressSet.Part(name: .module($0.name), keys: .one($0.key)) }
            + [AddressSet.Part(name: .resource(AddressSet.Resource(self)), keys: .one(key))]
    }
}

extension AddressSet: CustomStringConvertible {
    public var description: String { written.description }
}
