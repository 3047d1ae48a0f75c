/// A provider instance whose system tells by itself what happens to resources: drift is known when it happens, and not at
/// the next refresh.
public protocol Watching: ProviderInstance {
    /// Watches until its task is cancelled, and tells what it sees.
    ///
    /// All resources are compared once in the beginning (`WatchNotice.began` tells that this is done), so that nothing is
    /// missed that happened before. Breaks of the connection are mended, with what happened meanwhile compared too.
    /// What is recorded counts as it is given here: after an apply that changes it, a new watch takes over.
    ///
    /// - Throws: `cancelled`, or why there can be no watch at all.
    func watch(_ resources: [WatchedResource], into mailbox: WatchMailbox) async throws(ProviderError)
}

/// A recorded resource that is to be watched.
public struct WatchedResource: Sendable {
    /// The name of its type.
    public let type: String
    /// As recorded, without sensitive marks.
    public let state: ResourceState

    public init(type: String, state: ResourceState) {
        self.type = type
        self.state = state
    }
}

/// What a watch has seen. Numbers are those of the watched resources in their order.
public enum WatchNotice: Sendable {
    /// Its live values differ from the recorded ones, in what counts as drift; with the live ones, which may hold secrets.
    case drifted(Int, ResourceState)
    /// It is gone.
    case deleted(Int)
    /// It is as it was recorded again.
    case restored(Int)
    /// Everything has been compared once.
    case began
    /// Something cannot be watched for the moment: drift may go unseen until `resumed`. With the reason, for people.
    case interrupted(String)
    /// Everything is watched again, and nothing was missed.
    case resumed
}
