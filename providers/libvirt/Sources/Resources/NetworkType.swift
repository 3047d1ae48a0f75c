import PlumbModel
import ProviderAPI

/// `libvirt_network`: a network of guests, with its DHCP and DNS servers.
struct NetworkType: KeyedResource {
    let gateway: GatewayClient
    let name = "libvirt_network"
    let collection = "networks"
    let noun = "network"

    var schema: Schema { Self.schema }

    private static let dhcpType = ValueType.object([
        .init("end", .string, isOptional: true),
        .init(
            "hosts",
            .list(
                .object([
                    .init("ip", .string), .init("mac", .string), .init("name", .string, isOptional: true),
                ])), isOptional: true),
        .init("start", .string, isOptional: true),
    ])

    private static let dnsType = ValueType.object([
        .init("domain", .string, isOptional: true),
        .init("enabled", .bool, isOptional: true),
        .init("forwarders", .list(.string), isOptional: true),
        .init(
            "hosts", .list(.object([.init("ip", .string), .init("names", .list(.string))])), isOptional: true),
    ])

    static let schema = Schema([
        AttributeSchema("id", .string, .computed, "The network's UUID."),
        AttributeSchema("name", .string, .required, forcesReplacement: true, "What libvirt calls it."),
        AttributeSchema(
            "mode", .string, .optional, default: "nat", forcesReplacement: true, "nat, isolated, route or bridge."),
        AttributeSchema(
            "bridge", .string, .optionalComputed, forcesReplacement: true,
            "The host's bridge with mode bridge; otherwise the name of the one that libvirt makes."),
        AttributeSchema(
            "cidr", .string, .optional, forcesReplacement: true, normalisation: NetworkNormalisation.cidr,
            "The IPv4 network, such as 10.20.0.0/24; the host takes the first address, or the one that is written."),
        AttributeSchema(
            "dhcp", dhcpType, .optional, normalisation: NetworkNormalisation.dhcp,
            "Addresses for guests: start and end of a range, and hosts with a fixed one, which change while it runs."),
        AttributeSchema(
            "dns", dnsType, .optional, normalisation: NetworkNormalisation.dns,
            "Names for guests: enabled, domain, forwarders, and hosts, which change while it runs."),
        AttributeSchema("autostart", .bool, .optional, default: true, "Whether it is started with the host."),
        AttributeSchema("running", .bool, .optional, default: true, "Whether it is started."),
        AttributeSchema(
            "pending", .list(.string), .computed, volatile: true,
            "Attributes that are defined otherwise than the network runs: its next start takes them over."),
    ])

    func plan(_ request: PlanRequest) async throws(ProviderError) -> ResourcePlan {
        var plan = schema.plan(request)
        guard let prior = request.prior?.values, let planned = plan.planned.asMap else { return plan }
        if !plan.replacePaths.isEmpty {
            plan.replaceReason =
                "What a network is made of is fixed when it is made; guests are attached to the new one."
            return plan
        }
        guard plan.planned != prior else { return plan }
        let old = Set(prior.list("pending").compactMap(\.asString))
        var pending = old
        if planned["running"]?.asBool == false || prior.flag("running") != true {
            pending = []
        } else {
            let before = NetworkNormalisation.fixedParts(prior)
            let after = NetworkNormalisation.fixedParts(plan.planned)
            for (name, value) in after where before[name] != value { pending.insert(name) }
        }
        if plan.planned.isWhollyKnown || pending == old {
            plan.planned = plan.planned.setting("pending", .list(pending.sorted().map { .string($0) }))
        }
        return plan
    }

    func specification(of planned: Value, prior: Value?, intent: String) throws(ProviderError) -> Value {
        let dhcp = NetworkNormalisation.dhcp.canonical(planned[key: "dhcp"] ?? .null)
        let dns = NetworkNormalisation.trimmed(planned[key: "dns"] ?? .null)
        return .compact(
            ["name", "mode", "bridge", "cidr", "autostart", "running"].map { ($0, planned[key: $0]) }
                + [("dhcp", dhcp), ("dns", dns)])
    }

    func attributes(of live: Value, like recorded: Value, _ around: Surroundings) -> [String: Value] {
        var values = ["id": live[key: "uuid"] ?? .null]
        for name in ["name", "mode", "bridge", "cidr", "autostart", "running"] {
            values[name] = live[key: name] ?? .null
        }
        if live.text("bridge") == nil { values["bridge"] = live[key: "status"]?.given("bridge") ?? .null }
        values["dhcp"] = NetworkNormalisation.filled(live[key: "dhcp"] ?? .null, Self.dhcpType)
        let dns = live[key: "dns"] ?? .null
        let isPlain = NetworkNormalisation.dns.areSame(dns, .null)
        values["dns"] = isPlain ? .null : NetworkNormalisation.filled(dns, Self.dnsType)
        let pending = (live[key: "status"]?.list("pending") ?? []).compactMap(\.asString)
        values["pending"] = .list(pending.map { .string($0.replacing("/", with: "")) }.sorted { $0.json < $1.json })
        return values
    }
}

extension Value {
    /// An object with another value for one attribute.
    func setting(_ name: String, _ value: Value) -> Value {
        guard var map = asMap else { return self }
        map[name] = value
        return .object(map)
    }
}
