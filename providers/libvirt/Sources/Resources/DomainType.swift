import PlumbModel
import ProviderAPI

/// `libvirt_domain`: a virtual machine.
struct DomainType: KeyedResource {
    let gateway: GatewayClient
    let name = "libvirt_domain"
    let collection = "domains"
    let noun = "domain"

    var schema: Schema { Self.schema }

    static let bootType = ValueType.object([
        .init("cmdline", .string, isOptional: true), .init("initrd", .string, isOptional: true),
        .init("kernel", .string, isOptional: true), .init("order", .list(.string), isOptional: true),
    ])

    static let diskType = ValueType.object([
        .init("bus", .string, isOptional: true), .init("device", .string, isOptional: true),
        .init("read_only", .bool, isOptional: true), .init("serial", .string, isOptional: true),
        .init("target", .string, isOptional: true), .init("volume", .string),
    ])

    static let interfaceType = ValueType.object([
        .init("mac", .string, isOptional: true), .init("model", .string, isOptional: true), .init("network", .string),
    ])

    static let schema = Schema([
        AttributeSchema("id", .string, .computed, "The domain's UUID."),
        AttributeSchema("name", .string, .required, forcesReplacement: true, "What libvirt calls it."),
        AttributeSchema(
            "type", .string, .optionalComputed, forcesReplacement: true,
            "kvm or qemu; unless given, kvm where the gateway has seen it run a guest."),
        AttributeSchema("machine", .string, .optional, default: "q35", forcesReplacement: true, "q35 or pc."),
        AttributeSchema("firmware", .string, .optional, default: "bios", forcesReplacement: true, "bios or uefi."),
        AttributeSchema(
            "vcpus", .number, .optional, default: 1, "Processors; more of them while it runs, up to max_vcpus."),
        AttributeSchema(
            "max_vcpus", .number, .optionalComputed, "How many processors it can get while it runs; vcpus unless given."
        ),
        AttributeSchema(
            "memory", .string, .required, normalisation: Size.normalisation,
            "Such as 512MiB; changes while it runs, up to max_memory."),
        AttributeSchema(
            "max_memory", .string, .optionalComputed, normalisation: Size.normalisation,
            "How much memory it can get while it runs; memory unless given."),
        AttributeSchema(
            "boot", bootType, .optional, normalisation: DomainNormalisation.boot,
            "kernel and initrd (ids of raw volumes) and cmdline, or order: disk, cdrom, network. The disk unless given."
        ),
        AttributeSchema(
            "disks", .list(diskType), .optional, normalisation: DomainNormalisation.disks,
            "Volumes by their ids; target (vda, ...) is by the place in the list unless given."),
        AttributeSchema(
            "interfaces", .list(interfaceType), .optional, normalisation: DomainNormalisation.interfaces,
            "Networks by their ids; mac is made up and stays unless given."),
        AttributeSchema(
            "cloudinit", .string, .optional, "The id of a libvirt_cloudinit, which becomes the read-only disk vdz."),
        AttributeSchema(
            "guest_agent", .bool, .optional, default: false, "Whether it has a channel for the QEMU guest agent."),
        AttributeSchema("description", .string, .optional, "For people."),
        AttributeSchema(
            "metadata", .map(.string), .optional, normalisation: Normalisation("metadata") { $0.orNull },
            "Texts by names, kept with the domain."),
        AttributeSchema("autostart", .bool, .optional, default: false, "Whether it is started with the host."),
        AttributeSchema("running", .bool, .optional, default: true, "Whether it is on."),
        AttributeSchema(
            "shutdown_timeout", .number, .optional, default: 60,
            "Seconds that the guest has for shutting down before it is turned off; 0 turns it off at once."),
        AttributeSchema(
            "wait_for_address", .bool, .optional, default: true,
            "Whether it is ready only when each interface on a network with DHCP has its address."),
        AttributeSchema("macs", .list(.string), .computed, "The interfaces' MACs, in their order."),
        AttributeSchema(
            "addresses", .list(.string), .computed, volatile: true,
            "Addresses that the networks' DHCP servers have given to it, in the order of its interfaces."),
        AttributeSchema(
            "pending", .map(.string), .computed, volatile: true,
            "Attributes that are defined otherwise than the guest runs, with the reason: its next start takes them over."
        ),
    ])

    func query(of values: Value) -> [(String, String)] {
        values.flag("running") == false ? deletionQuery(of: values) : []
    }

    func deletionQuery(of values: Value) -> [(String, String)] {
        [("shutdown_timeout", "\(min(max(values.given("shutdown_timeout")?.asInt ?? 60, 0), 3600))")]
    }

    /// Leases of the networks that they are in: one list a network, and none for guests that are off.
    func surroundings(of live: [Value]) async throws(ProviderError) -> Surroundings {
        var networks: Set<String> = []
        for domain in live where domain.flag("running") == true {
            networks.formUnion(domain.list("interfaces").compactMap { $0.text("network") })
        }
        var around = Surroundings()
        for network in networks.sorted() {
            let answer = try await gateway.ask(.init(path: "/v1/networks/\(PathText.escaped(network))/leases"))
            if let refusal = answer.refusal {
                // A network that is gone or stopped has given nothing.
                if refusal.isGone || refusal.status == 409 { continue }
                throw refusal.error(changes: false)
            }
            for lease in answer.body.list("items") {
                guard let mac = lease.text("mac"), let address = lease.text("ip") else { continue }
                around.leases[mac.lowercased(), default: []].append(address)
            }
        }
        return around
    }
}
