public import PlumbModel

/// The provider instances of a stack and the types that each of them knows.
public struct ProviderCatalogue: Sendable {
    /// One configured instance under its full name: `builtin`, `http.dns`.
    public struct Entry: Sendable {
        public let name: String
        /// Of a late one, what knows the types.
        public let instance: any ProviderInstance
        /// Set where its settings come from resources.
        public let late: LateProvider?
        /// It only knows the types of instances that its `for_each` makes.
        public let isTemplate: Bool

        public init(
            name: String, instance: any ProviderInstance, late: LateProvider? = nil, isTemplate: Bool = false
        ) {
            self.name = name
            self.instance = instance
            self.late = late
            self.isTemplate = isTemplate
        }
    }

    public let entries: [Entry]
    private let names: Set<String>
    private let templates: Set<String>
    /// Instances that only know their types.
    private let silent: Set<String>
    private let lateProviders: [String: LateProvider]
    private let resourceTypes: [String: [String: any ResourceType]]
    private let dataTypes: [String: [String: any DataType]]
    /// Instances by the managed types and by the data types that they know, in the order of `entries`.
    private let ownersOfResources: [String: [String]]
    private let ownersOfData: [String: [String]]

    public init(_ entries: [Entry]) {
        self.entries = entries
        names = Set(entries.map(\.name))
        templates = Set(entries.filter(\.isTemplate).map(\.name))
        silent = Set(entries.filter { !$0.instance.answers }.map(\.name))
        lateProviders = Dictionary(
            entries.compactMap { entry in entry.late.map { (entry.name, $0) } }, uniquingKeysWith: { first, _ in first }
        )
        var resources: [String: [String: any ResourceType]] = [:]
        var data: [String: [String: any DataType]] = [:]
        var resourceOwners: [String: [String]] = [:]
        var dataOwners: [String: [String]] = [:]
        func isKeyed(_ entry: Entry) -> Bool { entry.name.utf8.last == UInt8(ascii: "]") }
        for entry in entries {
            for type in entry.instance.resourceTypes {
                resources[entry.name, default: [:]][type.name] = type
                if !isKeyed(entry) { resourceOwners[type.name, default: []].append(entry.name) }
            }
            for type in entry.instance.dataTypes {
                data[entry.name, default: [:]][type.name] = type
                if !isKeyed(entry) { dataOwners[type.name, default: []].append(entry.name) }
            }
        }
        resourceTypes = resources
        dataTypes = data
        ownersOfResources = resourceOwners
        ownersOfData = dataOwners
    }

    /// Whether there is an instance of a full name.
    public func hasInstance(_ name: String) -> Bool { names.contains(name) && !templates.contains(name) }

    /// Whether a name stands for the instances that a `for_each` makes: one of them must be chosen.
    public func isTemplate(_ name: String) -> Bool { templates.contains(name) }

    /// The names of the instances that know a type; those of one `for_each` have one name together.
    public func owners(of type: String, _ mode: ResourceAddress.Mode) -> [String] {
        (mode == .data ? ownersOfData : ownersOfResources)[type] ?? []
    }

    public func typeNames(_ mode: ResourceAddress.Mode) -> [String] {
        (mode == .data ? ownersOfData : ownersOfResources).keys.sorted()
    }

    public func resourceType(
        _ name: String, of instance: String, at moment: LateProvider.Moment = .current
    ) -> (any ResourceType)? {
        if let late = lateProviders[instance] { return late.resourceType(name, at: moment) }
        return resourceTypes[instance]?[name]
    }

    public func dataType(
        _ name: String, of instance: String, at moment: LateProvider.Moment = .current
    ) -> (any DataType)? {
        if let late = lateProviders[instance] { return late.dataType(name, at: moment) }
        return dataTypes[instance]?[name]
    }

    /// Nil for an instance whose settings are known from the beginning.
    public func late(_ instance: String) -> LateProvider? { lateProviders[instance] }

    /// Whether an instance can be asked anything.
    public func isConfigured(_ instance: String, at moment: LateProvider.Moment = .current) -> Bool {
        !silent.contains(instance) && lateProviders[instance]?.isConfigured(at: moment) ?? true
    }

    /// Whether nobody is asked anything through an instance, because it only knows its types (`SilentProvider`).
    public func isSilent(_ instance: String) -> Bool { silent.contains(instance) }

    /// The instance of a full name as one that can be watched; nil where its system tells nothing by itself, or where it is
    /// not configured yet.
    public func watching(_ instance: String) -> (any Watching)? {
        if let late = lateProviders[instance] { return late.instance(at: .current) as? any Watching }
        return entries.first { $0.name == instance && !$0.isTemplate }?.instance as? any Watching
    }

    /// How many calls of an instance go on at once where nobody says a number.
    public func parallelism(of instance: String) -> Int {
        let entry = entries.first { $0.name == instance && !$0.isTemplate }
        let known = entry?.late?.instance(at: .current) ?? entry?.instance
        return max(1, known?.preferredParallelism ?? Self.usualParallelism)
    }

    private static let usualParallelism = 10

    public func schema(of type: String, _ mode: ResourceAddress.Mode, in instance: String) -> Schema? {
        mode == .data ? dataTypes[instance]?[type]?.schema : resourceTypes[instance]?[type]?.schema
    }

    public func close() async {
        for entry in entries {
            if let late = entry.late { await late.close() } else { await entry.instance.close() }
        }
    }
}
