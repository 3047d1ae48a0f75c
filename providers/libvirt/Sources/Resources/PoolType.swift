import PlumbModel
import ProviderAPI

/// `libvirt_pool`: a folder of the host that volumes lie in.
struct PoolType: KeyedResource {
    let gateway: GatewayClient
    let name = "libvirt_pool"
    let collection = "pools"
    let noun = "pool"

    var schema: Schema { Self.schema }

    static let schema = Schema([
        AttributeSchema("id", .string, .computed, "The pool's UUID."),
        AttributeSchema("name", .string, .required, forcesReplacement: true, "What libvirt calls it."),
        AttributeSchema(
            "type", .string, .optional, default: "dir", forcesReplacement: true,
            "The kind of pool: dir, a folder of files."),
        AttributeSchema(
            "target", .string, .required, forcesReplacement: true,
            normalisation: Normalisation("path without a slash at the end") { value in
                guard let text = value.asString, text.count > 1, text.hasSuffix("/") else { return value }
                return .string(String(text.dropLast()))
            }, "The folder, below one that the gateway allows; it is made when it is missing."),
        AttributeSchema("autostart", .bool, .optional, default: true, "Whether it is started with the host."),
        AttributeSchema("running", .bool, .optional, default: true, "Whether it is started."),
    ])

    func specification(of planned: Value, prior: Value?, intent: String) throws(ProviderError) -> Value {
        .compact(["name", "type", "target", "autostart", "running"].map { ($0, planned[key: $0]) })
    }

    func attributes(of live: Value, like recorded: Value, _ around: Surroundings) -> [String: Value] {
        var values = ["id": live[key: "uuid"] ?? .null]
        for name in ["name", "type", "target", "autostart", "running"] { values[name] = live[key: name] ?? .null }
        return values
    }
}
