import PlumbModel
import ProviderAPI
import Synchronization

/// Knows of each watched resource whether it has drifted, and puts only what has changed about that into the mailbox.
final class WatchBoard: Sendable {
    private enum Standing: Hashable {
        case drifted(Int)
        case deleted
    }

    private struct Content {
        /// Of those that are not as recorded; a drifted one with the hash of what it is now.
        var standings: [Int: Standing] = [:]
        var unlisted: Set<Int>
        var nextPart: Int
        var broken: Set<Int> = []
    }

    let mailbox: WatchMailbox
    private let resources: [WatchedResource]
    private let content: Mutex<Content>

    /// - Parameter parts: the numbers of all parts that must be compared once before the watch has begun.
    init(_ resources: [WatchedResource], parts: Range<Int>, _ mailbox: WatchMailbox) {
        self.resources = resources
        self.mailbox = mailbox
        content = Mutex(Content(unlisted: Set(parts), nextPart: parts.upperBound))
        if parts.isEmpty { mailbox.put(.began) }
    }

    func prior(_ index: Int) -> ResourceState { resources[index].state }

    /// Takes note of what is stored now.
    func note(_ live: ResourceState, of index: Int) {
        let recorded = prior(index).values
        let differs = KubernetesObject.schema.attributes.contains { attribute in
            !attribute.isVolatile
                && !(recorded[key: attribute.name] ?? .null).isSame(as: live.values[key: attribute.name] ?? .null)
        }
        guard differs else { return change(index, to: nil, .restored(index)) }
        let hash = live.values[key: "manifest"]?.hashValue ?? 0
        change(index, to: .drifted(hash), .drifted(index, live))
    }

    func note(deletionOf index: Int) { change(index, to: .deleted, .deleted(index)) }

    /// Under the lock, so that the mailbox has the notices of one resource in their order.
    private func change(_ index: Int, to standing: Standing?, _ notice: WatchNotice) {
        content.withLock { content in
            guard content.standings[index] != standing else { return }
            content.standings[index] = standing
            mailbox.put(notice)
        }
    }

    // MARK: - The parts

    /// One part becomes several.
    func divide(_ part: Int, into count: Int) -> Range<Int> {
        content.withLock { content in
            let parts = content.nextPart..<(content.nextPart + count)
            content.nextPart = parts.upperBound
            if content.unlisted.contains(part) { content.unlisted.formUnion(parts) }
            content.unlisted.remove(part)
            content.broken.remove(part)
            return parts
        }
    }

    /// A part has been compared as a whole.
    func note(listingOf part: Int) {
        content.withLock { content in
            guard content.unlisted.remove(part) != nil, content.unlisted.isEmpty else { return }
            mailbox.put(.began)
        }
    }

    func note(breakOf part: Int, _ reason: String) {
        content.withLock { content in
            guard content.broken.insert(part).inserted, content.broken.count == 1 else { return }
            mailbox.put(.interrupted(reason))
        }
    }

    func note(returnOf part: Int) {
        content.withLock { content in
            guard content.broken.remove(part) != nil, content.broken.isEmpty else { return }
            mailbox.put(.resumed)
        }
    }
}
