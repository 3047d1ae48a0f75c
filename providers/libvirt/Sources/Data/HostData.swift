import PlumbModel
import ProviderAPI

/// `data.libvirt_host`: the host, and which types of domains run on it.
struct HostData: DataType {
    let gateway: GatewayClient
    let name = "libvirt_host"

    let schema = Schema([
        AttributeSchema("hostname", .string, .computed, "What the host calls itself."),
        AttributeSchema("uri", .string, .computed, "libvirt's URI of it."),
        AttributeSchema("libvirt_version", .string, .computed, "libvirt's version."),
        AttributeSchema("hypervisor_version", .string, .computed, "QEMU's version."),
        AttributeSchema("gateway_version", .string, .computed, "The gateway's version."),
        AttributeSchema("cpus", .number, .computed, "How many processors it has."),
        AttributeSchema("memory", .number, .computed, "How many bytes of memory it has."),
        AttributeSchema(
            "domain_types",
            .list(
                .object([
                    .init("reason", .string, isOptional: true), .init("type", .string), .init("works", .bool),
                ])), .computed, "The types that libvirt offers, and whether a guest of each was seen to run."),
        AttributeSchema("default_domain_type", .string, .computed, "The type of domains that name none."),
        AttributeSchema("firmwares", .list(.string), .computed, "What domains can start with: bios, uefi."),
        AttributeSchema("pool_roots", .list(.string), .computed, "The folders below which pools may lie."),
    ])

    func read(_ declared: Value) async throws(ProviderError) -> Value {
        let host = try await gateway.get(.init(path: "/v1/host")).body
        let values = schema.attributes.map { attribute in
            (attribute.name, NetworkNormalisation.filled(host[key: attribute.name] ?? .null, attribute.type))
        }
        return .object(ValueMap(values))
    }
}
