import CLibvirt
import Glibc
import Synchronization

/// Reads, makes, changes and removes networks.
struct NetworkKeeper: Sendable {
    /// Bridges of the host that networks of the mode `bridge` may use.
    let bridges: [String]
    let sightings: Sightings

    func networks(_ connection: Connection, named name: String? = nil) throws(Problem) -> [Network] {
        var networks: [Network] = []
        for handle in try connection.networks() {
            guard let network = try PoolKeeper.present({ () throws(Problem) in try read(handle) }) else { continue }
            if name == nil || network.version.name == name { networks.append(network) }
        }
        return networks.sorted { $0.version.name < $1.version.name }
    }

    func read(_ handle: Handle) throws(Problem) -> Network {
        let what = "reading a network"
        let isActive = virNetworkIsActive(handle.pointer) == 1
        let live = NetworkXML.version(try xml(handle, 0))
        let isPersistent = virNetworkIsPersistent(handle.pointer) == 1
        let defined =
            isActive && isPersistent
            ? NetworkXML.version(try xml(handle, UInt32(VIR_NETWORK_XML_INACTIVE.rawValue))) : live
        var autostart: Int32 = 0
        if isPersistent { try Connection.check(virNetworkGetAutostart(handle.pointer, &autostart), what) }
        var version = defined
        version.autostart = autostart != 0
        version.running = isActive
        let pending = isActive ? NetworkKeeper.differences(defined, live) : []
        let network = Network(
            version: version, status: Network.Status(pending: pending, bridge: isActive ? live.bridge : nil))
        try sightings.note(
            network, as: .init(kind: .network, id: version.uuid), name: version.name,
            live: pending.joined(separator: " "))
        return network
    }

    private func xml(_ handle: Handle, _ flags: UInt32) throws(Problem) -> XMLTree {
        let what = "reading a network"
        return try XMLTreeReader.read(try Connection.text(virNetworkGetXMLDesc(handle.pointer, flags), what))
    }

    private static func differences(_ defined: Network.Version, _ live: Network.Version) -> [String] {
        var names: [String] = []
        if defined.mode != live.mode { names.append("/mode") }
        if defined.bridge != live.bridge { names.append("/bridge") }
        if defined.cidr != live.cidr { names.append("/cidr") }
        if defined.dhcp != live.dhcp { names.append("/dhcp") }
        if defined.dns != live.dns { names.append("/dns") }
        return names
    }

    // MARK: Changing

    func create(_ connection: Connection, _ uuid: String, _ spec: NetworkSpec) throws(Problem) -> Network {
        let wanted = try version(uuid, spec)
        if let other = virNetworkLookupByName(connection.pointer, spec.name) {
            let handle = Handle(other, release: virNetworkFree)
            let owner = Connection.uuid { virNetworkGetUUIDString(handle.pointer, $0) }
            throw Problem.conflict(
                "The network \(owner) has the name \(spec.name) already.",
                errors: [Problem.Fault(pointer: "/name", detail: "Choose another name, or change that network.")])
        }
        let handle = try define(connection, NetworkXML.tree(wanted))
        do throws(Problem) {
            try settle(handle, spec)
            return try read(handle)
        } catch {
            _ = virNetworkDestroy(handle.pointer)
            _ = virNetworkUndefine(handle.pointer)
            throw error
        }
    }

    func update(
        _ connection: Connection, _ handle: Handle, _ network: Network, _ spec: NetworkSpec
    ) throws(Problem) -> Network {
        var wanted = try version(network.version.uuid, spec)
        guard wanted.name == network.version.name else {
            throw Problem.conflict(
                "The network would have to be replaced.",
                errors: [Problem.Fault(pointer: "/name", detail: "This cannot be changed. Make another network.")])
        }
        // libvirt has chosen a bridge when nobody else did.
        wanted.bridge = wanted.bridge ?? (wanted.mode == network.version.mode ? network.version.bridge : nil)
        wanted.autostart = network.version.autostart
        wanted.running = network.version.running
        if !NetworkKeeper.isSame(wanted, network.version) {
            let old = network.version
            if virNetworkIsActive(handle.pointer) == 1 {
                try NetworkLiveChange(handle: handle).apply(from: NetworkXML.version(try xml(handle, 0)), to: wanted)
            }
            var xml = try XMLTreeReader.read(
                try Connection.text(
                    virNetworkGetXMLDesc(handle.pointer, UInt32(VIR_NETWORK_XML_INACTIVE.rawValue)), "reading a network"
                ))
            let tree = NetworkXML.tree(wanted)
            for name in ["forward", "bridge", "domain", "dns", "ip"] {
                // The MAC address of the bridge and other choices of libvirt's stay.
                if name == "bridge", old.bridge == wanted.bridge, old.mode == wanted.mode { continue }
                if name == "forward", old.mode == wanted.mode { continue }
                xml.remove(name)
                if let child = tree.first(name) { xml.children.append(child) }
            }
            _ = try define(connection, xml)
        }
        try settle(handle, spec)
        return try read(handle)
    }

    private static func isSame(_ one: Network.Version, _ other: Network.Version) -> Bool {
        differences(one, other).isEmpty
    }

    private static let defining = Mutex(())

    private func define(_ connection: Connection, _ xml: XMLTree) throws(Problem) -> Handle {
        // libvirt gives two networks that are defined at the same moment the same bridge, and cannot start the second.
        let document = xml.document
        let address = NetworkKeeper.defining.withLock { _ in
            UInt(bitPattern: virNetworkDefineXML(connection.pointer, document))
        }
        guard let pointer = OpaquePointer(bitPattern: address) else {
            throw Problem.libvirt(doing: "defining the network \(xml.first("name")?.text ?? "")")
        }
        return Handle(pointer, release: virNetworkFree)
    }

    private func settle(_ handle: Handle, _ spec: NetworkSpec) throws(Problem) {
        let autostart: Int32 = spec.autostart ?? true ? 1 : 0
        try Connection.check(virNetworkSetAutostart(handle.pointer, autostart), "setting autostart of a network")
        let isActive = virNetworkIsActive(handle.pointer) == 1
        let running = spec.running ?? true
        if running, !isActive {
            try start(handle, spec.name)
        }
        if !running, isActive {
            try Connection.check(virNetworkDestroy(handle.pointer), "stopping the network \(spec.name)")
        }
    }

    private func start(_ handle: Handle, _ name: String) throws(Problem) {
        let what = "starting the network \(name)"
        guard virNetworkCreate(handle.pointer) < 0 else { return }
        var problem = Problem.libvirt(doing: what)
        // A gateway before this one may have been at it when it was told to stop.
        guard virNetworkIsActive(handle.pointer) != 1 else { return }
        guard virNetworkIsActive(handle.pointer) == 0,
            let remains = NetworkRemains(of: try xml(handle, UInt32(VIR_NETWORK_XML_INACTIVE.rawValue)))
        else { throw problem }
        guard remains.remove() else {
            problem.detail = "\(problem.detail ?? what). \(remains.advice)"
            throw problem
        }
        try Connection.check(virNetworkCreate(handle.pointer), what)
    }

    func delete(_ handle: Handle) throws(Problem) {
        if virNetworkIsActive(handle.pointer) == 1 {
            try Connection.check(virNetworkDestroy(handle.pointer), "stopping a network")
        }
        guard virNetworkIsPersistent(handle.pointer) == 1 else { return }
        try Connection.check(virNetworkUndefine(handle.pointer), "removing a network")
    }

    // MARK: What is asked for

    /// What the client wants, in the form in which it is read back.
    private func version(_ uuid: String, _ spec: NetworkSpec) throws(Problem) -> Network.Version {
        try NetworkSpecCheck(bridges: bridges).check(spec)
        let mode = spec.mode ?? "nat"
        let range = spec.cidr.flatMap { IPv4Network($0) }
        let isFirst = range.flatMap { IPv4Network($0.text) }?.host == range?.host
        return Network.Version(
            uuid: uuid, name: spec.name, mode: mode, bridge: spec.bridge, cidr: isFirst ? range?.text : spec.cidr,
            dhcp: spec.dhcp.map { NetworkDHCP(start: $0.start, end: $0.end, hosts: $0.hosts?.orNil) },
            dns: NetworkDNS(
                enabled: mode == "bridge" ? true : spec.dns?.enabled ?? true, domain: spec.dns?.domain,
                forwarders: mode == "bridge" ? nil : spec.dns?.forwarders?.orNil,
                hosts: mode == "bridge" ? nil : spec.dns?.hosts?.orNil))
    }

    // MARK: Leases

    func leases(_ handle: Handle) throws(Problem) -> [Lease] {
        var list: UnsafeMutablePointer<virNetworkDHCPLeasePtr?>?
        let count = virNetworkGetDHCPLeases(handle.pointer, nil, &list, 0)
        try Connection.check(count, "reading the leases of a network")
        guard let list else { return [] }
        defer { free(list) }
        return (0..<Int(count)).compactMap { index in
            guard let lease = list[index] else { return nil }
            defer { virNetworkDHCPLeaseFree(lease) }
            guard let mac = lease.pointee.mac, let ip = lease.pointee.ipaddr else { return nil }
            return Lease(
                mac: String(cString: mac), ip: String(cString: ip),
                hostname: lease.pointee.hostname.map { String(cString: $0) },
                expires: lease.pointee.expirytime == 0 ? nil : lease.pointee.expirytime)
        }
    }
}
