public import Applying
internal import PlumbModel
internal import StateBackendAPI

/// A stack that this process has for itself: its lease, and the task that renews it.
public struct HeldStack: Sendable {
    let lease: Lease
    /// Stops the run when the lease is lost.
    public let control: RunControl
    private let backend: any StateBackend
    private let renewal: Task<Diagnostic?, Never>

    init(_ lease: Lease, _ backend: any StateBackend, control: RunControl) {
        self.lease = lease
        self.backend = backend
        self.control = control
        let keeper = LeaseKeeper(backend: backend, lease: lease, control: control)
        renewal = Task { await keeper.keep() }
    }

    /// Lets others have it.
    ///
    /// - Returns: why the lease was lost meanwhile; nil if it was not.
    @discardableResult
    func end() async -> Diagnostic? {
        renewal.cancel()
        let lost = await renewal.value
        let (backend, lease) = (backend, lease)
        // A lease that cannot be given back expires by itself; what it was taken for has ended either way.
        await Task { try? await backend.release(lease) }.value
        return lost
    }

    /// Lets others have it.
    public func giveBack() async { await end() }
}
