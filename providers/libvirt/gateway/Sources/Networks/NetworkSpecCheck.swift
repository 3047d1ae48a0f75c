import HTTPTypes

/// Refuses what no schema can say of a network.
struct NetworkSpecCheck {
    let bridges: [String]

    func check(_ spec: NetworkSpec) throws(Problem) {
        if spec.mode == "bridge" { return try checkBridge(spec) }
        var range: IPv4Network?
        if let cidr = spec.cidr {
            guard let parsed = IPv4Network(cidr) else {
                throw Problem.unprocessable(
                    "/cidr", "The host cannot have the last address of a network, which is everybody's.")
            }
            range = parsed
        }
        if spec.mode == "route", range == nil {
            throw Problem.unprocessable("/cidr", "This is required with the mode route.")
        }
        if let dhcp = spec.dhcp { try check(dhcp, range) }
        let names = (spec.dns?.hosts ?? []).map(\.ip)
        guard Set(names).count == names.count else {
            throw Problem.unprocessable("/dns/hosts", "An address stands here twice. Put its names in one list.")
        }
    }

    private func checkBridge(_ spec: NetworkSpec) throws(Problem) {
        guard let bridge = spec.bridge else {
            throw Problem.unprocessable("/bridge", "This is required with the mode bridge: a bridge of the host.")
        }
        guard bridges.contains(bridge) else {
            let list = bridges.isEmpty ? "none" : bridges.joined(separator: ", ")
            throw Problem(
                .forbidden, "The gateway does not allow that",
                detail: "Of the host's bridges it allows \(list). Start it with --allow-bridge \(bridge).")
        }
        guard spec.cidr == nil, spec.dhcp == nil, spec.dns == nil else {
            throw Problem.unprocessable(
                "/cidr", "The host's bridge has its own addresses: leave out cidr, dhcp and dns.")
        }
    }

    private func check(_ dhcp: NetworkDHCP, _ range: IPv4Network?) throws(Problem) {
        guard let range else { throw Problem.unprocessable("/cidr", "This is required for DHCP.") }
        guard (dhcp.start == nil) == (dhcp.end == nil) else {
            throw Problem.unprocessable("/dhcp", "start and end come together.")
        }
        guard dhcp.start != nil || !(dhcp.hosts ?? []).isEmpty else {
            throw Problem.unprocessable("/dhcp", "This needs start and end, or hosts.")
        }
        var addresses: [(String, String?)] = [("/dhcp/start", dhcp.start), ("/dhcp/end", dhcp.end)]
        for (index, host) in (dhcp.hosts ?? []).enumerated() { addresses.append(("/dhcp/hosts/\(index)/ip", host.ip)) }
        for (pointer, text) in addresses {
            guard let number = text.flatMap({ IPv4Network.number($0) }) else { continue }
            guard range.contains(number), number != range.host else {
                throw Problem.unprocessable(pointer, "This is no guest's address in \(range.text).")
            }
        }
        if let start = dhcp.start.flatMap({ IPv4Network.number($0) }),
            let end = dhcp.end.flatMap({ IPv4Network.number($0) }),
            start > end
        {
            throw Problem.unprocessable("/dhcp/end", "This comes before start.")
        }
        for (name, keys) in [("mac", (dhcp.hosts ?? []).map(\.mac)), ("ip", (dhcp.hosts ?? []).map(\.ip))]
        where Set(keys).count != keys.count {
            throw Problem.unprocessable("/dhcp/hosts", "Two hosts have the same \(name).")
        }
    }
}
