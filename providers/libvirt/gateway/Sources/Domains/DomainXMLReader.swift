import CLibvirt

/// Reads a domain from libvirt's words. What it has learned of networks and pools lasts as long as one request.
final class DomainXMLReader {
    private let connection: Connection
    private let finder: VolumeFinder
    private var networkUUIDs: [String: String]?
    private var poolUUIDs: [String: String]?

    init(_ connection: Connection) {
        self.connection = connection
        finder = VolumeFinder(connection)
    }

    /// What a definition says; `autostart` and `running` are not in it.
    func version(_ xml: XMLTree) throws(Problem) -> Domain.Version {
        let os = xml.first("os")
        var version = Domain.Version(uuid: xml.first("uuid")?.text ?? "", name: xml.first("name")?.text ?? "")
        version.type = xml["type"] ?? ""
        version.machine = DomainXMLReader.machine(os?.first("type")?["machine"] ?? "")
        version.firmware = os?["firmware"] == "efi" || os?.first("loader")?["type"] == "pflash" ? "uefi" : "bios"
        version.maxVcpus = xml.first("vcpu").flatMap { Int($0.text) } ?? 1
        version.vcpus = xml.first("vcpu")?["current"].flatMap { Int($0) } ?? version.maxVcpus
        version.maxMemory = DomainXMLReader.bytes(xml.first("memory"))
        version.memory = xml.first("currentMemory").map { DomainXMLReader.bytes($0) } ?? version.maxMemory
        version.boot = boot(os)
        let devices = xml.first("devices")
        for disk in devices?.all("disk") ?? [] { version.disks.append(try self.disk(disk)) }
        version.disks.sort { $0.target < $1.target }
        for interface in devices?.all("interface") ?? [] { version.interfaces.append(try self.interface(interface)) }
        version.guestAgent = (devices?.all("channel") ?? []).contains {
            $0.first("target")?["name"] == "org.qemu.guest_agent.0"
        }
        version.description = xml.first("description").flatMap { $0.text.isEmpty ? nil : $0.text }
        version.metadata = DomainXMLReader.metadata(xml.first("metadata"))
        return version
    }

    /// libvirt writes the version of a machine: pc-q35-7.2.
    private static func machine(_ name: String) -> String {
        if name.hasPrefix("pc-q35") { return "q35" }
        if name.hasPrefix("pc-i440fx") { return "pc" }
        return name
    }

    private static let units: [String: UInt64] = [
        "b": 1, "bytes": 1, "KB": 1000, "k": 1024, "KiB": 1024, "MB": 1_000_000, "M": 1 << 20, "MiB": 1 << 20,
        "GB": 1_000_000_000, "G": 1 << 30, "GiB": 1 << 30,
    ]

    static func bytes(_ element: XMLTree?) -> UInt64 {
        guard let element, let count = UInt64(element.text) else { return 0 }
        return count.multipliedReportingOverflow(by: units[element["unit"] ?? "KiB"] ?? 1024).partialValue
    }

    private func boot(_ os: XMLTree?) -> Domain.Boot {
        let words = ["hd": "disk", "cdrom": "cdrom", "network": "network"]
        return Domain.Boot(
            kernel: os?.first("kernel").map { finder.find(path: $0.text) },
            initrd: os?.first("initrd").map { finder.find(path: $0.text) }, cmdline: os?.first("cmdline")?.text,
            order: (os?.all("boot") ?? []).compactMap { $0["dev"] }.map { words[$0] ?? $0 })
    }

    private func disk(_ xml: XMLTree) throws(Problem) -> Domain.Disk {
        Domain.Disk(
            target: xml.first("target")?["dev"] ?? "", device: xml["device"] ?? "disk",
            bus: xml.first("target")?["bus"] ?? "",
            source: try source(of: xml), readOnly: xml.first("readonly") != nil, serial: xml.first("serial")?.text)
    }

    private func source(of xml: XMLTree) throws(Problem) -> ForeignVolume {
        let source = xml.first("source")
        if let pool = source?["pool"], let volume = source?["volume"] {
            return ForeignVolume(pool: try poolUUID(pool), volume: volume)
        }
        guard let path = source?["file"] ?? source?["dev"] ?? source?["dir"] ?? source?["name"] else {
            return ForeignVolume()
        }
        return finder.find(path: path)
    }

    private func interface(_ xml: XMLTree) throws(Problem) -> Domain.Interface {
        let source = xml.first("source")
        let network = source?["network"]
        return Domain.Interface(
            network: try network.flatMap { (name) throws(Problem) in try networkUUID(name) },
            source: network == nil ? source?.attributes.first?.value ?? xml["type"] : nil,
            mac: xml.first("mac")?["address"] ?? "", model: xml.first("model")?["type"] ?? "")
    }

    private static func metadata(_ xml: XMLTree?) -> [String: String] {
        // Whoever defined it may have chosen another prefix for the namespace.
        let ours = xml?.children.first { element in
            element.attributes.contains { $0.name.hasPrefix("xmlns") && $0.value == DomainXML.namespace }
        }
        let pairs = (ours?.children ?? []).compactMap { item in item["name"].map { ($0, item["value"] ?? "") } }
        return Dictionary(pairs) { $1 }
    }

    // MARK: Names

    private func networkUUID(_ name: String) throws(Problem) -> String? {
        try networks()[name]
    }

    private func poolUUID(_ name: String) throws(Problem) -> String? {
        try pools()[name]
    }

    /// UUIDs by names.
    func networks() throws(Problem) -> [String: String] {
        if let networkUUIDs { return networkUUIDs }
        var found: [String: String] = [:]
        for network in try connection.networks() {
            guard let name = virNetworkGetName(network.pointer) else { continue }
            found[String(cString: name)] = Connection.uuid { virNetworkGetUUIDString(network.pointer, $0) }
        }
        networkUUIDs = found
        return found
    }

    /// UUIDs by names.
    func pools() throws(Problem) -> [String: String] {
        if let poolUUIDs { return poolUUIDs }
        var found: [String: String] = [:]
        for pool in try connection.pools() {
            guard let name = virStoragePoolGetName(pool.pointer) else { continue }
            found[String(cString: name)] = Connection.uuid { virStoragePoolGetUUIDString(pool.pointer, $0) }
        }
        poolUUIDs = found
        return found
    }
}
