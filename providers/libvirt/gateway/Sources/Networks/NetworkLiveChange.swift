import CLibvirt

/// Changes what libvirt can change of a running network: hosts and ranges of DHCP, hosts of DNS.
struct NetworkLiveChange {
    let handle: Handle

    func apply(from old: Network.Version, to new: Network.Version) throws(Problem) {
        // Without a DHCP or DNS server that runs there is nothing to tell; the next start does it.
        if let oldDHCP = old.dhcp, let newDHCP = new.dhcp, old.cidr == new.cidr {
            let section = VIR_NETWORK_SECTION_IP_DHCP_HOST
            let (before, after) = (oldDHCP.hosts ?? [], newDHCP.hosts ?? [])
            for host in before where !after.contains(host) {
                try update(VIR_NETWORK_UPDATE_COMMAND_DELETE, section, NetworkXML.host(host))
            }
            for host in after where !before.contains(host) {
                try update(VIR_NETWORK_UPDATE_COMMAND_ADD_LAST, section, NetworkXML.host(host))
            }
        }
        guard old.dns.enabled == new.dns.enabled, new.dns.enabled != false else { return }
        let (before, after) = (old.dns.hosts ?? [], new.dns.hosts ?? [])
        for host in before where !after.contains(host) {
            try update(VIR_NETWORK_UPDATE_COMMAND_DELETE, VIR_NETWORK_SECTION_DNS_HOST, NetworkXML.host(host))
        }
        for host in after where !before.contains(host) {
            try update(VIR_NETWORK_UPDATE_COMMAND_ADD_LAST, VIR_NETWORK_SECTION_DNS_HOST, NetworkXML.host(host))
        }
    }

    private func update(_ command: virNetworkUpdateCommand, _ section: virNetworkUpdateSection, _ xml: XMLTree)
        throws(Problem)
    {
        let result = virNetworkUpdate(
            handle.pointer, UInt32(command.rawValue), UInt32(section.rawValue), -1, xml.document,
            UInt32(VIR_NETWORK_UPDATE_AFFECT_LIVE.rawValue))
        try Connection.check(result, "changing a running network")
    }
}
