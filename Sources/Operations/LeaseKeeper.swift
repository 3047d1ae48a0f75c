internal import Applying
internal import PlumbModel
internal import StateBackendAPI

/// Renews a lease while a run goes on, and stops the run when it is lost.
struct LeaseKeeper: Sendable {
    let backend: any StateBackend
    let lease: Lease
    let control: RunControl

    /// Returns when its task is cancelled, or with the reason when the lease is lost.
    func keep() async -> Diagnostic? {
        var failures = 0
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: .seconds(ApplyOperation.leaseSeconds / 3))
            } catch {
                return nil
            }
            do throws(StateBackendError) {
                _ = try await backend.renew(lease, seconds: ApplyOperation.leaseSeconds)
                failures = 0
            } catch {
                if Task.isCancelled { return nil }
                failures += 1
                // Being unreachable for a moment is not being dispossessed: every write checks the fence anyway.
                guard error.code == .leaseLost || failures >= 3 else { continue }
                control.stop()
                return .error(
                    error.summary,
                    "The run started nothing more, since it no longer holds the stack: \(error.message)")
            }
        }
        return nil
    }
}
