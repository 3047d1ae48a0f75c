import PlumbModel
import ProviderAPI
import Synchronization

/// Knows of each watched resource whether it has drifted, and puts only what has changed about that into the mailbox.
final class DriftBoard: Sendable {
    private enum Standing: Hashable {
        /// With the hash of what it is now.
        case drifted(Int)
        case deleted
    }

    private struct Content {
        /// Of those that are not as recorded.
        var standings: [Int: Standing] = [:]
        var hasBegun = false
        var isInterrupted = false
        var breaks = 0
    }

    private let register: WatchRegister
    private let mailbox: WatchMailbox
    private let content = Mutex(Content())

    init(_ register: WatchRegister, _ mailbox: WatchMailbox) {
        self.register = register
        self.mailbox = mailbox
    }

    // MARK: - Resources

    /// Takes note of what there is now; nil: it is gone.
    func note(_ live: ResourceState?, of index: Int, _ schema: Schema) {
        guard let live else { return change(index, to: .deleted, .deleted(index)) }
        let steady = schema.attributes.filter { !$0.isVolatile }
        let recorded = register.resources[index].state.values
        let differs = steady.contains { attribute in
            let (old, new) = (recorded[key: attribute.name] ?? .null, live.values[key: attribute.name] ?? .null)
            return !old.isSame(as: new) && attribute.normalisation?.areSame(old, new) != true
        }
        guard differs else { return change(index, to: nil, .restored(index)) }
        var hasher = Hasher()
        for attribute in steady { hasher.combine(live.values[key: attribute.name]) }
        change(index, to: .drifted(hasher.finalize()), .drifted(index, live))
    }

    /// Under the lock, so that the mailbox has the notices of one resource in their order.
    private func change(_ index: Int, to standing: Standing?, _ notice: WatchNotice) {
        content.withLock { content in
            guard content.standings[index] != standing else { return }
            content.standings[index] = standing
            mailbox.put(notice)
        }
    }

    // MARK: - The watch itself

    var hasBegun: Bool { content.withLock { $0.hasBegun } }
    var isInterrupted: Bool { content.withLock { $0.isInterrupted } }
    /// How often something has broken so far.
    var breaks: Int { content.withLock { $0.breaks } }

    /// Drift may go unseen until everything has been read again.
    func note(breakFor reason: String) {
        content.withLock { content in
            content.breaks += 1
            guard !content.isInterrupted else { return }
            content.isInterrupted = true
            mailbox.put(.interrupted(reason))
        }
    }

    /// Everything has been read; that counts if nothing has broken since there were `breaks` of them.
    func note(wholeSince breaks: Int) {
        content.withLock { content in
            guard content.breaks == breaks else { return }
            if !content.hasBegun { mailbox.put(.began) }
            if content.isInterrupted { mailbox.put(.resumed) }
            (content.hasBegun, content.isInterrupted) = (true, false)
        }
    }
}
