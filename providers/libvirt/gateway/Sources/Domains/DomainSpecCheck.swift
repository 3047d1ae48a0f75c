import HTTPTypes

/// Refuses what no schema can say of a domain.
enum DomainSpecCheck {
    static func check(_ domain: Domain.Version) throws(Problem) {
        var faults: [Problem.Fault] = []
        func report(_ pointer: String, _ detail: String) {
            faults.append(Problem.Fault(pointer: pointer, detail: detail))
        }
        if domain.vcpus > domain.maxVcpus { report("/vcpus", "This is more than max_vcpus, \(domain.maxVcpus).") }
        if domain.memory > domain.maxMemory { report("/memory", "This is more than max_memory, \(domain.maxMemory).") }
        if domain.boot.kernel == nil, domain.boot.initrd != nil || domain.boot.cmdline != nil {
            report("/boot/kernel", "This is required with initrd and cmdline.")
        }
        let targets = domain.disks.map(\.target)
        if Set(targets).count != targets.count { report("/disks", "Two disks have the same target.") }
        let sources = domain.disks.filter { !$0.readOnly }.map(\.source)
        if Set(sources).count != sources.count { report("/disks", "Two disks write to the same volume.") }
        let macs = domain.interfaces.map(\.mac)
        if Set(macs).count != macs.count { report("/interfaces", "Two interfaces have the same mac.") }
        for (index, disk) in domain.disks.enumerated() {
            if disk.bus == "ide", domain.machine == "q35" {
                report("/disks/\(index)/bus", "A machine of the kind q35 has no IDE; use sata, or the machine pc.")
            }
            if disk.device == "cdrom", disk.bus == "virtio" {
                report("/disks/\(index)/target", "A cdrom is no virtio disk; name it sda, sdb, ...")
            }
            if (disk.bus == "virtio") != disk.target.hasPrefix("vd")
                || (disk.bus == "ide") != disk.target.hasPrefix("hd")
            {
                report(
                    "/disks/\(index)/target",
                    "A disk on \(disk.bus) has another name: vd* on virtio, hd* on ide, sd* else.")
            }
        }
        guard faults.isEmpty else {
            throw Problem(.unprocessableContent, "The request cannot be carried out", errors: faults)
        }
    }
}
