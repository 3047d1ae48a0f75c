import PlumbModel

/// Which differences in writing a domain's attributes are none: what is left out is what the gateway takes for it.
enum DomainNormalisation {
    static let boot = Normalisation("boot") { value in
        guard let map = value.asMap else { return value }
        var canonical = map.filter { !$0.value.orNull.isNull && $0.value != "" }
        if canonical["order"] == .tuple(["disk"]) || canonical["order"] == .list(["disk"]) { canonical["order"] = nil }
        if let order = canonical["order"]?.asList { canonical["order"] = .list(order) }
        return canonical.isEmpty ? .null : .object(canonical)
    }

    static let disks = Normalisation("disks") { value in
        guard let elements = value.asList else { return value }
        let disks = Disk.all(elements).sorted { $0.target < $1.target }
        return disks.isEmpty ? .null : .list(disks.map(\.value))
    }

    static let interfaces = Normalisation("interfaces") { value in
        guard let elements = value.asList else { return value }
        return elements.isEmpty
            ? .null
            : .list(
                elements.map { interface in
                    .compact([
                        ("network", interface[key: "network"]),
                        ("mac", interface.text("mac").map { .string($0.lowercased()) }),
                        ("model", .string(interface.text("model") ?? "virtio")),
                    ])
                })
    }
}

/// A disk with all that its place in the list says.
struct Disk: Sendable, Hashable {
    let volume: Value
    let target: String
    let device: String
    let bus: String
    let isReadOnly: Bool
    let serial: String?

    init(_ element: Value, target: String) {
        volume = element[key: "volume"] ?? .null
        self.target = target
        device = element.text("device") ?? "disk"
        let byTarget = target.hasPrefix("sd") ? "scsi" : target.hasPrefix("hd") ? "ide" : "virtio"
        bus = element.text("bus") ?? byTarget
        isReadOnly = element.flag("read_only") ?? (device == "cdrom")
        serial = element.text("serial")
    }

    /// Of the gateway.
    init(live: Value) {
        volume = VolumeID.text(live[key: "source"])
        target = live.text("target") ?? ""
        device = live.text("device") ?? "disk"
        bus = live.text("bus") ?? ""
        isReadOnly = live.flag("read_only") ?? false
        serial = live.text("serial")
    }

    /// In their order. Who names no target gets the first name that nobody has: vda for disks, sda for CD-ROMs and what is on
    /// another bus.
    static func all(_ elements: [Value]) -> [Disk] {
        var taken = Set(elements.compactMap { $0.text("target") })
        return elements.map { element in
            if let target = element.text("target") { return Disk(element, target: target) }
            let isPlain = element.text("device") != "cdrom" && element.text("bus") ?? "virtio" == "virtio"
            let target = free(element.text("bus") == "ide" ? "hd" : isPlain ? "vd" : "sd", taken)
            taken.insert(target)
            return Disk(element, target: target)
        }
    }

    static func free(_ prefix: String, _ taken: Set<String>) -> String {
        let names = "abcdefghijklmnopqrstuvwxyz".map { "\(prefix)\($0)" }
        return names.first { !taken.contains($0) } ?? "\(prefix)z"
    }

    /// With everything written out.
    var value: Value {
        .object(
            ValueMap([
                ("bus", .string(bus)), ("device", .string(device)), ("read_only", .bool(isReadOnly)),
                ("serial", serial.map { .string($0) } ?? .null), ("target", .string(target)), ("volume", volume),
            ]))
    }
}
