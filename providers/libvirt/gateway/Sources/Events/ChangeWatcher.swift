import Logging

/// Sees what libvirt tells nobody, a volume that was deleted or a definition that was edited, by looking again and again
/// while somebody listens, and for a while after that: whoever comes back has missed nothing.
struct ChangeWatcher: Sendable {
    private static let pause = Duration.milliseconds(500)
    private static let longestPause = Duration.seconds(3)
    private static let idlePause = Duration.milliseconds(50)
    private static let patience = Duration.seconds(60)
    /// Files seldom come alone.
    private static let gathering = Duration.milliseconds(20)

    let gateway: Gateway

    /// Until it is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await lookAgainAndAgain() }
            group.addTask { await lookIntoChangedFolders() }
        }
        gateway.folders.watch([:])
    }

    private func lookAgainAndAgain() async {
        var lastHeard: ContinuousClock.Instant?
        while !Task.isCancelled {
            let now = ContinuousClock.now
            if gateway.hub.hasInterest { lastHeard = now }
            var rest = ChangeWatcher.idlePause
            if let heard = lastHeard, heard.duration(to: now) < ChangeWatcher.patience {
                await tryLook { () throws(Problem) in try await look() }
                // A host with much on it is not asked all the time.
                rest = min(max(ChangeWatcher.pause, now.duration(to: .now) * 4), ChangeWatcher.longestPause)
            } else if gateway.sightings.isOn {
                gateway.sightings.end()
                gateway.folders.watch([:])
            }
            guard (try? await Task.sleep(for: rest)) != nil else { return }
        }
    }

    private func lookIntoChangedFolders() async {
        for await _ in gateway.folders.wakeups {
            guard (try? await Task.sleep(for: ChangeWatcher.gathering)) != nil else { return }
            let now = ContinuousClock.now
            for pool in gateway.folders.takeChanged() {
                await tryLook { () throws(Problem) in try await look(into: pool) }
            }
            let rest = min(now.duration(to: .now) * 4, ChangeWatcher.longestPause)
            guard (try? await Task.sleep(for: rest)) != nil else { return }
        }
    }

    /// Where something went away while it was looked at, or libvirt cannot be reached, the next look comes soon, and what was
    /// seen stays what is compared with. That libvirt cannot be reached is told elsewhere.
    private func tryLook(_ look: () async throws(Problem) -> Void) async {
        do throws(Problem) {
            try await look()
        } catch {
            let reason = error.detail ?? error.title
            gateway.settings.logger.debug("the look for changes failed", metadata: ["reason": "\(reason)"])
        }
    }

    private func look() async throws(Problem) {
        try await gateway.link.run { [gateway] (connection) throws(Problem) in
            let look = gateway.sightings.beginLook()
            // Whatever is read is noted.
            _ = try gateway.domains.domains(connection)
            _ = try gateway.networks.networks(connection)
            let pools = try gateway.pools.pools(connection)
            let folders = pools.compactMap { pool in
                pool.version.running ? pool.version.target.map { ($0, pool.version.uuid) } : nil
            }
            // First, so that what happens while the volumes are read is told.
            gateway.folders.watch(Dictionary(folders) { $1 })
            _ = try gateway.volumes.volumes(connection, pool: nil, named: nil)
            gateway.sightings.endLook(look)
        }
    }

    private func look(into pool: String) async throws(Problem) {
        try await gateway.link.run { [gateway] (connection) throws(Problem) in
            guard let look = gateway.sightings.beginPart() else { return }
            _ = try gateway.volumes.volumes(connection, pool: pool, named: nil)
            gateway.sightings.endLook(look, pool: pool)
        }
    }
}
