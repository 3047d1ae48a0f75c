public import PlumbModel
internal import StateBackendAPI

/// `plumb state unlock`: ends the lease of a run that cannot give it back, and keeps in history who did so and why.
public struct StateUnlockOperation: Sendable {
    /// What was found.
    public enum Unlocking: Sendable {
        /// Nobody holds the stack.
        case free
        /// The lease that was ended.
        case ended(Lease)
        /// It was ended; the reason could not be written down, because of what the text says.
        case endedUnrecorded(Lease, String)
    }

    private let state: StateOperation
    private let holder: LeaseHolder

    public init(_ state: StateOperation, holder: LeaseHolder) {
        self.state = state
        self.holder = holder
    }

    /// - Parameter force: ends also the lease of somebody who may be alive.
    public func run(reason: String, force: Bool) async throws(Diagnostics) -> Unlocking {
        let base = state.backend.base
        let current = try await translating { () throws(StateBackendError) in
            try await base.livingLease(on: state.stack, seenFrom: holder)
        }
        guard let lease = current else { return .free }
        let isDead = LeaseHolder(parsing: lease.holder)?.isDead(seenFrom: holder) ?? false
        if !isDead, !force { throw Self.alive(lease) }
        // That very lease and no other: if somebody else has taken the stack meanwhile, nothing happens to them.
        try await translating { () throws(StateBackendError) in try await base.release(lease) }
        do throws(Diagnostics) {
            _ = try await state.storedEditing("state unlock", holder).perform { (_, _) throws(Diagnostics) in
                StateEditing.Edit(writes: [], summary: "ended the lease of \(lease.holder): \(reason)", told: true)
            }
            return .ended(lease)
        } catch {
            return .endedUnrecorded(lease, error.all.map(\.detail).joined(separator: " "))
        }
    }

    private static func alive(_ lease: Lease) -> Diagnostics {
        let seconds = Int((lease.expiresAt - WallClock.now()).rounded(.up))
        if seconds <= 0 {
            return Diagnostics(
                .error(
                    "Stack is held",
                    "\(lease.holder) holds the stack: its lease has run out by the clock of this machine, but that process "
                        + "still runs. Wait until it has ended, or end it. If it hangs, say `--force`: whatever that run is "
                        + "doing, it can record nothing more, and the next plan finds out what became of it."))
        }
        return Diagnostics(
            .error(
                "Stack is held",
                "\(lease.holder) holds the stack, and it cannot be seen from here that this process is dead. If it is, its "
                    + "lease ends by itself in \(seconds) s. If it lives, end it there. To end its lease now, say "
                    + "`--force`: whatever that run is doing, it can record nothing more, and the next plan finds out what "
                    + "became of it."))
    }
}
