import PlumbModel
import StateBackendAPI
import StateKeeping

/// One call that writes: what waits for its turn in a group commit.
struct StateCall: Sendable {
    /// What a call gives back: a lease, or nothing.
    typealias Outcome = Result<Lease?, StateBackendError>

    enum Action: Sendable {
        case acquire(holder: String, seconds: Double)
        case renew(Lease, seconds: Double)
        case release(Lease)
        case breakLease
        case commit([StateWrite], Lease)
    }

    let stack: String
    let action: Action
    /// Seconds since 1970; nil for the database's clock.
    let time: Double?

    /// Whether it makes the tables where there are none.
    var creates: Bool {
        if case .acquire = action { true } else { false }
    }

    /// What it gives where there are no tables.
    var outcomeOfNothing: Outcome {
        switch action {
        case .acquire, .release, .breakLease: .success(nil)
        case .renew(let lease, _), .commit(_, let lease): .failure(LeaseEntry.unknown(lease))
        }
    }
}
