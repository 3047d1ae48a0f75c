internal import PlumbModel
internal import StateBackendAPI

/// Takes a stack's lease, also from a run of this machine that died without giving it back.
///
/// A dead holder's lease would expire by itself within seconds; on its own machine nobody has to wait for that, since
/// that very process can be seen to be gone. The fence rises either way, so a mistake could lose time but no write.
///
/// A living one keeps its stack there, even when its lease has expired: a clock that jumps, or a machine that slept,
/// does not end the calls that it is in the middle of.
struct LeaseTaking: Sendable {
    let backend: any StateBackend
    let stack: String
    let holder: LeaseHolder
    /// For how many seconds whoever has the stack for one commit is waited for without being asked to.
    var briefPatience = 5.0

    /// Seconds of such waiting that are worth no word.
    private static let unnoticed = 1.0

    /// As `take`, but waits for others.
    ///
    /// - Parameters:
    ///   - patience: how many seconds, from the first refusal on; for one commit it waits in any case.
    ///   - waiting: called with each holder that it comes to wait for, as people know it.
    func take(
        seconds: Double, patience: Double, waiting: @Sendable (String) -> Void = { _ in }
    ) async throws(StateBackendError) -> Lease {
        var refused: ContinuousClock.Instant?
        var known: String?
        while true {
            do throws(StateBackendError) {
                return try await take(seconds: seconds)
            } catch {
                let first = refused ?? ContinuousClock.now
                refused = first
                let waited = (ContinuousClock.now - first) / .seconds(1)
                let isHeld = error.code == .leaseHeld
                guard error.isRetryable, isHeld || waited < patience, !Task.isCancelled else { throw error }
                let lease = try await backend.livingLease(on: stack, seenFrom: holder)
                // Where nobody has it any more, it was for a moment.
                let isBrief = isHeld && (lease.map { LeaseHolder(parsing: $0.holder)?.isBrief ?? false } ?? true)
                let left = (isBrief ? max(patience, briefPatience) : patience) - waited
                guard left > 0 else { throw error }
                let isNoticed = !isBrief || waited >= Self.unnoticed
                if let name = lease?.holder, name != known, isNoticed {
                    waiting(LeaseHolder(parsing: name)?.description ?? name)
                    known = name
                }
                if try await backend.currentLease(on: stack) != nil {
                    // A holder that dies gives nothing back, so now and then it is looked at.
                    try await backend.awaitRelease(of: stack, seconds: min(left, isNoticed ? 5 : Self.unnoticed))
                    // All who wait are woken at once.
                    await pause(milliseconds: .random(in: 1...50))
                } else {
                    // What is only busy, free by now, or held by one who lives on after the lease has expired, must not be
                    // asked without a pause.
                    await pause(milliseconds: 200)
                }
            }
        }
    }

    private func pause(milliseconds: Int) async {
        do {
            try await Task.sleep(for: .milliseconds(milliseconds))
        } catch {
            // The next try tells that the task was cancelled.
        }
    }

    func take(seconds: Double) async throws(StateBackendError) -> Lease {
        try await refuseLivingHolder()
        do throws(StateBackendError) {
            return try await backend.acquireLease(on: stack, holder: holder.leaseName, seconds: seconds)
        } catch {
            guard error.code == .leaseHeld, let lease = try await backend.currentLease(on: stack),
                let other = LeaseHolder(parsing: lease.holder), other.isDead(seenFrom: holder)
            else { throw error }
            // Gives back that very lease: if somebody else has taken the stack meanwhile, nothing happens.
            try await backend.release(lease)
            return try await backend.acquireLease(on: stack, holder: holder.leaseName, seconds: seconds)
        }
    }

    private func refuseLivingHolder() async throws(StateBackendError) {
        guard try await backend.currentLease(on: stack) == nil,
            let lease = try await backend.expiredLeaseOfLiving(on: stack, seenFrom: holder)
        else { return }
        throw StateBackendError(
            .leaseHeld,
            "The stack \"\(stack)\" is held by \(lease.holder). Its lease has run out by the clock of this machine, but "
                + "that process still runs: the clock was changed, or the machine slept. Wait until it has ended, or end "
                + "it; if it hangs, `plumb state unlock --force` takes the stack from it.")
    }
}

extension StateBackend {
    /// The lease of somebody who may go on: not expired, or of a process of this machine that still runs.
    func livingLease(on stack: String, seenFrom holder: LeaseHolder?) async throws(StateBackendError) -> Lease? {
        if let lease = try await currentLease(on: stack) { return lease }
        guard let holder else { return nil }
        return try await expiredLeaseOfLiving(on: stack, seenFrom: holder)
    }

    fileprivate func expiredLeaseOfLiving(
        on stack: String, seenFrom holder: LeaseHolder
    ) async throws(StateBackendError) -> Lease? {
        guard let remembering = self as? any LeaseRemembering,
            let lease = try await remembering.unreturnedLease(on: stack),
            LeaseHolder(parsing: lease.holder)?.isAlive(seenFrom: holder) ?? false
        else { return nil }
        return lease
    }
}
