import PlumbModel
import ProviderAPI

/// `data.libvirt_domain_addresses`: where a running guest can be reached.
struct DomainAddressesData: DataType {
    let gateway: GatewayClient
    let name = "libvirt_domain_addresses"

    let schema = Schema([
        AttributeSchema("domain", .string, .required, "The domain's id."),
        AttributeSchema(
            "source", .string, .optional,
            "Who is asked: lease (the networks' DHCP servers), arp (the host) or agent (the guest); lease, then arp, unless given."
        ),
        AttributeSchema(
            "addresses",
            .list(
                .object([
                    .init("family", .string), .init("ip", .string), .init("mac", .string, isOptional: true),
                    .init("prefix", .number), .init("source", .string),
                ])), .computed, "The addresses with the MACs of their interfaces."),
    ])

    func read(_ declared: Value) async throws(ProviderError) -> Value {
        guard let id = declared.text("domain") else {
            throw ProviderError(.invalid, "`domain` is not given: write ${libvirt_domain.NAME.id}.")
        }
        let query = declared.text("source").map { [("source", $0)] } ?? []
        let found = try await gateway.list("/v1/domains/\(PathText.escaped(id))/addresses", query: query)
        let type = schema["addresses"]?.type ?? .any
        return declared.setting("addresses", NetworkNormalisation.filled(.list(found), type))
    }
}
