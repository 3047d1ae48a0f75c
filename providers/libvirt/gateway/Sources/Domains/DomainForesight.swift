/// Says of each difference whether it can be made now, waits for the next start, or takes another domain.
struct DomainForesight {
    struct Change: Sendable, Encodable {
        enum Moment: String, Sendable, Encodable { case now, restart, replace }
        let attribute: String
        let when: Moment
        let reason: String?

        init(_ attribute: String, _ when: Moment, _ reason: String? = nil) {
            self.attribute = attribute
            self.when = when
            self.reason = reason
        }
    }

    let current: Domain
    let wanted: Domain.Version

    var changes: [Change] {
        let old = current.version
        var changes = old.differences(wanted).map { change($0) }
        if current.status.lacksMemory, wanted.running, old.memory == wanted.memory {
            changes.append(Change("/memory", .now, "Somebody has given less of it to the running guest."))
        }
        if old.autostart != wanted.autostart { changes.append(Change("/autostart", .now)) }
        if old.running != wanted.running { changes.append(Change("/running", .now)) }
        return changes
    }

    private func change(_ attribute: String) -> Change {
        switch attribute {
        case "/name", "/type", "/machine", "/firmware":
            return Change(attribute, .replace, "What the guest was installed on cannot be changed under it.")
        case "/metadata", "/description": return Change(attribute, .now)
        default: break
        }
        guard current.version.running else { return Change(attribute, .now) }
        switch attribute {
        case "/vcpus": return vcpus()
        case "/memory": return memory()
        case "/max_vcpus", "/max_memory": return Change(attribute, .restart, "It is fixed when a guest starts.")
        case "/disks": return disks()
        case "/interfaces": return interfaces()
        default: return Change(attribute, .restart, "QEMU takes it over when the guest starts.")
        }
    }

    private func vcpus() -> Change {
        let old = current.version
        if wanted.vcpus > old.maxVcpus {
            return Change("/vcpus", .restart, "The guest was started with room for \(old.maxVcpus).")
        }
        if wanted.vcpus < current.status.vcpus ?? old.vcpus {
            return Change("/vcpus", .restart, "A running guest does not give processors back.")
        }
        return Change("/vcpus", .now)
    }

    private func memory() -> Change {
        if wanted.memory > current.version.maxMemory {
            return Change(
                "/memory", .restart, "The guest was started with room for \(current.version.maxMemory) bytes.")
        }
        return Change("/memory", .now, "The guest's balloon driver moves it.")
    }

    private func disks() -> Change {
        let old = Dictionary(current.version.disks.map { ($0.target, $0) }) { $1 }
        let new = Dictionary(wanted.disks.map { ($0.target, $0) }) { $1 }
        for target in Set(old.keys).union(new.keys).sorted() where old[target] != new[target] {
            let disk = new[target] ?? old[target]
            if disk?.device == "cdrom", old[target] != nil, new[target] != nil { continue }
            if disk?.bus == "sata" || disk?.bus == "ide" {
                return Change(
                    "/disks", .restart, "\(target) is not on a bus where disks come and go; virtio and scsi are.")
            }
        }
        return Change("/disks", .now)
    }

    private func interfaces() -> Change { Change("/interfaces", .now) }
}
