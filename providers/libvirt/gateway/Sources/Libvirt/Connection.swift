import CLibvirt
import Glibc

/// A libvirt object that is given back when nobody holds it any more. Stays on the thread that got it.
final class Handle {
    let pointer: OpaquePointer
    private let release: (OpaquePointer) -> Int32

    init(_ pointer: OpaquePointer, release: @escaping (OpaquePointer) -> Int32) {
        self.pointer = pointer
        self.release = release
    }

    /// Of a domain.
    var uuid: String { Connection.uuid { virDomainGetUUIDString(pointer, $0) } }

    deinit { _ = release(pointer) }
}

/// An open connection, on a thread where its calls may block.
struct Connection {
    let pointer: OpaquePointer

    /// Throws what libvirt complained of when `result` says that it failed.
    @discardableResult
    static func check(_ result: Int32, _ what: @autoclosure () -> String) throws(Problem) -> Int32 {
        guard result >= 0 else { throw Problem.libvirt(doing: what()) }
        return result
    }

    /// A text that libvirt has allocated.
    static func text(
        _ pointer: UnsafeMutablePointer<CChar>?, _ what: @autoclosure () -> String
    ) throws(Problem) -> String {
        guard let pointer else { throw Problem.libvirt(doing: what()) }
        defer { free(pointer) }
        return String(cString: pointer)
    }

    /// UUIDs are 36 characters and a zero.
    static func uuid(_ read: (UnsafeMutablePointer<CChar>) -> Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(VIR_UUID_STRING_BUFLEN)) { buffer in
            buffer.initialize(repeating: 0)
            guard let base = buffer.baseAddress, read(base) == 0 else { return "" }
            return String(cString: base)
        }
    }

    // MARK: Finding one

    func domain(_ uuid: String) throws(Problem) -> Handle {
        guard let domain = virDomainLookupByUUIDString(pointer, uuid) else {
            throw Problem.libvirt(doing: "looking for the domain \(uuid)")
        }
        return Handle(domain, release: virDomainFree)
    }

    func network(_ uuid: String) throws(Problem) -> Handle {
        guard let network = virNetworkLookupByUUIDString(pointer, uuid) else {
            throw Problem.libvirt(doing: "looking for the network \(uuid)")
        }
        return Handle(network, release: virNetworkFree)
    }

    func pool(_ uuid: String) throws(Problem) -> Handle {
        guard let pool = virStoragePoolLookupByUUIDString(pointer, uuid) else {
            throw Problem.libvirt(doing: "looking for the pool \(uuid)")
        }
        return Handle(pool, release: virStoragePoolFree)
    }

    func volume(_ name: String, in pool: Handle) throws(Problem) -> Handle {
        guard let volume = virStorageVolLookupByName(pool.pointer, name) else {
            throw Problem.libvirt(doing: "looking for the volume \(name)")
        }
        return Handle(volume, release: virStorageVolFree)
    }

    /// Nil where `find` says that there is none.
    static func optional(_ find: () throws(Problem) -> Handle) throws(Problem) -> Handle? {
        do {
            return try find()
        } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    // MARK: Finding all

    typealias Objects = UnsafeMutablePointer<OpaquePointer?>

    func domains() throws(Problem) -> [Handle] {
        var list: Objects?
        let count = virConnectListAllDomains(pointer, &list, 0)
        return try Connection.handles(list, count, virDomainFree, "listing domains")
    }

    func networks() throws(Problem) -> [Handle] {
        var list: Objects?
        let count = virConnectListAllNetworks(pointer, &list, 0)
        return try Connection.handles(list, count, virNetworkFree, "listing networks")
    }

    func pools() throws(Problem) -> [Handle] {
        var list: Objects?
        let count = virConnectListAllStoragePools(pointer, &list, 0)
        return try Connection.handles(list, count, virStoragePoolFree, "listing pools")
    }

    func volumes(in pool: Handle) throws(Problem) -> [Handle] {
        var list: Objects?
        let count = virStoragePoolListAllVolumes(pool.pointer, &list, 0)
        return try Connection.handles(list, count, virStorageVolFree, "listing volumes")
    }

    private static func handles(
        _ list: Objects?, _ count: Int32, _ release: @escaping (OpaquePointer) -> Int32, _ what: String
    ) throws(Problem) -> [Handle] {
        try check(count, what)
        guard let list else { return [] }
        defer { free(list) }
        return (0..<Int(count)).compactMap { index in list[index].map { Handle($0, release: release) } }
    }
}
