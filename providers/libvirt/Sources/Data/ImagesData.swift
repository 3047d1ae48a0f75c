import PlumbModel
import ProviderAPI

/// `data.libvirt_images`: the volumes that a host has, to choose one to start from.
struct ImagesData: DataType {
    let gateway: GatewayClient
    let name = "libvirt_images"

    let schema = Schema([
        AttributeSchema("pool", .string, .optional, "Only those in this pool, by its id."),
        AttributeSchema("name", .string, .optional, "Only those of this name."),
        AttributeSchema("prefix", .string, .optional, "Only those whose name begins so."),
        AttributeSchema(
            "images",
            .list(
                .object([
                    .init("backing", .string, isOptional: true), .init("capacity", .number), .init("format", .string),
                    .init("id", .string), .init("name", .string), .init("path", .string), .init("pool", .string),
                ])), .computed, "The volumes, by pool and name."),
    ])

    func read(_ declared: Value) async throws(ProviderError) -> Value {
        let query = ["pool", "name"].compactMap { key in declared.text(key).map { (key, $0) } }
        let prefix = declared.text("prefix") ?? ""
        let found = try await gateway.list("/v1/volumes", query: query).filter {
            prefix.isEmpty || $0.text("name")?.hasPrefix(prefix) == true
        }
        let images = found.map { volume -> Value in
            var values: [(String, Value)] = ["capacity", "format", "name", "path", "pool"].map {
                ($0, volume[key: $0] ?? .null)
            }
            values.append(("id", .string("\(volume.text("pool") ?? "")/\(volume.text("name") ?? "")")))
            values.append(("backing", VolumeID.text(volume[key: "backing"])))
            return .object(ValueMap(values))
        }
        return declared.setting("images", .list(images))
    }
}
