import CLibvirt
import HTTPTypes

/// Asks a guest to shut down, and waits for it.
struct DomainShutdown: Sendable {
    private static let pause = Duration.milliseconds(250)
    /// A guest that is still booting hears nothing, so it is asked again.
    private static let askAgain = Duration.seconds(8)

    let link: LibvirtLink
    let uuid: String

    /// True when it is off. What had not shut down in time is turned off with `force`.
    func run(within limit: Duration, force: Bool) async throws(Problem) {
        let end = ContinuousClock.now + limit
        var asked: ContinuousClock.Instant?
        while ContinuousClock.now < end {
            let asks = asked.map { $0 + DomainShutdown.askAgain < .now } ?? true
            if try await isOff(asking: asks) { return }
            if asks { asked = .now }
            do {
                try await Task.sleep(for: DomainShutdown.pause)
            } catch {
                throw Problem(.conflict, "The task was cancelled", detail: "The guest may still shut down.")
            }
        }
        guard force else {
            throw Problem.conflict(
                "The guest did not shut down within \(Int(limit.seconds)) seconds. Give it more time, or say force.")
        }
        try await link.run { [uuid] (connection) throws(Problem) in
            let handle = try connection.domain(uuid)
            // Taken before anything else is asked, which would wipe the reason out.
            let refusal = virDomainDestroy(handle.pointer) < 0 ? Problem.libvirt(doing: "turning off a domain") : nil
            if let refusal, virDomainIsActive(handle.pointer) == 1 { throw refusal }
        }
    }

    private func isOff(asking: Bool) async throws(Problem) -> Bool {
        try await link.run { [uuid] (connection) throws(Problem) in
            // A transient domain is gone when it is off.
            guard let handle = try Connection.optional({ () throws(Problem) in try connection.domain(uuid) }) else {
                return true
            }
            guard virDomainIsActive(handle.pointer) == 1 else { return true }
            guard asking, virDomainShutdown(handle.pointer) < 0 else { return false }
            let refusal = Problem.libvirt(doing: "asking a guest to shut down")
            if virDomainIsActive(handle.pointer) == 1 { throw refusal }
            return false
        }
    }
}
