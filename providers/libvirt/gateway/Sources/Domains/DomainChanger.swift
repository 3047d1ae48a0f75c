import CLibvirt
import Foundation

/// Changes a domain in place: its definition always, the running guest where libvirt can.
struct DomainChanger {
    /// How long a guest may take to let go of a device.
    private static let releaseTime = 5.0

    let connection: Connection
    let keeper: DomainKeeper
    let handle: Handle
    let domain: Domain

    /// Does not turn it on or off.
    func change(to wanted: Domain.Version) throws(Problem) {
        let foresight = DomainForesight(current: domain, wanted: wanted).changes
        let replacing = foresight.filter { $0.when == .replace }
        guard replacing.isEmpty else {
            throw Problem.conflict(
                "The domain would have to be replaced.",
                errors: replacing.map {
                    Problem.Fault(pointer: $0.attribute, detail: $0.reason ?? "This cannot be changed.")
                })
        }
        let around = try keeper.surroundings(connection, wanted)
        let differing = Set(domain.version.differences(wanted))
        if !differing.isSubset(of: ["/disks", "/interfaces"]) { try redefine(wanted, around, differing) }
        if differing.contains("/disks") { try changeDisks(wanted, around) }
        if differing.contains("/interfaces") { try changeInterfaces(wanted, around) }
        if domain.version.autostart != wanted.autostart { try keeper.setAutostart(handle, wanted.autostart) }
        if domain.version.running {
            let now = Set(foresight.filter { $0.when == .now }.map(\.attribute))
            try changeSizes(wanted, now)
            try changeWords(wanted, differing)
        }
    }

    // MARK: The definition

    private func redefine(
        _ wanted: Domain.Version, _ around: DomainXML.Surroundings, _ differing: Set<String>
    ) throws(Problem) {
        var xml = try DomainKeeper.xml(handle, UInt32(VIR_DOMAIN_XML_INACTIVE.rawValue))
        xml.set(DomainXML.memory(wanted))
        xml.set(DomainXML.currentMemory(wanted))
        let vcpu = DomainXML.vcpu(wanted)
        xml.set(vcpu)
        // It lists the processors that the guest had.
        xml.remove("vcpus")
        xml.remove("description")
        if let description = wanted.description { xml.children.append(XMLTree("description", text: description)) }
        setMetadata(wanted, &xml)
        if differing.contains("/boot"), var os = xml.first("os") {
            for name in ["kernel", "initrd", "cmdline", "boot"] { os.remove(name) }
            os.children += DomainXML.boot(wanted.boot, around)
            xml.set(os)
        }
        if differing.contains("/guest_agent"), var devices = xml.first("devices") {
            devices.children.removeAll {
                $0.name == "channel" && $0.first("target")?["name"] == "org.qemu.guest_agent.0"
            }
            if wanted.guestAgent { devices.children.append(DomainXML.agent()) }
            xml.set(devices)
        }
        guard let defined = virDomainDefineXMLFlags(connection.pointer, xml.document, 0) else {
            throw Problem.libvirt(doing: "changing the definition of the domain \(wanted.name)")
        }
        virDomainFree(defined)
    }

    /// Others' metadata stay.
    private func setMetadata(_ wanted: Domain.Version, _ xml: inout XMLTree) {
        var metadata = xml.first("metadata") ?? XMLTree("metadata")
        metadata.children.removeAll { element in
            element.attributes.contains { $0.name.hasPrefix("xmlns") && $0.value == DomainXML.namespace }
        }
        metadata.children += DomainXML.metadata(wanted.metadata)?.children ?? []
        xml.remove("metadata")
        if !metadata.children.isEmpty { xml.children.append(metadata) }
    }

    // MARK: The running guest

    private func changeSizes(_ wanted: Domain.Version, _ now: Set<String>) throws(Problem) {
        if now.contains("/vcpus") {
            let result = virDomainSetVcpusFlags(handle.pointer, UInt32(wanted.vcpus), DomainKeeper.active)
            try Connection.check(result, "adding processors to a running domain")
        }
        if now.contains("/memory") {
            let result = virDomainSetMemoryFlags(handle.pointer, UInt(wanted.memory / 1024), DomainKeeper.active)
            try Connection.check(result, "changing the memory of a running domain")
        }
    }

    private func changeWords(_ wanted: Domain.Version, _ differing: Set<String>) throws(Problem) {
        if differing.contains("/description") {
            let kind = Int32(VIR_DOMAIN_METADATA_DESCRIPTION.rawValue)
            let result = virDomainSetMetadata(handle.pointer, kind, wanted.description, nil, nil, DomainKeeper.active)
            try Connection.check(result, "describing a running domain")
        }
        guard differing.contains("/metadata") else { return }
        let kind = Int32(VIR_DOMAIN_METADATA_ELEMENT.rawValue)
        let items = wanted.metadata.sorted { $0.key < $1.key }.map {
            XMLTree("item", ["name": $0.key, "value": $0.value])
        }
        let text = wanted.metadata.isEmpty ? nil : XMLTree("metadata", items).document
        let result = virDomainSetMetadata(
            handle.pointer, kind, text, text == nil ? nil : "plumb", DomainXML.namespace, DomainKeeper.active)
        if result < 0,
            text != nil || virGetLastError().map({ $0.pointee.code }) != Int32(VIR_ERR_NO_DOMAIN_METADATA.rawValue)
        {
            throw Problem.libvirt(doing: "changing the metadata of a running domain")
        }
    }

    // MARK: Devices

    private func changeDisks(_ wanted: Domain.Version, _ around: DomainXML.Surroundings) throws(Problem) {
        let old = Dictionary(domain.version.disks.map { ($0.target, $0) }) { $1 }
        let new = Dictionary(wanted.disks.map { ($0.target, $0) }) { $1 }
        for target in Set(old.keys).union(new.keys).sorted() where old[target] != new[target] {
            if let disk = new[target], old[target]?.device == "cdrom", disk.device == "cdrom" {
                // Another medium in the same drive.
                try update(DomainXML.disk(disk, around), "changing the medium of \(target)")
                continue
            }
            let isPluggable =
                (new[target] ?? old[target])?.bus == "virtio" || (new[target] ?? old[target])?.bus == "scsi"
            if old[target] != nil {
                try detach("detaching the disk \(target)", live: isPluggable) { xml in
                    xml.name == "disk" && xml.first("target")?["dev"] == target
                }
            }
            if let disk = new[target] {
                try attach(DomainXML.disk(disk, around), "attaching the disk \(target)", live: isPluggable)
            }
        }
    }

    private func changeInterfaces(_ wanted: Domain.Version, _ around: DomainXML.Surroundings) throws(Problem) {
        let old = Dictionary(domain.version.interfaces.map { ($0.mac, $0) }) { $1 }
        let new = Dictionary(wanted.interfaces.map { ($0.mac, $0) }) { $1 }
        for interface in domain.version.interfaces where new[interface.mac] != interface {
            try detach("detaching the interface \(interface.mac)", live: true) { xml in
                xml.name == "interface" && xml.first("mac")?["address"] == interface.mac
            }
        }
        for interface in wanted.interfaces where old[interface.mac] != interface {
            try attach(DomainXML.interface(interface, around), "attaching the interface \(interface.mac)", live: true)
        }
    }

    private var isRunning: Bool { virDomainIsActive(handle.pointer) == 1 }

    private func attach(_ xml: XMLTree, _ what: String, live: Bool) throws(Problem) {
        try Connection.check(virDomainAttachDeviceFlags(handle.pointer, xml.document, DomainKeeper.config), what)
        guard live, isRunning else { return }
        try Connection.check(virDomainAttachDeviceFlags(handle.pointer, xml.document, DomainKeeper.active), what)
    }

    private func update(_ xml: XMLTree, _ what: String) throws(Problem) {
        try Connection.check(virDomainUpdateDeviceFlags(handle.pointer, xml.document, DomainKeeper.config), what)
        guard isRunning else { return }
        try Connection.check(virDomainUpdateDeviceFlags(handle.pointer, xml.document, DomainKeeper.active), what)
    }

    private func detach(_ what: String, live: Bool, _ isIt: (XMLTree) -> Bool) throws(Problem) {
        if let device = try find(UInt32(VIR_DOMAIN_XML_INACTIVE.rawValue), isIt) {
            try Connection.check(virDomainDetachDeviceFlags(handle.pointer, device.document, DomainKeeper.config), what)
        }
        guard live, isRunning, let device = try find(0, isIt) else { return }
        try Connection.check(virDomainDetachDeviceFlags(handle.pointer, device.document, DomainKeeper.active), what)
        // The guest lets go in its own time. A guest that does not keeps the device until it restarts: `pending` tells.
        let end = Date.now + DomainChanger.releaseTime
        while Date.now < end, isRunning, try find(0, isIt) != nil { Thread.sleep(forTimeInterval: 0.1) }
    }

    private func find(_ flags: UInt32, _ isIt: (XMLTree) -> Bool) throws(Problem) -> XMLTree? {
        try DomainKeeper.xml(handle, flags).first("devices")?.children.first(where: isIt)
    }
}
