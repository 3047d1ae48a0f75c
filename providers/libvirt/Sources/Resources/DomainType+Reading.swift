import Crypto
import PlumbModel
import ProviderAPI

extension DomainType {
    func attributes(of live: Value, like recorded: Value, _ around: Surroundings) -> [String: Value] {
        var values: [String: Value] = ["id": live[key: "uuid"] ?? .null]
        for name in [
            "name", "type", "machine", "firmware", "vcpus", "max_vcpus", "guest_agent", "description", "autostart",
            "running",
        ] {
            values[name] = live[key: name] ?? .null
        }
        values["memory"] = Self.memory(of: live).map { .string(Size.text($0)) } ?? .null
        values["max_memory"] = live.given("max_memory")?.asInt.map { .string(Size.text($0)) } ?? .null
        if values["description"] == "", recorded.given("description") == nil { values["description"] = .null }
        let metadata = (live[key: "metadata"] ?? .null).orNull
        values["metadata"] = metadata.asMap.map { .map($0) } ?? .null
        values["boot"] = boot(live[key: "boot"] ?? .null)
        if recorded.isNull {
            // Taken over: what the spec does not say is what it is when nothing is said.
            values["shutdown_timeout"] = 60
            values["wait_for_address"] = true
        }
        readDisks(live, recorded, &values)
        readInterfaces(live, recorded, around, &values)
        let pending = (live[key: "status"]?.list("pending") ?? []).compactMap(\.asString)
        values["pending"] = Self.pending(pending.map { $0.replacing("/", with: "") })
        return values
    }

    /// In bytes. Less than is defined where somebody has given the running guest less, unless it waits for what it was given back.
    /// A guest that has more has not given it back yet, or has no driver that could.
    private static func memory(of live: Value) -> Int? {
        guard let defined = live.given("memory")?.asInt else { return nil }
        let status = live[key: "status"] ?? .null
        guard let has = status.given("memory")?.asInt, !status.list("pending").contains("/memory") else {
            return defined
        }
        // The gateway has whole MiB.
        return defined - has >= 1 << 20 ? has : defined
    }

    private func boot(_ live: Value) -> Value {
        let boot = Value.object([
            "cmdline": live[key: "cmdline"] ?? .null, "initrd": VolumeID.text(live[key: "initrd"]),
            "kernel": VolumeID.text(live[key: "kernel"]),
            "order": .list(live.list("order")),
        ])
        return DomainNormalisation.boot.areSame(boot, .null) ? .null : boot
    }

    /// The disk that holds the image for cloud-init: read-only, on virtio, because kernels made for clouds have no driver for
    /// CD-ROMs. cloud-init finds it by its label.
    static let cloudInitTarget = "vdz"

    private func readDisks(_ live: Value, _ recorded: Value, _ values: inout [String: Value]) {
        var disks = live.list("disks").map(Disk.init(live:))
        let wanted = Disk.all(recorded.list("disks"))
        values["cloudinit"] = .null
        let isNew = recorded.isNull
        if isNew || recorded.given("cloudinit") != nil {
            if let index = disks.firstIndex(where: { $0.target == Self.cloudInitTarget && $0.isReadOnly }) {
                values["cloudinit"] = disks.remove(at: index).volume
            }
        }
        // In the order and writing of the record where they are the same.
        let elements = recorded.list("disks")
        var list: [Value] = []
        for (index, disk) in wanted.enumerated() {
            guard let found = disks.firstIndex(where: { $0.target == disk.target }) else { continue }
            let real = disks.remove(at: found)
            list.append(real == disk ? elements[index] : real.value)
        }
        list += disks.map(\.value)
        values["disks"] = list.isEmpty ? .null : .list(list)
    }

    // MARK: Interfaces

    /// What the gateway gives to an interface that has no MAC of its own.
    static func generatedMAC(_ uuid: String, _ place: Int) -> String {
        let digest = SHA256.hash(data: Array("\(uuid)/\(place)".utf8))
        return
            (["52", "54", "00"]
            + digest.prefix(3).map { byte in
                let text = String(byte, radix: 16)
                return text.count == 1 ? "0" + text : text
            }).joined(separator: ":")
    }

    /// The MACs of recorded interfaces, whether their spec names them or not.
    static func macs(_ interfaces: [Value], recorded values: Value, uuid: String) -> [String] {
        let known = values.list("macs").map(\.asString)
        return interfaces.enumerated().map { index, interface in
            if let own = interface.text("mac") { return own.lowercased() }
            return (known.indices.contains(index) ? known[index] : nil) ?? generatedMAC(uuid, index)
        }
    }

    private func readInterfaces(
        _ live: Value, _ recorded: Value, _ around: Surroundings, _ values: inout [String: Value]
    ) {
        let uuid = live.text("uuid") ?? ""
        var found = live.list("interfaces")
        let elements = recorded.list("interfaces")
        let wanted = Self.macs(elements, recorded: recorded, uuid: uuid)
        var list: [Value] = []
        var macs: [String] = []
        func add(_ interface: Value, _ mac: String) {
            list.append(interface)
            macs.append(mac)
        }
        for (element, mac) in zip(elements, wanted) {
            guard let index = found.firstIndex(where: { $0.text("mac")?.lowercased() == mac }) else { continue }
            let real = found.remove(at: index)
            let isSame =
                real[key: "network"] == element[key: "network"]
                && real.text("model") == element.text("model") ?? "virtio"
            add(isSame ? element : Self.written(real, mac: .string(mac)), mac)
        }
        for real in found {
            let mac = real.text("mac")?.lowercased() ?? ""
            let isGenerated = mac == Self.generatedMAC(uuid, macs.count)
            add(Self.written(real, mac: isGenerated ? .null : .string(mac)), mac)
        }
        values["interfaces"] = list.isEmpty ? .null : .list(list)
        values["macs"] = .list(macs.map { .string($0) })
        let isRunning = live.flag("running") == true
        values["addresses"] = .list(
            isRunning ? macs.flatMap { (around.leases[$0] ?? []).sorted() }.map { .string($0) } : [])
    }

    private static func written(_ real: Value, mac: Value) -> Value {
        .object([
            "mac": mac, "model": real[key: "model"] ?? .null,
            "network": real.given("network") ?? real[key: "source"] ?? .null,
        ])
    }

    // MARK: What waits for the next start

    /// Attributes of which the running guest has another value, and why.
    static func pending(_ names: some Sequence<String>) -> Value {
        .map(ValueMap(Set(names).sorted().map { ($0, .string(reason($0))) }))
    }

    private static func reason(_ attribute: String) -> String {
        switch attribute {
        case "vcpus":
            "a running guest gives no processors back, and gets no more than the maximum that it was started with"
        case "max_vcpus", "max_memory": "it is fixed when a guest starts"
        case "memory":
            "a running guest gets no more than the maximum that it was started with, and one that hangs or is paused takes nothing back"
        case "disks": "disks come and go only on the buses virtio and scsi while a guest runs"
        case "interfaces": "the guest has not let go of it yet"
        default: "QEMU takes it over when the guest starts"
        }
    }
}
