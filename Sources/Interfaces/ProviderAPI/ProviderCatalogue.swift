public import PlumbModel

/// The provider instances of a stack and the types that each of them knows.
public struct ProviderCatalogue: Sendable {
    /// One configured instance under its full name: `builtin`, `http.dns`.
    public struct Entry: Sendable {
        public let name: String
        public let instance: any ProviderInstance

        public init(name: String, instance: any ProviderInstance) {
            self.name = name
            self.instance = instance
        }
    }

    public let entries: [Entry]
    private let resourceTypes: [String: [String: any ResourceType]]
    private let dataTypes: [String: [String: any DataType]]
    /// Instances by the managed types and by the data types that they know, in the order of `entries`.
    private let ownersOfResources: [String: [String]]
    private let ownersOfData: [String: [String]]

    public init(_ entries: [Entry]) {
        self.entries = entries
        var resources: [String: [String: any ResourceType]] = [:]
        var data: [String: [String: any DataType]] = [:]
        var resourceOwners: [String: [String]] = [:]
        var dataOwners: [String: [String]] = [:]
        for entry in entries {
            for type in entry.instance.resourceTypes {
                resources[entry.name, default: [:]][type.name] = type
                resourceOwners[type.name, default: []].append(entry.name)
            }
            for type in entry.instance.dataTypes {
                data[entry.name, default: [:]][type.name] = type
                dataOwners[type.name, default: []].append(entry.name)
            }
        }
        resourceTypes = resources
        dataTypes = data
        ownersOfResources = resourceOwners
        ownersOfData = dataOwners
    }

    /// The full names of the instances that know a type.
    public func owners(of type: String, _ mode: ResourceAddress.Mode) -> [String] {
        (mode == .data ? ownersOfData : ownersOfResources)[type] ?? []
    }

    public func typeNames(_ mode: ResourceAddress.Mode) -> [String] {
        (mode == .data ? ownersOfData : ownersOfResources).keys.sorted()
    }

    public func resourceType(_ name: String, of instance: String) -> (any ResourceType)? {
        resourceTypes[instance]?[name]
    }

    public func dataType(_ name: String, of instance: String) -> (any DataType)? { dataTypes[instance]?[name] }

    public func schema(of type: String, _ mode: ResourceAddress.Mode, in instance: String) -> Schema? {
        mode == .data ? dataTypes[instance]?[type]?.schema : resourceTypes[instance]?[type]?.schema
    }

    public func close() async {
        for entry in entries { await entry.instance.close() }
    }
}
