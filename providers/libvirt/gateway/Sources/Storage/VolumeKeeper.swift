import CLibvirt
import Glibc

/// Reads, makes, grows and removes volumes.
struct VolumeKeeper: Sendable {
    /// Nil for whoever tells nobody what he reads.
    var sightings: Sightings?

    func volumes(_ connection: Connection, pool uuid: String?, named name: String?) throws(Problem) -> [Volume] {
        var volumes: [Volume] = []
        let pools: [Handle]
        if let uuid { pools = [try connection.pool(uuid)] } else { pools = try connection.pools() }
        let finder = VolumeFinder(connection)
        for pool in pools where virStoragePoolIsActive(pool.pointer) == 1 {
            let uuid = Connection.uuid { virStoragePoolGetUUIDString(pool.pointer, $0) }
            guard let handles = try PoolKeeper.present({ () throws(Problem) in try connection.volumes(in: pool) })
            else {
                continue
            }
            for handle in handles {
                if let name, virStorageVolGetName(handle.pointer).map({ String(cString: $0) }) != name { continue }
                if let volume = try read(handle, pool: uuid, finder) { volumes.append(volume) }
            }
        }
        return volumes.sorted { ($0.version.pool, $0.version.name) < ($1.version.pool, $1.version.name) }
    }

    func volume(_ connection: Connection, _ reference: VolumeReference) throws(Problem) -> Volume {
        let pool = try connection.pool(reference.pool)
        let handle = try connection.volume(reference.volume, in: pool)
        guard let volume = try read(handle, pool: reference.pool, VolumeFinder(connection)) else {
            throw Problem.missing("The file of the volume \(reference.volume) is gone.")
        }
        return volume
    }

    /// Nil where the volume's file is gone, which libvirt does not see by itself.
    private func read(_ handle: Handle, pool: String, _ finder: VolumeFinder) throws(Problem) -> Volume? {
        let what = "reading a volume"
        guard let raw = virStorageVolGetPath(handle.pointer) else { return nil }
        let path = try Connection.text(raw, what)
        var info = virStorageVolInfo()
        guard virStorageVolGetInfo(handle.pointer, &info) == 0 else {
            let problem = Problem.libvirt(doing: what)
            if problem.isMissing || access(path, F_OK) != 0 { return nil }
            throw problem
        }
        let xml = try XMLTreeReader.read(try Connection.text(virStorageVolGetXMLDesc(handle.pointer, 0), what))
        let backing = xml.at("backingStore", "path")?.text
        let volume = Volume(
            version: Volume.Version(
                pool: pool, name: xml.first("name")?.text ?? "", path: path, capacity: info.capacity,
                format: xml.at("target", "format")?["type"] ?? "raw", backing: backing.map { finder.find(path: $0) }),
            allocation: info.allocation)
        try sightings?.note(
            volume, as: .init(kind: .volume, id: volume.version.name, pool: pool), name: volume.version.name)
        return volume
    }

    // MARK: Changing

    func create(_ connection: Connection, _ reference: VolumeReference, _ spec: VolumeSpec) throws(Problem) -> Volume {
        let pool = try runningPool(connection, reference.pool)
        let format = spec.format ?? "qcow2"
        var backing: (path: String, format: String, capacity: UInt64)?
        if let wanted = spec.backing { backing = try self.backing(connection, wanted, format) }
        guard let capacity = (spec.capacity ?? backing?.capacity).map({ VolumeKeeper.rounded($0) }) else {
            throw Problem.unprocessable("/capacity", "This is required where there is no `backing` to take it from.")
        }
        if let backing, capacity < backing.capacity {
            throw Problem.unprocessable(
                "/capacity", "The volume behind it has \(backing.capacity) bytes; less does not hold it.")
        }
        let xml = XMLTree(
            "volume",
            [
                XMLTree("name", text: reference.volume),
                XMLTree("capacity", ["unit": "bytes"], text: "\(capacity)"),
                XMLTree("allocation", ["unit": "bytes"], text: "0"),
                XMLTree("target", [XMLTree("format", ["type": format])]),
                backing.map { backing in
                    XMLTree(
                        "backingStore",
                        [XMLTree("path", text: backing.path), XMLTree("format", ["type": backing.format])])
                },
            ])
        // A file that came or went without libvirt is in the way otherwise; while others are written it is not looked for.
        _ = try PoolKeeper.refresh(pool)
        guard let pointer = virStorageVolCreateXML(pool.pointer, xml.document, 0) else {
            throw Problem.libvirt(doing: "making the volume \(reference.volume)")
        }
        _ = Handle(pointer, release: virStorageVolFree)
        return try volume(connection, reference)
    }

    private func runningPool(_ connection: Connection, _ uuid: String) throws(Problem) -> Handle {
        let pool = try connection.pool(uuid)
        guard virStoragePoolIsActive(pool.pointer) == 1 else {
            throw Problem.conflict("The pool \(uuid) is not running. Start it first: PUT it with \"running\": true.")
        }
        return pool
    }

    private func backing(
        _ connection: Connection, _ reference: VolumeReference, _ format: String
    ) throws(Problem) -> (path: String, format: String, capacity: UInt64) {
        guard format == "qcow2" else {
            throw Problem.unprocessable("/format", "Only qcow2 can be an overlay of another volume.")
        }
        let found = try Connection.optional { () throws(Problem) in
            try connection.volume(reference.volume, in: try connection.pool(reference.pool))
        }
        guard found != nil else {
            throw Problem.unprocessable(
                "/backing", "There is no volume \(reference.volume) in the pool \(reference.pool).")
        }
        let volume = try volume(connection, reference)
        return (volume.version.path, volume.version.format, volume.version.capacity)
    }

    func update(
        _ connection: Connection, _ reference: VolumeReference, _ volume: Volume, _ spec: VolumeSpec
    ) throws(Problem) -> Volume {
        var faults: [Problem.Fault] = []
        let why = "This cannot be changed. Make another volume."
        if spec.format ?? "qcow2" != volume.version.format {
            faults.append(Problem.Fault(pointer: "/format", detail: why))
        }
        if spec.backing != volume.version.backing?.reference {
            faults.append(Problem.Fault(pointer: "/backing", detail: why))
        }
        let wanted = VolumeKeeper.rounded(spec.capacity ?? volume.version.capacity)
        if wanted < volume.version.capacity {
            let detail = "The volume has \(volume.version.capacity) bytes, and only grows."
            faults.append(Problem.Fault(pointer: "/capacity", detail: detail))
        }
        guard faults.isEmpty else { throw Problem.conflict("The volume would have to be replaced.", errors: faults) }
        if wanted > volume.version.capacity { try grow(connection, reference, volume.version.path, to: wanted) }
        return try self.volume(connection, reference)
    }

    /// libvirt makes images of whole KiB.
    private static func rounded(_ capacity: UInt64) -> UInt64 { (capacity + 1023) / 1024 * 1024 }

    private func grow(
        _ connection: Connection, _ reference: VolumeReference, _ path: String, to capacity: UInt64
    ) throws(Problem) {
        // A file that a running guest has open is QEMU's to grow, and the guest sees its disk grow.
        if let (domain, target) = try DomainDisks.running(on: path, reference, connection) {
            let flag = UInt32(VIR_DOMAIN_BLOCK_RESIZE_BYTES.rawValue)
            try Connection.check(
                virDomainBlockResize(domain.pointer, target, capacity, flag),
                "growing the disk \(target) of a running domain")
            return
        }
        let handle = try connection.volume(reference.volume, in: try connection.pool(reference.pool))
        try Connection.check(virStorageVolResize(handle.pointer, capacity, 0), "growing the volume \(reference.volume)")
    }

    /// Makes a raw volume anew if anything was ever written to it: zeros without writing them.
    func empty(_ connection: Connection, _ reference: VolumeReference) throws(Problem) {
        let volume = try volume(connection, reference)
        guard volume.allocation > 0 else { return }
        try delete(connection, reference, volume)
        let spec = VolumeSpec(capacity: volume.version.capacity, format: "raw", backing: nil)
        _ = try create(connection, reference, spec)
    }

    func delete(_ connection: Connection, _ reference: VolumeReference, _ volume: Volume) throws(Problem) {
        if let (domain, target) = try DomainDisks.running(on: volume.version.path, reference, connection) {
            let name = virDomainGetName(domain.pointer).map { String(cString: $0) } ?? ""
            throw Problem.conflict(
                "The running domain \(name) uses it as \(target). Detach it there, or shut that down.")
        }
        let handle = try connection.volume(reference.volume, in: try connection.pool(reference.pool))
        try Connection.check(virStorageVolDelete(handle.pointer, 0), "removing the volume \(reference.volume)")
    }
}

/// Tells which volume a path of the host is. What it has learned lasts as long as one request.
final class VolumeFinder {
    private let connection: Connection
    private var known: [String: ForeignVolume] = [:]

    init(_ connection: Connection) {
        self.connection = connection
    }

    func find(path: String) -> ForeignVolume {
        if let known = known[path] { return known }
        var found = ForeignVolume()
        if let pointer = virStorageVolLookupByPath(connection.pointer, path) {
            let volume = Handle(pointer, release: virStorageVolFree)
            found.volume = virStorageVolGetName(volume.pointer).map { String(cString: $0) }
            if let pool = virStoragePoolLookupByVolume(volume.pointer) {
                let handle = Handle(pool, release: virStoragePoolFree)
                found.pool = Connection.uuid { virStoragePoolGetUUIDString(handle.pointer, $0) }
            }
        }
        if found.reference == nil { found = ForeignVolume(path: path) }
        known[path] = found
        return found
    }
}
