import Synchronization

/// Holds of everything on the host the version that was read last, by whoever asked, and tells when it is another one. What
/// the API has told somebody is so what the next look is compared with: what comes and goes between two looks is missed by
/// nobody who has seen it.
final class Sightings: Sendable {
    /// What is seen.
    struct Subject: Hashable, Sendable {
        let kind: Event.Kind
        /// A UUID, or the name of a volume.
        let id: String
        /// Of a volume.
        var pool: String?
    }

    private struct Sight {
        let version: String
        let name: String
        /// Of the look that was the last to begin before it.
        let look: UInt64
    }

    private struct State {
        var isOn = false
        /// Everything was seen once.
        var isWhole = false
        var look: UInt64 = 0
        var known: [Subject: Sight] = [:]
    }

    private let hub: EventHub
    private let state = Mutex(State())

    init(hub: EventHub) {
        self.hub = hub
    }

    /// Whether somebody looks again and again.
    var isOn: Bool { state.withLock { $0.isOn } }

    /// - Parameter live: what belongs to it beside its version.
    func note(_ resource: some Resource, as subject: Subject, name: String, live: String = "") throws(Problem) {
        guard isOn else { return }
        let version = try resource.etag() + live
        state.withLock { state in
            guard state.isOn else { return }
            let sight = Sight(version: version, name: name, look: state.look)
            let old = state.known.updateValue(sight, forKey: subject)
            guard state.isWhole, old?.version != version else { return }
            if old != nil {
                tell("changed", subject, name)
            } else if subject.kind == .volume {
                // libvirt tells of all others.
                tell("created", subject, name)
            }
        }
    }

    /// Under the lock, so that events of one subject come in their order.
    private func tell(_ action: String, _ subject: Subject, _ name: String) {
        let uuid = subject.kind == .volume ? nil : subject.id
        hub.publish(Event(type: subject.kind, action: action, uuid: uuid, name: name, pool: subject.pool))
    }

    // MARK: Looking

    /// Before everything is read.
    func beginLook() -> UInt64 {
        state.withLock { state in
            state.isOn = true
            state.look += 1
            return state.look
        }
    }

    /// Before a part of it is read; nil where nobody looks at the whole.
    func beginPart() -> UInt64? {
        state.withLock { state in
            guard state.isWhole else { return nil }
            state.look += 1
            return state.look
        }
    }

    /// What was not seen since the look began is gone.
    ///
    /// - Parameter pool: the one whose volumes alone were read; nil: everything was.
    func endLook(_ look: UInt64, pool: String? = nil) {
        state.withLock { state in
            for (subject, sight) in state.known where sight.look < look && (pool == nil || subject.pool == pool) {
                state.known[subject] = nil
                // libvirt tells of all others.
                if state.isWhole, subject.kind == .volume { tell("deleted", subject, sight.name) }
            }
            guard pool == nil, state.isOn, !state.isWhole else { return }
            state.isWhole = true
            hub.beginWatch()
        }
    }

    /// Nobody looks any more.
    func end() {
        state.withLock { state in
            state = State(look: state.look)
            hub.endWatch()
        }
    }
}
