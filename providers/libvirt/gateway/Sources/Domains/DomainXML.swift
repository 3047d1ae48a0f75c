/// Domains in libvirt's words, as the gateway makes them.
enum DomainXML {
    /// Where the gateway keeps its own attributes in a domain.
    static let namespace = "https://plumbline.dev/libvirt-gateway/1"

    /// What a definition needs to know of the host.
    struct Surroundings {
        /// Names of networks by their UUIDs.
        let networks: [String: String]
        /// Names of pools by their UUIDs.
        let pools: [String: String]
        /// Paths and formats of the volumes that the domain uses.
        let volumes: [VolumeReference: Image]
        /// The file that the guest's serial console is written to.
        let console: String

        struct Image {
            let path: String
            let format: ImageChain.Format
        }

        fileprivate func image(_ volume: ForeignVolume?) -> Image? {
            volume?.reference.flatMap { volumes[$0] }
        }
    }

    static func tree(_ domain: Domain.Version, _ around: Surroundings) -> XMLTree {
        XMLTree(
            "domain", ["type": domain.type],
            [
                XMLTree("name", text: domain.name), XMLTree("uuid", text: domain.uuid),
                domain.description.map { XMLTree("description", text: $0) }, metadata(domain.metadata),
                memory(domain), currentMemory(domain), vcpu(domain), os(domain, around),
                XMLTree("features", [XMLTree("acpi"), XMLTree("apic")]),
                domain.type == "kvm" ? XMLTree("cpu", ["mode": "host-passthrough"]) : nil,
                XMLTree("clock", ["offset": "utc"]),
                XMLTree("on_poweroff", text: "destroy"), XMLTree("on_reboot", text: "restart"),
                XMLTree("on_crash", text: "destroy"), devices(domain, around),
            ])
    }

    // MARK: Parts that change in place

    static func metadata(_ metadata: [String: String]) -> XMLTree? {
        guard !metadata.isEmpty else { return nil }
        let items = metadata.sorted { $0.key < $1.key }.map {
            XMLTree("plumb:item", ["name": $0.key, "value": $0.value])
        }
        return XMLTree("metadata", [XMLTree("plumb:metadata", ["xmlns:plumb": namespace], items)])
    }

    static func memory(_ domain: Domain.Version) -> XMLTree {
        XMLTree("memory", ["unit": "b"], text: "\(domain.maxMemory)")
    }

    static func currentMemory(_ domain: Domain.Version) -> XMLTree {
        XMLTree("currentMemory", ["unit": "b"], text: "\(domain.memory)")
    }

    static func vcpu(_ domain: Domain.Version) -> XMLTree {
        XMLTree("vcpu", ["placement": "static", "current": "\(domain.vcpus)"], text: "\(domain.maxVcpus)")
    }

    static func os(_ domain: Domain.Version, _ around: Surroundings) -> XMLTree {
        XMLTree(
            "os", ["firmware": domain.firmware == "uefi" ? "efi" : nil],
            [XMLTree("type", ["arch": "x86_64", "machine": domain.machine], text: "hvm")] + boot(domain.boot, around))
    }

    static func boot(_ boot: Domain.Boot, _ around: Surroundings) -> [XMLTree] {
        let words = ["disk": "hd", "cdrom": "cdrom", "network": "network"]
        let parts = [
            around.image(boot.kernel).map { XMLTree("kernel", text: $0.path) },
            around.image(boot.initrd).map { XMLTree("initrd", text: $0.path) },
            boot.cmdline.map { XMLTree("cmdline", text: $0) },
        ]
        return parts.compactMap { $0 } + boot.order.map { XMLTree("boot", ["dev": words[$0] ?? $0]) }
    }

    static func agent() -> XMLTree {
        XMLTree("channel", ["type": "unix"], [XMLTree("target", ["type": "virtio", "name": "org.qemu.guest_agent.0"])])
    }

    // MARK: Devices

    static func disk(_ disk: Domain.Disk, _ around: Surroundings) -> XMLTree {
        let pool = disk.source.pool.flatMap { around.pools[$0] }
        let format = around.image(disk.source)?.format ?? .raw
        return XMLTree(
            "disk", ["type": "volume", "device": disk.device],
            [
                XMLTree(
                    "driver",
                    ["name": "qemu", "type": format.rawValue, "discard": disk.device == "disk" ? "unmap" : nil]),
                XMLTree("source", ["pool": pool, "volume": disk.source.volume]),
                XMLTree("target", ["dev": disk.target, "bus": disk.bus]),
                disk.readOnly ? XMLTree("readonly") : nil,
                disk.serial.map { XMLTree("serial", text: $0) },
            ])
    }

    static func interface(_ interface: Domain.Interface, _ around: Surroundings) -> XMLTree {
        XMLTree(
            "interface", ["type": "network"],
            [
                XMLTree("mac", ["address": interface.mac]),
                XMLTree("source", ["network": interface.network.flatMap { around.networks[$0] }]),
                XMLTree("model", ["type": interface.model]),
            ])
    }

    private static func devices(_ domain: Domain.Version, _ around: Surroundings) -> XMLTree {
        let serial = XMLTree(
            "serial", ["type": "pty"],
            [XMLTree("log", ["file": around.console, "append": "off"]), XMLTree("target", ["port": "0"])])
        // Disks and interfaces that come later need a place to be plugged in.
        let ports =
            domain.machine == "q35"
            ? (1...16).map { index in
                XMLTree("controller", ["type": "pci", "model": "pcie-root-port", "index": "\(index)"])
            } : []
        return XMLTree(
            "devices",
            [
                domain.machine == "q35"
                    ? XMLTree("controller", ["type": "pci", "model": "pcie-root", "index": "0"]) : nil
            ]
                + ports + [XMLTree("controller", ["type": "scsi", "model": "virtio-scsi", "index": "0"])]
                + domain.disks.map { disk($0, around) } + domain.interfaces.map { interface($0, around) }
                + [
                    serial, XMLTree("console", ["type": "pty"], [XMLTree("target", ["type": "serial", "port": "0"])]),
                    domain.guestAgent ? agent() : nil,
                    XMLTree("memballoon", ["model": "virtio"], [XMLTree("stats", ["period": "5"])]),
                    XMLTree(
                        "rng", ["model": "virtio"], [XMLTree("backend", ["model": "random"], text: "/dev/urandom")]),
                ])
    }
}
