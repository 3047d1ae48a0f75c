import PlumbModel
import ProviderAPI

extension LibvirtInstance: Watching {
    /// One stream of the gateway's events. All resources are read by the lists of a refresh in the beginning and whenever
    /// events may be missing; otherwise only what an event is about.
    func watch(_ resources: [WatchedResource], into mailbox: WatchMailbox) async throws(ProviderError) {
        let register = try WatchRegister(resources, types: resourceTypes)
        let agenda = WatchAgenda()
        let board = DriftBoard(register, mailbox)
        let failure = await withTaskGroup(of: ProviderError.self) { group in
            group.addTask {
                var follower = EventFollower(gateway: gateway, register: register, agenda: agenda, board: board)
                return await follower.run()
            }
            group.addTask { await DriftReader(register: register, agenda: agenda, board: board).run() }
            group.addTask { await agenda.keepTime(unannounced: register.images) }
            let first = await group.next()
            group.cancelAll()
            return first
        }
        throw failure ?? .watchCancelled
    }
}

extension ProviderError {
    static let watchCancelled = ProviderError(.cancelled, "The watch was cancelled.")
}
