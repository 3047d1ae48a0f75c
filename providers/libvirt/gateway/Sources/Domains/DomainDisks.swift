import CLibvirt

/// Finds who uses a volume.
enum DomainDisks {
    /// The running domain that has the volume open, and the disk's name in it.
    static func running(
        on path: String, _ reference: VolumeReference, _ connection: Connection
    ) throws(Problem) -> (domain: Handle, target: String)? {
        let reader = DomainXMLReader(connection)
        for domain in try connection.domains() where virDomainIsActive(domain.pointer) == 1 {
            // Whoever ends while we look uses nothing.
            guard let text = virDomainGetXMLDesc(domain.pointer, 0) else { continue }
            let xml = try XMLTreeReader.read(try Connection.text(text, "reading a domain"))
            for disk in try reader.version(xml).disks
            where disk.source.path == path || disk.source.reference == reference {
                return (domain, disk.target)
            }
        }
        return nil
    }
}
