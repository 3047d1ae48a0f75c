import CLibvirt

/// What the gateway knows of its host.
struct HostReader: Sendable {
    struct Host: Sendable, Encodable {
        let hostname: String
        let uri: String
        let libvirtVersion: String
        let hypervisorVersion: String
        let gatewayVersion: String
        let cpus: Int
        let memory: UInt64
        let domainTypes: [DomainTypeProbe.Finding]
        let defaultDomainType: String
        let firmwares: [String]
        let poolRoots: [String]

        private enum CodingKeys: String, CodingKey {
            case hostname, uri, cpus, memory, firmwares
            case libvirtVersion = "libvirt_version"
            case hypervisorVersion = "hypervisor_version"
            case gatewayVersion = "gateway_version"
            case domainTypes = "domain_types"
            case defaultDomainType = "default_domain_type"
            case poolRoots = "pool_roots"
        }
    }

    let probe: DomainTypeProbe
    let uri: String
    let roots: PathRoots

    func read(_ connection: Connection) throws(Problem) -> Host {
        let what = "asking for the host"
        let hostname = try Connection.text(virConnectGetHostname(connection.pointer), what)
        var (library, hypervisor): (UInt, UInt) = (0, 0)
        try Connection.check(virConnectGetLibVersion(connection.pointer, &library), what)
        try Connection.check(virConnectGetVersion(connection.pointer, &hypervisor), what)
        var info = virNodeInfo()
        try Connection.check(virNodeGetInfo(connection.pointer, &info), what)
        let text = try Connection.text(
            virConnectGetDomainCapabilities(connection.pointer, nil, "x86_64", "q35", "qemu", 0), what)
        let firmware = try XMLTreeReader.read(text).first("os")?.all("enum").first { $0["name"] == "firmware" }
        let names = (firmware?.all("value") ?? []).map { $0.text == "efi" ? "uefi" : $0.text }
        return Host(
            hostname: hostname, uri: uri, libvirtVersion: HostReader.version(library),
            hypervisorVersion: HostReader.version(hypervisor), gatewayVersion: GatewayCommand.version,
            cpus: Int(info.cpus),
            memory: UInt64(info.memory) * 1024, domainTypes: try probe.found(connection),
            defaultDomainType: try probe.preferred(connection),
            firmwares: Set(names + ["bios"]).sorted(), poolRoots: roots.folders)
    }

    private static func version(_ number: UInt) -> String {
        "\(number / 1_000_000).\(number / 1000 % 1000).\(number % 1000)"
    }
}
