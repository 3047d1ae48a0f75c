import Synchronization

/// Remembers which running guests were given memory back and did not take it, because they hang or are paused: they need not be
/// asked again and again.
final class UntakenMemory: Sendable {
    private struct Request: Equatable {
        /// Another one with each start of the guest.
        let id: Int?
        let memory: UInt64
        /// What the guest had then: with less or more than that it is another matter.
        let had: UInt64?
    }

    private let requests = Mutex<[String: Request]>([:])

    func note(_ domain: Domain) {
        let status = domain.status
        let request = Request(id: status.id, memory: domain.version.memory, had: status.memory)
        requests.withLock { $0[domain.version.uuid] = request }
    }

    func holds(_ uuid: String, _ id: Int?, _ memory: UInt64, had: UInt64?) -> Bool {
        requests.withLock { $0[uuid] } == Request(id: id, memory: memory, had: had)
    }

    func forget(_ uuid: String) { requests.withLock { $0[uuid] = nil } }
}
