import Logging

/// All that operations work with.
struct Gateway: Sendable {
    /// What whoever starts the gateway decides.
    struct Settings: Sendable {
        var uri = "qemu:///system"
        var poolRoots = ["/var/lib/libvirt/images"]
        var consoles = "/var/log/libvirt/qemu"
        var bridges: [String] = []
        var allowsXML = false
        var logger: Logger
    }

    let settings: Settings
    let contract: Contract
    let link: LibvirtLink
    let hub: EventHub
    let sightings: Sightings
    let folders = FolderWatcher()
    let metrics: Metrics
    let tasks = TaskBoard()
    let turns = Turns()
    let pools: PoolKeeper
    let volumes: VolumeKeeper
    let networks: NetworkKeeper
    let domains: DomainKeeper
    let transfer: VolumeTransfer
    let cloudInit: CloudInitKeeper
    let host: HostReader
    private let relay: EventRelay

    init(_ settings: Settings) {
        self.settings = settings
        contract = Contract(PackageResources.openapi_json)
        hub = EventHub()
        sightings = Sightings(hub: hub)
        relay = EventRelay(hub: hub)
        metrics = Metrics()
        link = LibvirtLink(uri: settings.uri, relay: relay, metrics: metrics, logger: settings.logger)
        let roots = PathRoots(folders: settings.poolRoots)
        pools = PoolKeeper(roots: roots, sightings: sightings)
        volumes = VolumeKeeper(sightings: sightings)
        networks = NetworkKeeper(bridges: settings.bridges, sightings: sightings)
        domains = DomainKeeper(consoles: settings.consoles, sightings: sightings)
        transfer = VolumeTransfer(link: link, metrics: metrics)
        cloudInit = CloudInitKeeper(link: link, volumes: volumes, transfer: transfer)
        let probe = DomainTypeProbe(consoles: settings.consoles, logger: settings.logger)
        host = HostReader(probe: probe, uri: settings.uri, roots: roots)
    }

    var handlers: [String: Responder.Handler] {
        var handlers = hostHandlers
        for more in [poolHandlers, volumeHandlers, cloudInitHandlers, networkHandlers, domainHandlers, guestHandlers] {
            handlers.merge(more) { _, _ in preconditionFailure("two handlers have the same operation") }
        }
        return handlers
    }

    /// Runs `work` while nobody else changes what has the key.
    func alone<Result: Sendable>(
        _ key: String, _ work: @Sendable () async throws(Problem) -> Result
    ) async throws(Problem) -> Result {
        try await turns.take(key, work)
    }
}
