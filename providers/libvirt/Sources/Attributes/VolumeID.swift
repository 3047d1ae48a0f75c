import PlumbModel
import ProviderAPI

/// What a volume is called by everywhere: its pool's UUID, a slash, its name.
struct VolumeID: Sendable, Hashable {
    let pool: String
    let name: String

    init(pool: String, name: String) {
        self.pool = pool
        self.name = name
    }

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 36, !parts[1].isEmpty else { return nil }
        (pool, name) = (String(parts[0]), String(parts[1]))
    }

    /// - Parameter attribute: for the message.
    init(_ value: Value?, in attribute: String) throws(ProviderError) {
        let text = value?.asString ?? ""
        guard let id = VolumeID(text) else {
            throw ProviderError(
                .invalid,
                "`\(attribute)` is \"\(text)\", which names no volume. Write ${libvirt_volume.NAME.id}, or the pool's UUID, a slash, "
                    + "the volume's name.")
        }
        self = id
    }

    /// As the gateway tells of a volume that something uses; a path where it is in no pool.
    static func text(_ foreign: Value?) -> Value {
        guard let foreign, !foreign.isNull else { return .null }
        if let pool = foreign[key: "pool"]?.asString, let name = foreign[key: "volume"]?.asString {
            return .string("\(pool)/\(name)")
        }
        return foreign[key: "path"] ?? .null
    }

    var text: String { "\(pool)/\(name)" }
    var reference: Value { ["pool": .string(pool), "volume": .string(name)] }
    func path(_ collection: String) -> String {
        "/v1/pools/\(PathText.escaped(pool))/\(collection)/\(PathText.escaped(name))"
    }
}
