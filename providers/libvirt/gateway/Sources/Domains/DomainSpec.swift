import Crypto

/// A virtual machine as a client wants it.
struct DomainSpec: Sendable, Decodable {
    struct Disk: Sendable, Decodable, Hashable {
        let target: String
        let device: String?
        let bus: String?
        let source: VolumeReference
        let readOnly: Bool?
        let serial: String?

        private enum CodingKeys: String, CodingKey {
            case target, device, bus, source, serial
            case readOnly = "read_only"
        }
    }

    struct Interface: Sendable, Decodable, Hashable {
        let network: String
        let mac: String?
        let model: String?
    }

    struct Boot: Sendable, Decodable, Hashable {
        let kernel: VolumeReference?
        let initrd: VolumeReference?
        let cmdline: String?
        let order: [String]?
    }

    let name: String
    let type: String?
    let machine: String?
    let firmware: String?
    let vcpus: Int
    let maxVcpus: Int?
    let memory: UInt64
    let maxMemory: UInt64?
    let boot: Boot?
    let disks: [Disk]?
    let interfaces: [Interface]?
    let guestAgent: Bool?
    let description: String?
    let metadata: [String: String]?
    let autostart: Bool?
    let running: Bool?

    private enum CodingKeys: String, CodingKey {
        case name, type, machine, firmware, vcpus, memory, boot, disks, interfaces, description, metadata, autostart,
            running
        case maxVcpus = "max_vcpus"
        case maxMemory = "max_memory"
        case guestAgent = "guest_agent"
    }

    /// With the defaults, in the form in which it is read back. `type` is what the host was seen to run.
    func version(_ uuid: String, type: String) -> Domain.Version {
        var version = Domain.Version(uuid: uuid, name: name)
        version.type = self.type ?? type
        version.machine = machine ?? "q35"
        version.firmware = firmware ?? "bios"
        version.vcpus = vcpus
        version.maxVcpus = maxVcpus ?? vcpus
        version.memory = memory
        version.maxMemory = maxMemory ?? memory
        version.boot = Domain.Boot(
            kernel: boot?.kernel.map { ForeignVolume(pool: $0.pool, volume: $0.volume) },
            initrd: boot?.initrd.map { ForeignVolume(pool: $0.pool, volume: $0.volume) },
            cmdline: boot?.cmdline.flatMap { $0.isEmpty ? nil : $0 },
            // With a kernel nothing else is booted, and libvirt keeps one device anyway.
            order: boot?.order?.orNil ?? ["disk"])
        version.disks = (disks ?? []).map { disk in
            let device = disk.device ?? "disk"
            return Domain.Disk(
                target: disk.target, device: device, bus: disk.bus ?? DomainSpec.bus(of: disk.target),
                source: ForeignVolume(pool: disk.source.pool, volume: disk.source.volume),
                readOnly: disk.readOnly ?? (device == "cdrom"), serial: disk.serial)
        }.sorted { $0.target < $1.target }
        version.interfaces = (interfaces ?? []).enumerated().map { index, interface in
            Domain.Interface(
                network: interface.network, source: nil, mac: interface.mac ?? DomainSpec.mac(uuid, index),
                model: interface.model ?? "virtio")
        }
        version.guestAgent = guestAgent ?? false
        version.description = description.flatMap { $0.isEmpty ? nil : $0 }
        version.metadata = metadata ?? [:]
        version.autostart = autostart ?? false
        version.running = running ?? true
        return version
    }

    private static func bus(of target: String) -> String {
        switch target.prefix(2) {
        case "sd": "scsi"
        case "hd": "ide"
        default: "virtio"
        }
    }

    /// Always the same for the same domain and place, in QEMU's range.
    private static func mac(_ uuid: String, _ index: Int) -> String {
        let digest = SHA256.hash(data: Array("\(uuid)/\(index)".utf8))
        return "52:54:00:" + digest.prefix(3).map { Authenticator.hexadecimal([$0]) }.joined(separator: ":")
    }
}
