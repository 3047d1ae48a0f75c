/// Networks in libvirt's words.
enum NetworkXML {
    /// The definition of a network.
    static func tree(_ network: Network.Version) -> XMLTree {
        let range = network.cidr.flatMap { IPv4Network($0) }
        let isOwn = network.mode != "bridge"
        let forward = network.mode == "isolated" ? nil : XMLTree("forward", ["mode": network.mode])
        let bridge = network.bridge.map {
            XMLTree("bridge", isOwn ? ["name": $0, "stp": "on", "delay": "0"] : ["name": $0])
        }
        return XMLTree(
            "network",
            [
                XMLTree("name", text: network.name), XMLTree("uuid", text: network.uuid), forward, bridge,
                isOwn ? network.dns.domain.map { XMLTree("domain", ["name": $0, "localOnly": "yes"]) } : nil,
                isOwn ? dns(network.dns) : nil,
                range.map { range in
                    XMLTree(
                        "ip", ["address": range.hostText, "prefix": "\(range.prefix)"], [network.dhcp.map { dhcp($0) }])
                },
            ])
    }

    private static func dns(_ dns: NetworkDNS) -> XMLTree {
        XMLTree(
            "dns", ["enable": dns.enabled == false ? "no" : "yes"],
            (dns.forwarders ?? []).map { XMLTree("forwarder", ["addr": $0]) } + (dns.hosts ?? []).map { host($0) })
    }

    private static func dhcp(_ dhcp: NetworkDHCP) -> XMLTree {
        let range = dhcp.start == nil ? nil : XMLTree("range", ["start": dhcp.start, "end": dhcp.end])
        return XMLTree("dhcp", [range] + (dhcp.hosts ?? []).map { host($0) })
    }

    static func host(_ host: NetworkDHCP.Host) -> XMLTree {
        XMLTree("host", ["mac": host.mac, "name": host.name, "ip": host.ip])
    }

    static func host(_ host: NetworkDNS.Host) -> XMLTree {
        XMLTree("host", ["ip": host.ip], host.names.map { XMLTree("hostname", text: $0) })
    }

    /// What a definition says; `autostart` and `running` are not in it.
    static func version(_ xml: XMLTree) -> Network.Version {
        let ip = xml.all("ip").first { $0["family"] ?? "ipv4" == "ipv4" }
        let prefix = ip.flatMap {
            $0["prefix"].flatMap { Int($0) } ?? $0["netmask"].flatMap { IPv4Network.prefix(netmask: $0) }
        }
        var cidr: String?
        if let address = ip?["address"], let prefix {
            let range = IPv4Network("\(address)/\(prefix)")
            // The host's address is told where it is not the first one.
            let isFirst = range.flatMap { IPv4Network($0.text) }?.host == range?.host
            cidr = isFirst ? range?.text : "\(address)/\(prefix)"
        }
        let dns = xml.first("dns")
        return Network.Version(
            uuid: xml.first("uuid")?.text ?? "", name: xml.first("name")?.text ?? "",
            mode: xml.first("forward").map { $0["mode"] ?? "nat" } ?? "isolated", bridge: xml.first("bridge")?["name"],
            cidr: cidr, dhcp: ip?.first("dhcp").map { dhcp($0) },
            dns: NetworkDNS(
                enabled: dns?["enable"] != "no", domain: xml.first("domain")?["name"],
                forwarders: dns?.all("forwarder").compactMap { $0["addr"] }.orNil,
                hosts: dns?.all("host").map { host in
                    NetworkDNS.Host(ip: host["ip"] ?? "", names: host.all("hostname").map(\.text))
                }.orNil))
    }

    private static func dhcp(_ xml: XMLTree) -> NetworkDHCP {
        let range = xml.first("range")
        let hosts = xml.all("host").map { NetworkDHCP.Host(mac: $0["mac"], ip: $0["ip"], name: $0["name"]) }
        return NetworkDHCP(start: range?["start"], end: range?["end"], hosts: hosts.orNil)
    }
}

extension Array {
    /// Nil for none, so that what is left out and what is empty are the same.
    var orNil: [Element]? { isEmpty ? nil : self }
}
