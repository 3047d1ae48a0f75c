import PlumbModel
import ProviderAPI

/// Knows which watched resources an event is about.
struct WatchRegister: Sendable {
    /// What events name.
    private enum Subject: Hashable {
        case domain(String)
        case network(String)
        case pool(String)
        /// Images for cloud-init are volumes too.
        case volume(VolumeID)
    }

    /// Resources of one type.
    struct Group: Sendable {
        let type: any Listing
        let indexes: [Int]
    }

    /// What an event asks for.
    enum Concern: Hashable {
        case nothing
        case some([Int])
        /// It cannot be told what has changed.
        case everything
    }

    let resources: [WatchedResource]
    let groups: [Group]
    /// Those that no event tells everything of: the gateway sees that an image is another file, and not that others have
    /// written into it.
    let images: [Int]
    private let bySubject: [Subject: [Int]]
    /// Volumes and images by their pools.
    private let byPool: [String: [Int]]

    /// - Throws: `invalid` for a type that is not of these, or what is wrong with an id.
    init(_ resources: [WatchedResource], types: [any ResourceType]) throws(ProviderError) {
        var bySubject: [Subject: [Int]] = [:]
        var byPool: [String: [Int]] = [:]
        var byType: [String: [Int]] = [:]
        for (index, resource) in resources.enumerated() {
            byType[resource.type, default: []].append(index)
            let values = resource.state.values
            switch types.first(where: { $0.name == resource.type }) {
            case let type as DomainType: try bySubject[.domain(type.id(of: values)), default: []].append(index)
            case let type as NetworkType: try bySubject[.network(type.id(of: values)), default: []].append(index)
            case let type as PoolType: try bySubject[.pool(type.id(of: values)), default: []].append(index)
            case let type as any StoredResource:
                let id = try type.id(of: values)
                bySubject[.volume(id), default: []].append(index)
                byPool[id.pool, default: []].append(index)
            default:
                throw ProviderError(.invalid, "\(resource.type) is nothing that a libvirt host can be watched for.")
            }
        }
        self.resources = resources
        self.bySubject = bySubject
        self.byPool = byPool
        groups = types.compactMap { type in
            guard let indexes = byType[type.name], let type = type as? any Listing else { return nil }
            return Group(type: type, indexes: indexes)
        }
        images = byType["libvirt_cloudinit"] ?? []
    }

    func concern(of event: GatewayEvent) -> Concern {
        switch event.kind {
        case "domain", "device": return concern(event.uuid.map { .domain($0) })
        case "network": return concern(event.uuid.map { .network($0) })
        case "pool":
            guard let pool = event.uuid else { return .everything }
            // What a look into the pool has found is told of each volume.
            let contents = event.action == "refreshed" ? [] : byPool[pool] ?? []
            let indexes = (bySubject[.pool(pool)] ?? []) + contents
            return indexes.isEmpty ? .nothing : .some(indexes)
        case "volume":
            guard let pool = event.pool, let name = event.name else { return .everything }
            return concern(.volume(VolumeID(pool: pool, name: name)))
        // Of a later gateway: of things that this provider does not have.
        default: return .nothing
        }
    }

    private func concern(_ subject: Subject?) -> Concern {
        guard let subject else { return .everything }
        return bySubject[subject].map { .some($0) } ?? .nothing
    }

    /// The same resources by their types.
    func groups(of indexes: Set<Int>) -> [Group] {
        groups.compactMap { group in
            let wanted = group.indexes.filter(indexes.contains)
            return wanted.isEmpty ? nil : Group(type: group.type, indexes: wanted)
        }
    }
}
