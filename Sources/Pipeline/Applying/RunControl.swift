internal import Synchronization

/// How a person stops a run: first nothing new is started, then the calls under way are cancelled.
public final class RunControl: Sendable {
    private let stopping = Atomic<Bool>(false)

    public init() {}

    /// Finish what runs, start nothing. (Cancelling the task of the run cancels its calls.)
    public func stop() { stopping.store(true, ordering: .relaxed) }

    public var isStopping: Bool { stopping.load(ordering: .relaxed) }
}
