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

    /// Whether it may take much longer than others: a whole state is put in place.
    var isLarge: Bool {
        guard case .commit(let writes, _) = action else { return false }
        return writes.contains { if case .restore = $0 { true } else { false } }
    }

    /// What it gives where there are no tables.
    var outcomeOfNothing: Outcome {
        switch action {
        case .acquire, .release, .breakLease: .success(nil)
        case .renew(let lease, _), .commit(_, let lease): .failure(LeaseEntry.unknown(lease))
        }
    }
}
