import Foundation
import Logging

/// Sees what libvirt tells nobody, a volume that was deleted or a definition that was edited, by looking again and again
/// while somebody listens, and for a while after that: whoever comes back has missed nothing.
struct ChangeWatcher: Sendable {
    private static let pause = Duration.milliseconds(500)
    private static let longestPause = Duration.seconds(3)
    private static let idlePause = Duration.milliseconds(50)
    private static let patience = Duration.seconds(60)

    let gateway: Gateway

    /// What was there at the last look: versions by what they belong to.
    fileprivate struct Sight: Sendable {
        var versions: [Key: Version] = [:]
    }

    fileprivate struct Key: Hashable, Sendable {
        let kind: Event.Kind
        let id: String
    }

    fileprivate struct Version: Sendable {
        let etag: String
        let event: Event
    }

    /// Until it is cancelled.
    func run() async {
        var last: Sight?
        var lastHeard: ContinuousClock.Instant?
        while !Task.isCancelled {
            let now = ContinuousClock.now
            if gateway.hub.hasInterest { lastHeard = now }
            var rest = ChangeWatcher.idlePause
            if let heard = lastHeard, heard.duration(to: now) < ChangeWatcher.patience {
                // When libvirt cannot be reached, that is told elsewhere, and what was seen stays what is compared with.
                if let sight = await tryLook() {
                    if let last { tell(last, sight) } else { gateway.hub.beginWatch() }
                    last = sight
                }
                // A host with much on it is not asked all the time.
                rest = min(max(ChangeWatcher.pause, now.duration(to: .now) * 4), ChangeWatcher.longestPause)
            } else if last != nil {
                last = nil
                gateway.hub.endWatch()
            }
            guard (try? await Task.sleep(for: rest)) != nil else { return }
        }
    }

    /// Nil where something went away while it was looked at, or libvirt cannot be reached: the next look comes soon.
    private func tryLook() async -> Sight? {
        do throws(Problem) {
            return try await look()
        } catch {
            let reason = error.detail ?? error.title
            gateway.settings.logger.debug("the look for changes failed", metadata: ["reason": "\(reason)"])
            return nil
        }
    }

    private func look() async throws(Problem) -> Sight {
        try await gateway.link.run { [gateway] (connection) throws(Problem) in
            var sight = Sight()
            for domain in try gateway.domains.domains(connection) {
                // What the guest has of it belongs to it too: `virsh setmem` moves only that.
                let live = "\(domain.status.vcpus ?? 0) \(domain.status.memory ?? 0)"
                try sight.add(.domain, domain.version.uuid, domain, live, name: domain.version.name)
            }
            for network in try gateway.networks.networks(connection) {
                let live = network.status.pending.joined(separator: " ")
                try sight.add(.network, network.version.uuid, network, live, name: network.version.name)
            }
            for pool in try gateway.pools.pools(connection) {
                try sight.add(.pool, pool.version.uuid, pool, "", name: pool.version.name)
            }
            for volume in try gateway.volumes.volumes(connection, pool: nil, named: nil) {
                let id = volume.version.pool + "/" + volume.version.name
                try sight.add(.volume, id, volume, "", name: volume.version.name, pool: volume.version.pool)
            }
            return sight
        }
    }

    private func tell(_ old: Sight, _ new: Sight) {
        for (key, version) in new.versions {
            guard let before = old.versions[key] else {
                if key.kind == .volume { gateway.hub.publish(version.told("created")) }
                continue
            }
            if before.etag != version.etag { gateway.hub.publish(version.told("changed")) }
        }
        for (key, version) in old.versions where key.kind == .volume && new.versions[key] == nil {
            gateway.hub.publish(version.told("deleted"))
        }
    }
}

fileprivate extension ChangeWatcher.Version {
    func told(_ action: String) -> Event {
        var event = event
        event.action = action
        event.time = Timestamp.now()
        return event
    }
}

fileprivate extension ChangeWatcher.Sight {
    mutating func add(
        _ kind: Event.Kind, _ id: String, _ resource: some Resource, _ live: String, name: String, pool: String? = nil
    ) throws(Problem) {
        let event = Event(type: kind, action: "", uuid: kind == .volume ? nil : id, name: name, pool: pool)
        versions[ChangeWatcher.Key(kind: kind, id: id)] = ChangeWatcher.Version(
            etag: try resource.etag() + live, event: event)
    }
}
