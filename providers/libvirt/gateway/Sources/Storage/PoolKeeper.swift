import CLibvirt

/// Reads, makes, changes and removes storage pools.
struct PoolKeeper: Sendable {
    /// Folders below which pools may lie.
    let roots: PathRoots
    let sightings: Sightings

    func pools(_ connection: Connection, named name: String? = nil) throws(Problem) -> [Pool] {
        var pools: [Pool] = []
        for handle in try connection.pools() {
            // Whoever goes while we look is not there.
            guard let pool = try PoolKeeper.present({ () throws(Problem) in try read(handle) }) else { continue }
            if name == nil || pool.version.name == name { pools.append(pool) }
        }
        return pools.sorted { $0.version.name < $1.version.name }
    }

    /// Nil where the thing went away in the meantime.
    static func present<Result>(_ read: () throws(Problem) -> Result) throws(Problem) -> Result? {
        do {
            return try read()
        } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    private static let states = ["inactive", "building", "running", "degraded", "inaccessible"]

    func read(_ handle: Handle) throws(Problem) -> Pool {
        let what = "reading a pool"
        let text = try Connection.text(virStoragePoolGetXMLDesc(handle.pointer, 0), what)
        let xml = try XMLTreeReader.read(text)
        var info = virStoragePoolInfo()
        try Connection.check(virStoragePoolGetInfo(handle.pointer, &info), what)
        var autostart: Int32 = 0
        try Connection.check(virStoragePoolGetAutostart(handle.pointer, &autostart), what)
        let state = Int(info.state)
        let pool = Pool(
            version: Pool.Version(
                uuid: Connection.uuid { virStoragePoolGetUUIDString(handle.pointer, $0) },
                name: xml.first("name")?.text ?? "", type: xml["type"] ?? "", target: xml.at("target", "path")?.text,
                autostart: autostart != 0, running: virStoragePoolIsActive(handle.pointer) == 1),
            status: Pool.Status(
                state: PoolKeeper.states.indices.contains(state) ? PoolKeeper.states[state] : "inaccessible",
                capacity: info.capacity, allocation: info.allocation, available: info.available))
        try sightings.note(pool, as: .init(kind: .pool, id: pool.version.uuid), name: pool.version.name)
        return pool
    }

    // MARK: Changing

    func create(_ connection: Connection, _ uuid: String, _ spec: PoolSpec) throws(Problem) -> Pool {
        let target = try roots.checked(spec.target, pointer: "/target")
        if let other = virStoragePoolLookupByName(connection.pointer, spec.name) {
            let handle = Handle(other, release: virStoragePoolFree)
            let owner = Connection.uuid { virStoragePoolGetUUIDString(handle.pointer, $0) }
            throw Problem.conflict(
                "The pool \(owner) has the name \(spec.name) already.",
                errors: [Problem.Fault(pointer: "/name", detail: "Choose another name, or change that pool.")])
        }
        let xml = XMLTree(
            "pool", ["type": "dir"],
            [
                XMLTree("name", text: spec.name), XMLTree("uuid", text: uuid),
                XMLTree("target", [XMLTree("path", text: target)]),
            ])
        guard let pointer = virStoragePoolDefineXML(connection.pointer, xml.document, 0) else {
            throw Problem.libvirt(doing: "defining the pool \(spec.name)")
        }
        let handle = Handle(pointer, release: virStoragePoolFree)
        do throws(Problem) {
            try Connection.check(virStoragePoolBuild(handle.pointer, 0), "making the folder of the pool \(spec.name)")
            try settle(handle, autostart: spec.autostart ?? true, running: spec.running ?? true)
            return try read(handle)
        } catch {
            // A pool that could not be made leaves nothing.
            _ = virStoragePoolDestroy(handle.pointer)
            _ = virStoragePoolUndefine(handle.pointer)
            throw error
        }
    }

    func update(_ handle: Handle, _ pool: Pool, _ spec: PoolSpec) throws(Problem) -> Pool {
        var faults: [Problem.Fault] = []
        let why = "This cannot be changed. Make another pool."
        if spec.name != pool.version.name { faults.append(Problem.Fault(pointer: "/name", detail: why)) }
        if spec.type ?? "dir" != pool.version.type { faults.append(Problem.Fault(pointer: "/type", detail: why)) }
        if PathRoots.normal(spec.target) != pool.version.target {
            faults.append(Problem.Fault(pointer: "/target", detail: why))
        }
        guard faults.isEmpty else { throw Problem.conflict("The pool would have to be replaced.", errors: faults) }
        try settle(handle, autostart: spec.autostart ?? true, running: spec.running ?? true)
        return try read(handle)
    }

    private func settle(_ handle: Handle, autostart: Bool, running: Bool) throws(Problem) {
        try Connection.check(
            virStoragePoolSetAutostart(handle.pointer, autostart ? 1 : 0), "setting autostart of a pool")
        let isActive = virStoragePoolIsActive(handle.pointer) == 1
        if running, !isActive, virStoragePoolCreate(handle.pointer, 0) < 0 {
            let problem = Problem.libvirt(doing: "starting a pool")
            // libvirt starts it by itself after it was started anew.
            guard virStoragePoolIsActive(handle.pointer) == 1 else { throw problem }
        }
        if !running, isActive { try Connection.check(virStoragePoolDestroy(handle.pointer), "stopping a pool") }
    }

    /// Lets libvirt look for files that came or went without it. False: it does not while volumes of the pool are being
    /// built, written or wiped.
    static func refresh(_ handle: Handle) throws(Problem) -> Bool {
        guard virStoragePoolRefresh(handle.pointer, 0) < 0 else { return true }
        let problem = Problem.libvirt(doing: "looking into the pool")
        // libvirt has no code for that alone; a pool that cannot be looked into is stopped by it.
        guard problem.libvirt?.code == Problem.internalError, virStoragePoolIsActive(handle.pointer) == 1 else {
            throw problem
        }
        return false
    }

    static func busy(_ uuid: String) -> Problem {
        .conflict("Volumes of the pool \(uuid) are being written or built. Try again when that is done.")
    }

    enum Contents: String { case refuse, keep, delete }

    func delete(_ connection: Connection, _ handle: Handle, _ contents: Contents) throws(Problem) {
        if virStoragePoolIsActive(handle.pointer) == 1 {
            guard try PoolKeeper.refresh(handle) else {
                throw PoolKeeper.busy(Connection.uuid { virStoragePoolGetUUIDString(handle.pointer, $0) })
            }
            let volumes = try connection.volumes(in: handle)
            if !volumes.isEmpty, contents == .refuse {
                throw Problem.conflict(
                    "The pool has \(volumes.count) volumes. Delete them first, or say contents=delete or contents=keep."
                )
            }
            if contents == .delete {
                for volume in volumes {
                    try Connection.check(virStorageVolDelete(volume.pointer, 0), "removing a volume of a pool")
                }
            }
            try Connection.check(virStoragePoolDestroy(handle.pointer), "stopping a pool")
        }
        // Removes the folder if it is empty; a folder that holds other things stays.
        if contents != .keep { _ = virStoragePoolDelete(handle.pointer, 0) }
        try Connection.check(virStoragePoolUndefine(handle.pointer), "removing a pool")
    }
}
