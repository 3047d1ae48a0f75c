import CLibvirt
import Glibc

/// Reads, makes and removes domains.
struct DomainKeeper: Sendable {
    /// Folder of the files that guests' consoles are written to.
    let consoles: String
    let sightings: Sightings
    let untakenMemory = UntakenMemory()

    static let active = UInt32(VIR_DOMAIN_AFFECT_LIVE.rawValue)
    static let config = UInt32(VIR_DOMAIN_AFFECT_CONFIG.rawValue)

    func domains(_ connection: Connection, named name: String? = nil) throws(Problem) -> [Domain] {
        let reader = DomainXMLReader(connection)
        var domains: [Domain] = []
        for handle in try connection.domains() {
            if let name, virDomainGetName(handle.pointer).map({ String(cString: $0) }) != name { continue }
            guard let domain = try PoolKeeper.present({ () throws(Problem) in try read(handle, reader) }) else {
                continue
            }
            domains.append(domain)
        }
        return domains.sorted { $0.version.name < $1.version.name }
    }

    private static let states = [
        "no-state", "running", "blocked", "paused", "shutting-down", "shut-off", "crashed", "suspended",
    ]

    func read(_ handle: Handle, _ reader: DomainXMLReader) throws(Problem) -> Domain {
        let what = "reading a domain"
        var (state, reason): (Int32, Int32) = (0, 0)
        try Connection.check(virDomainGetState(handle.pointer, &state, &reason, 0), what)
        let isActive = virDomainIsActive(handle.pointer) == 1
        let isPersistent = virDomainIsPersistent(handle.pointer) == 1
        let live = isActive ? try reader.version(try DomainKeeper.xml(handle, 0)) : nil
        let inactive = UInt32(VIR_DOMAIN_XML_INACTIVE.rawValue)
        var version = try isPersistent || live == nil ? reader.version(try DomainKeeper.xml(handle, inactive)) : live
        var autostart: Int32 = 0
        if isPersistent { try Connection.check(virDomainGetAutostart(handle.pointer, &autostart), what) }
        version?.autostart = autostart != 0
        version?.running = isActive
        guard let version else { throw Problem.missing("The domain went away while it was read.") }
        let number = virDomainGetID(handle.pointer)
        let id = isActive && number != UInt32.max ? Int(number) : nil
        let lacksMemory = live.map { $0.lacksMemory(of: version) } ?? false
        if !lacksMemory { untakenMemory.forget(version.uuid) }
        let isMemoryPending =
            live.map { version.memory > $0.maxMemory } == true
            || lacksMemory && untakenMemory.holds(version.uuid, id, version.memory, had: live?.memory)
        var pending = live.map { version.differences($0).filter { $0 != "/memory" } } ?? []
        if isMemoryPending { pending.append("/memory") }
        let domain = Domain(
            version: version,
            status: Domain.Status(
                state: DomainKeeper.states.indices.contains(Int(state)) ? DomainKeeper.states[Int(state)] : "no-state",
                id: id, vcpus: live?.vcpus, memory: live?.memory, pending: pending,
                lacksMemory: lacksMemory && !isMemoryPending))
        // What the guest has of it belongs to it too: `virsh setmem` moves only that.
        let moving = ["\(live?.vcpus ?? 0)", "\(live?.memory ?? 0)"] + pending
        try sightings.note(
            domain, as: .init(kind: .domain, id: version.uuid), name: version.name,
            live: moving.joined(separator: " "))
        return domain
    }

    static func text(_ handle: Handle) throws(Problem) -> String {
        try Connection.text(virDomainGetXMLDesc(handle.pointer, 0), "reading a domain")
    }

    static func xml(_ handle: Handle, _ flags: UInt32) throws(Problem) -> XMLTree {
        let text = try Connection.text(virDomainGetXMLDesc(handle.pointer, flags), "reading a domain")
        return try XMLTreeReader.read(text)
    }

    // MARK: Making

    func create(_ connection: Connection, _ wanted: Domain.Version) throws(Problem) -> Domain {
        if let other = virDomainLookupByName(connection.pointer, wanted.name) {
            let handle = Handle(other, release: virDomainFree)
            let owner = Connection.uuid { virDomainGetUUIDString(handle.pointer, $0) }
            throw Problem.conflict(
                "The domain \(owner) has the name \(wanted.name) already.",
                errors: [Problem.Fault(pointer: "/name", detail: "Choose another name, or change that domain.")])
        }
        let around = try surroundings(connection, wanted)
        let flags = UInt32(VIR_DOMAIN_DEFINE_VALIDATE.rawValue)
        guard let pointer = virDomainDefineXMLFlags(connection.pointer, DomainXML.tree(wanted, around).document, flags)
        else {
            throw Problem.libvirt(doing: "defining the domain \(wanted.name)")
        }
        let handle = Handle(pointer, release: virDomainFree)
        do throws(Problem) {
            try setAutostart(handle, wanted.autostart)
            if wanted.running { try start(handle, wanted.name) }
            return try read(handle, DomainXMLReader(connection))
        } catch {
            // A domain that could not be made leaves nothing.
            try? undefine(handle, wanted.uuid)
            throw error
        }
    }

    func setAutostart(_ handle: Handle, _ autostart: Bool) throws(Problem) {
        try Connection.check(virDomainSetAutostart(handle.pointer, autostart ? 1 : 0), "setting autostart of a domain")
    }

    func start(_ handle: Handle, _ name: String) throws(Problem) {
        guard virDomainCreate(handle.pointer) < 0 else { return }
        let problem = Problem.libvirt(doing: "starting the domain \(name)")
        // A gateway before this one may have been at it when it was told to stop.
        guard virDomainIsActive(handle.pointer) == 1 else { throw problem }
    }

    /// What the definition needs to know; refuses what the domain must not get.
    func surroundings(_ connection: Connection, _ wanted: Domain.Version) throws(Problem) -> DomainXML.Surroundings {
        let reader = DomainXMLReader(connection)
        let networks = Dictionary(try reader.networks().map { ($0.value, $0.key) }) { $1 }
        let pools = Dictionary(try reader.pools().map { ($0.value, $0.key) }) { $1 }
        for (index, interface) in wanted.interfaces.enumerated() where interface.source == nil {
            guard let network = interface.network, networks[network] != nil else {
                throw Problem.unprocessable(
                    "/interfaces/\(index)/network", "There is no network \(interface.network ?? "").")
            }
        }
        var volumes: [VolumeReference: DomainXML.Surroundings.Image] = [:]
        for (pointer, volume) in DomainKeeper.volumes(wanted) {
            guard let reference = volume.reference, volumes[reference] == nil else { continue }
            let format = try ImageChain.check(connection, reference, pointer: pointer)
            let path = try VolumeKeeper().volume(connection, reference).version.path
            volumes[reference] = DomainXML.Surroundings.Image(path: path, format: format)
        }
        return DomainXML.Surroundings(
            networks: networks, pools: pools, volumes: volumes, console: consolePath(wanted.uuid))
    }

    private static func volumes(_ domain: Domain.Version) -> [(String, ForeignVolume)] {
        var volumes = domain.disks.map { ("/disks", $0.source) }
        if let kernel = domain.boot.kernel { volumes.append(("/boot/kernel", kernel)) }
        if let initrd = domain.boot.initrd { volumes.append(("/boot/initrd", initrd)) }
        return volumes
    }

    // MARK: Removing

    /// Turns it off if it runs, and removes all that libvirt and the gateway keep of it. Its volumes stay.
    func delete(_ handle: Handle, _ uuid: String) throws(Problem) {
        if virDomainIsActive(handle.pointer) == 1 {
            let isPersistent = virDomainIsPersistent(handle.pointer) == 1
            // Taken before anything else is asked, which would wipe the reason out.
            let refusal = virDomainDestroy(handle.pointer) < 0 ? Problem.libvirt(doing: "turning off a domain") : nil
            // It may have ended by itself in this moment.
            if let refusal, virDomainIsActive(handle.pointer) == 1 { throw refusal }
            if !isPersistent { return removeConsole(uuid) }
        }
        try undefine(handle, uuid)
    }

    private func undefine(_ handle: Handle, _ uuid: String) throws(Problem) {
        let flags = [
            VIR_DOMAIN_UNDEFINE_MANAGED_SAVE, VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA,
            VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA, VIR_DOMAIN_UNDEFINE_NVRAM,
        ].reduce(0) { $0 | UInt32($1.rawValue) }
        try Connection.check(virDomainUndefineFlags(handle.pointer, flags), "removing a domain")
        removeConsole(uuid)
    }

    func consolePath(_ uuid: String) -> String { "\(consoles)/\(uuid).log" }

    private func removeConsole(_ uuid: String) {
        untakenMemory.forget(uuid)
        unlink(consolePath(uuid))
    }
}
