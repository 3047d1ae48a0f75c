public import PlumbModel

/// A state backend whose leases expire by the clock of the machine that asks, and that tells of expired ones too: a clock
/// that jumps must not take the stack from a run that goes on.
public protocol LeaseRemembering: StateBackend {
    /// The last lease that was given out and not given back, whether it has expired or not; nil where there is none.
    func unreturnedLease(on stack: String) async throws(StateBackendError) -> Lease?
}
