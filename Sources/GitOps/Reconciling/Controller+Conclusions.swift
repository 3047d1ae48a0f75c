internal import Logging
internal import Operations
internal import PlumbModel
internal import Repositories
internal import StateBackendAPI

extension Controller {
    /// Notes what a job has made, and wakes whoever waits for it.
    func conclude(_ job: StackJob, _ result: StackJobResult, _ began: Double) async {
        let place = job.place
        guard var entry = stacks[place] else { return }
        let before = entry.status
        let now = Clock.now()
        entry.trigger = "schedule"
        if job.wantsDriftCheck || job.wantsSync { entry.driftTriedAt = now }
        entry.status.appliedRevision = result.appliedRevision
        entry.status.driftCheckedAt = result.driftCheckedAt
        entry.status.driftCount = result.driftCount
        entry.status.pendingPlan = result.pendingPlan
        if let policy = result.policy { entry.policy = policy }
        let hasNewMemory = entry.memory != result.memory
        let isReadAnew =
            entry.memory.appliedHash != result.memory.appliedHash || entry.memory.reading != result.memory.reading
        entry.memory = result.memory
        // What was read now decides from now on what another commit means.
        if isReadAnew, job.revision == entry.newest { entry.hash = result.memory.appliedHash }
        stacks[place] = entry
        counts.count(result, seconds: now - began)
        if hasNewMemory { await saveMemory(place) }
        if let plan = result.plan { await save(plan, of: entry.name) }
        await settleOrders(job, result)
        if result.healed > 0 { await tell(healed: result.healed, place) }
        await tell(place, outcome(of: job, result))
        if let drift = result.drift { await tell(drift: drift, place) }
        await watch(job, result)
        let isNews = stacks[place]?.status.isNews(for: before) == true
        if (job.wantsSync && job.waitsFor == nil) || result.hasChanged || isNews {
            wakeDependents(of: entry.name)
        }
    }

    /// With whose word it is that an earlier revision is held.
    private func outcome(of job: StackJob, _ result: StackJobResult) -> Reconciliation {
        guard case .converged(let text) = result.outcome, let pin = job.orders.pin, job.orders.pinnedTo == job.revision
        else { return result.outcome }
        return .converged(
            "\(text); \(pin.actor) has rolled \(pin.refused.prefix(12)) back until a newer one comes: \(pin.reason)")
    }

    /// Ends what people have asked for, as far as it was asked before the job began.
    private func settleOrders(_ job: StackJob, _ result: StackJobResult) async {
        let before = job.orders
        guard
            before.syncAskedAt != nil || before.driftAskedAt != nil || before.approval != nil
                || before.expectation != nil
        else { return }
        do throws(Diagnostics) {
            let orders = try await keeper.change(.orders, job.name, from: StackOrders()) { orders in
                if orders.syncAskedAt == job.orders.syncAskedAt { orders.syncAskedAt = nil }
                if orders.driftAskedAt == job.orders.driftAskedAt { orders.driftAskedAt = nil }
                var isOver = result.usesApproval
                if let pending = result.pendingPlan, pending != orders.approval?.digest { isOver = true }
                if case .converged = result.outcome { isOver = true }
                if orders.approval == job.orders.approval, isOver { orders.approval = nil }
                // What was promised holds until it is done, or somebody has approved something else.
                var isKept = result.keepsPromise
                if case .converged = result.outcome, job.wantsSync { isKept = true }
                if orders.expectation == job.orders.expectation, isKept { orders.expectation = nil }
            }
            stacks[job.place]?.orders = orders
        } catch {
            logger.error(
                "orders could not be noted as done", metadata: ["reason": "\(error.sentence(while: job.name))"])
        }
    }

    private func watch(_ job: StackJob, _ result: StackJobResult) async {
        let place = job.place
        var watch = stacks[place]?.watch
        if let old = watch, job.appliedSession != nil, result.session != nil || !result.holdsApplied {
            stacks[place]?.watch = nil
            watch = nil
            await old.end()
        }
        if watch == nil, let session = result.session {
            let made = StackWatch(session, revision: job.revision) { [weak self] event in
                await self?.notice(event, place)
            }
            stacks[place]?.watch = made
            watch = made
        } else if !result.hasChanged {
            return
        }
        do throws(StateBackendError) {
            try await watch?.refresh()
        } catch {
            logger.warning("stack cannot be watched", metadata: ["stack": "\(job.name)", "reason": "\(error.message)"])
        }
    }

    private func notice(_ event: StackWatch.WatchEvent, _ place: StackPlace) {
        switch event {
        case .drifted:
            counts.notices += 1
            // Many changes at once are one heal.
            wake(place, "watch", driftAfter: 0.1)
        case .interrupted(let reason):
            logger.warning(
                "watch is interrupted", metadata: ["stack": "\(stacks[place]?.name ?? "")", "reason": "\(reason)"])
        }
    }
}
