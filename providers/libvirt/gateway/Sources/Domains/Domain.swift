/// A virtual machine as it is defined.
struct Domain: Resource {
    struct Disk: Sendable, Encodable, Hashable {
        let target: String
        let device: String
        let bus: String
        let source: ForeignVolume
        let readOnly: Bool
        let serial: String?

        private enum CodingKeys: String, CodingKey {
            case target, device, bus, source, serial
            case readOnly = "read_only"
        }
    }

    struct Interface: Sendable, Encodable, Hashable {
        let network: String?
        /// What it is linked to where that is no network.
        let source: String?
        let mac: String
        let model: String
    }

    struct Boot: Sendable, Encodable, Hashable {
        var kernel: ForeignVolume?
        var initrd: ForeignVolume?
        var cmdline: String?
        var order: [String] = []
    }

    struct Version: Sendable, Encodable {
        var uuid: String
        var name: String
        var type = "qemu"
        var machine = "q35"
        var firmware = "bios"
        var vcpus = 1
        var maxVcpus = 1
        /// In bytes, as all sizes.
        var memory: UInt64 = 0
        var maxMemory: UInt64 = 0
        var boot = Boot()
        var disks: [Disk] = []
        var interfaces: [Interface] = []
        var guestAgent = false
        var description: String?
        var metadata: [String: String] = [:]
        var autostart = false
        var running = false

        private enum CodingKeys: String, CodingKey {
            case uuid, name, type, machine, firmware, vcpus, memory, boot, disks, interfaces, description, metadata
            case autostart, running
            case maxVcpus = "max_vcpus"
            case maxMemory = "max_memory"
            case guestAgent = "guest_agent"
        }
    }

    struct Status: Sendable, Encodable {
        let state: String
        /// Another one with each start.
        let id: Int?
        let vcpus: Int?
        let memory: UInt64?
        /// Attributes that are defined otherwise than the guest runs.
        let pending: [String]
        /// The guest could have more memory than it has, and was not asked for that yet.
        let lacksMemory: Bool

        private enum CodingKeys: String, CodingKey { case state, id, vcpus, memory, pending }
    }

    let version: Version
    let status: Status

    private enum Key: String, CodingKey { case status }

    func encode(to encoder: any Encoder) throws {
        try version.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(status, forKey: .status)
    }
}

extension Domain.Version {
    /// Of a running guest: whether it has been left with less than it is defined with and has room for. A guest that has more has
    /// not given it back yet, or has no driver that could. Memory comes in whole MiB.
    func lacksMemory(of defined: Domain.Version) -> Bool {
        let room = min(defined.memory, maxMemory)
        return room > memory && room - memory >= 1 << 20
    }

    /// Attributes in which the two differ, but for autostart and running, as JSON pointers.
    func differences(_ other: Domain.Version) -> [String] {
        var names: [String] = []
        func compare(_ name: String, _ isEqual: Bool) { if !isEqual { names.append("/" + name) } }
        compare("name", name == other.name)
        compare("type", type == other.type)
        compare("machine", machine == other.machine)
        compare("firmware", firmware == other.firmware)
        compare("vcpus", vcpus == other.vcpus)
        compare("max_vcpus", maxVcpus == other.maxVcpus)
        compare("memory", memory == other.memory)
        compare("max_memory", maxMemory == other.maxMemory)
        compare("boot", boot == other.boot)
        compare("disks", disks == other.disks)
        compare("interfaces", interfaces == other.interfaces)
        compare("guest_agent", guestAgent == other.guestAgent)
        compare("description", description == other.description)
        compare("metadata", metadata == other.metadata)
        return names
    }
}
