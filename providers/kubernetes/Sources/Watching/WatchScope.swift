import PlumbModel
import ProviderAPI

/// What one LIST and the WATCH after it are about: a kind, in a namespace or in the whole cluster, or one object of it.
struct WatchScope: Sendable {
    let resource: APIResource
    /// Nil: the whole cluster.
    let namespace: String?
    /// The watched resources by `NAMESPACE/NAME`; the same object may be recorded more than once.
    let members: [String: [Int]]

    static func key(_ namespace: String?, _ name: String) -> String { "\(namespace ?? "")/\(name)" }

    /// With more namespaces than this, one stream of the whole cluster is less than one of each.
    private static let fewNamespaces = 4

    /// - Parameter places: of the watched resources, by their numbers.
    static func scopes(of places: [(index: Int, place: ObjectPlace)]) -> [WatchScope] {
        Dictionary(grouping: places) { $0.place.resource }.flatMap { resource, places -> [WatchScope] in
            let namespaces = Set(places.compactMap(\.place.namespace))
            let members = Dictionary(grouping: places) { key($0.place.namespace, $0.place.name) }
                .mapValues { $0.map(\.index) }
            let whole = WatchScope(resource: resource, namespace: nil, members: members)
            return resource.isNamespaced && namespaces.count <= fewNamespaces ? whole.perNamespace : [whole]
        }
    }

    /// The same in parts, for whoever may not see the whole cluster.
    var perNamespace: [WatchScope] {
        let groups = Dictionary(grouping: members) { $0.key.prefix { $0 != "/" } }
        return groups.map { namespace, members in
            WatchScope(
                resource: resource, namespace: String(namespace),
                members: Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.value) }))
        }
    }

    var path: String { resource.path(namespace: namespace) }

    /// A single object is asked for by its name, so that nothing else of its kind comes along.
    var query: [(String, String)] {
        guard members.count == 1, let key = members.keys.first, let slash = key.firstIndex(of: "/") else { return [] }
        let name = key[key.index(after: slash)...]
        // Names of roles may hold what means something in a selector.
        return name.contains { ",=\\".contains($0) } ? [] : [("fieldSelector", "metadata.name=\(name)")]
    }

    /// The objects' watched resources, with the object as it would be read by itself.
    func find(_ item: Value) -> (indexes: [Int], key: String, object: Value)? {
        let metadata = item[key: "metadata"] ?? .null
        let key = Self.key(metadata[key: "namespace"]?.asString, metadata[key: "name"]?.asString ?? "")
        guard let indexes = members[key] else { return nil }
        // Items of a list leave out what the list says for all.
        let head = ValueMap([
            ("apiVersion", Value.string("\(resource.version)")), ("kind", Value.string(resource.kind)),
        ])
        return (indexes, key, .object((item.asMap ?? ValueMap()).merging(head)))
    }
}
