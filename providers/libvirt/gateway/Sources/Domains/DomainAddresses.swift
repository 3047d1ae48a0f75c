import CLibvirt
import Glibc

/// An address of a guest.
struct GuestAddress: Sendable, Encodable, Hashable {
    let mac: String?
    let ip: String
    let prefix: Int
    let family: String
    let source: String
}

/// Asks where a guest can be reached: the DHCP server's leases, the host's ARP table, or the guest's agent.
enum DomainAddresses {
    static func read(_ handle: Handle, _ domain: Domain.Version, source: String?) throws(Problem) -> [GuestAddress] {
        guard domain.running else { return [] }
        if let source { return try read(handle, domain, from: source) }
        let leases = try read(handle, domain, from: "lease")
        if !leases.isEmpty { return leases }
        // libvirt 9.0 calls a table without entries an internal error.
        return (try? read(handle, domain, from: "arp")) ?? []
    }

    private static func read(_ handle: Handle, _ domain: Domain.Version, from source: String) throws(Problem)
        -> [GuestAddress]
    {
        let kind =
            switch source {
            case "agent": VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT
            case "arp": VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP
            default: VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE
            }
        var list: UnsafeMutablePointer<virDomainInterfacePtr?>?
        let count = virDomainInterfaceAddresses(handle.pointer, &list, UInt32(kind.rawValue), 0)
        try Connection.check(count, "asking for a guest's addresses (\(source))")
        guard let list else { return [] }
        defer { free(list) }
        // Leases outlive guests: only those of interfaces that it has are its own. An agent tells of the loopback too.
        let own = Set(domain.interfaces.map(\.mac))
        var addresses: [GuestAddress] = []
        for index in 0..<Int(count) {
            guard let interface = list[index] else { continue }
            defer { virDomainInterfaceFree(interface) }
            let mac = interface.pointee.hwaddr.map { String(cString: $0).lowercased() }
            guard let mac, own.contains(mac) else { continue }
            for number in 0..<Int(interface.pointee.naddrs) {
                guard let address = interface.pointee.addrs?[number], let text = address.addr else { continue }
                let isOld = address.type == Int32(VIR_IP_ADDR_TYPE_IPV4.rawValue)
                addresses.append(
                    GuestAddress(
                        mac: mac, ip: String(cString: text), prefix: Int(address.prefix),
                        family: isOld ? "ipv4" : "ipv6", source: source))
            }
        }
        return addresses
    }
}
