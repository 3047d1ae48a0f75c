internal import Logging
internal import Operations
internal import PlumbModel
internal import Repositories
internal import StateBackendAPI

extension Controller {
    // MARK: - When

    /// Says when a stack is to be looked at next.
    func schedule(_ place: StackPlace) {
        guard let entry = stacks[place] else { return }
        guard isMine(entry), !entry.isMissing, entry.newest != nil else { return stackQueue.remove(place) }
        if entry.isRunning { return }
        let now = Clock.now()
        if let suspension = entry.orders.suspension, suspension.isActive(at: now) {
            // Once more, to say so.
            let isTold = entry.status.suspension == suspension
            stackQueue[place] = isTold ? suspension.until : now
            return
        }
        var times: [Double] = []
        if !entry.isDone { times.append(entry.status.nextAttemptAt ?? now) }
        if entry.orders.approval != nil || entry.orders.syncAskedAt != nil { times.append(now) }
        if entry.wantsDriftCheck || entry.orders.driftAskedAt != nil { times.append(now) }
        if let due = driftDue(entry) { times.append(due) }
        stackQueue[place] = times.min()
    }

    /// When drift is to be looked for; nil where nothing was ever applied.
    func driftDue(_ entry: StackEntry) -> Double? {
        guard entry.status.appliedRevision != nil else { return nil }
        let every = entry.policy.driftInterval ?? ControllerConfiguration.driftInterval
        let last = max(entry.status.driftCheckedAt ?? 0, entry.driftTriedAt ?? 0)
        // Of all that were checked together, each comes back at a time of its own.
        let share = Double(Spreading.draw("\(Int(last))", entry.name) % 1000) / 1000
        let due = last + every * (0.9 + 0.2 * share)
        // What a controller takes up is spread over its first seconds; what it can watch, it watches soon.
        if entry.memory.isWatched == true, entry.watch == nil, keepsWatches, entry.driftTriedAt == nil {
            return entry.takenUpAt + 10 * share
        }
        return entry.driftTriedAt == nil ? max(due, entry.takenUpAt + min(30, every / 2) * share) : due
    }

    /// Something has happened that a stack is to be looked at for.
    func wake(_ place: StackPlace, _ trigger: String, driftAfter seconds: Double? = nil) {
        guard var entry = stacks[place] else { return }
        entry.trigger = trigger
        if seconds != nil { entry.wantsDriftCheck = true }
        if entry.isRunning { entry.isToRunAgain = true }
        let isRunning = entry.isRunning
        stacks[place] = entry
        if !isRunning, isMine(entry), !entry.isMissing {
            stackQueue.hasten(place, to: Clock.now() + (seconds ?? 0))
        }
        alarm.ring()
    }

    // MARK: - What

    func reconcile(_ place: StackPlace) async {
        do throws(Diagnostics) {
            try await refresh(place)
            if let obstacle = try await obstacle(place) {
                await tell(place, obstacle)
            } else {
                let began = Clock.now()
                let job = try await job(place)
                if job.wantsSync || job.wantsDriftCheck {
                    await conclude(job, await reconciler(place).run(job), began)
                } else if stacks[place]?.isDone == false {
                    await tell(place, .converged(StackReconciler.at(job.status.appliedRevision ?? job.revision)))
                }
            }
        } catch {
            await tell(place, Reconciliation(error, while: "The stack could not be looked at"))
        }
        guard var entry = stacks[place] else { return }
        entry.isRunning = false
        guard repositories[place.repository] != nil else { return await letGo(entry) }
        let isToRunAgain = entry.isToRunAgain
        entry.isToRunAgain = false
        stacks[place] = entry
        if entry.isMissing { return await tellLost(place) }
        guard !isToRunAgain else { return stackQueue.hasten(place, to: Clock.now() + 0.1) }
        schedule(place)
        // Whatever is wrong, no stack keeps the machine busy with itself.
        if let due = stackQueue[place] { stackQueue[place] = max(due, Clock.now() + 0.05) }
    }

    private func reconciler(_ place: StackPlace) -> StackReconciler {
        StackReconciler(
            capabilities: capabilities, environment: environment, holder: holder, configuration: configuration,
            state: state
        ) { [weak self] text in
            await self?.progress(place, text)
        }
    }

    private func progress(_ place: StackPlace, _ text: String) async {
        guard var entry = stacks[place] else { return }
        entry.status.phase = .progressing
        entry.status.reason = text
        entry.status.since = Clock.now()
        entry.status.worker = member.name
        stacks[place] = entry
        await save(place)
    }

    /// Reads what others may have written.
    private func refresh(_ place: StackPlace) async throws(Diagnostics) {
        guard let name = stacks[place]?.name else { return }
        let orders = try await keeper.one(.orders, name, as: StackOrders.self)
        stacks[place]?.orders = orders?.content ?? StackOrders()
        guard stacks[place]?.isStale == true else { return }
        let status = try await keeper.one(.status, name, as: StackStatus.self)
        let memory = try await keeper.one(.memory, name, as: StackMemory.self)
        stacks[place]?.isStale = false
        if let status {
            let revision = stacks[place]?.status.revision
            stacks[place]?.status = status.content
            stacks[place]?.status.revision = revision
            // It may have been in another folder.
            stacks[place]?.status.repository = place.repository
            stacks[place]?.status.folder = place.folder
            stacks[place]?.statusVersion = status.version
        }
        if let memory {
            stacks[place]?.memory = memory.content
            stacks[place]?.memoryVersion = memory.version
        }
    }

    /// Why a stack is not to be worked on; nil where it is.
    private func obstacle(_ place: StackPlace) async throws(Diagnostics) -> Reconciliation? {
        guard let entry = stacks[place] else { return nil }
        let now = Clock.now()
        stacks[place]?.status.suspension = nil
        if let suspension = entry.orders.suspension, suspension.isActive(at: now) {
            stacks[place]?.status.suspension = suspension
            let until = suspension.until.map { " until \(InstantText.utc($0))" } ?? ""
            return .halted("Suspended\(until) by \(suspension.actor): \(suspension.reason)")
        }
        if let rival = entry.rival {
            return .halted(
                "The stack in \(rival.description) has the same name. Two stacks of one name would have one state: rename one "
                    + "of them in stack.yaml.")
        }
        if let other = entry.otherName {
            return .halted(
                "Its stack.yaml calls it \"\(other)\" now, and what it has made is recorded under the name \(entry.name). Call it so "
                    + "again; a stack of another name belongs into another folder.")
        }
        return try await dependency(entry)
    }

    private func dependency(_ entry: StackEntry) async throws(Diagnostics) -> Reconciliation? {
        // Only what is new waits for others; what is applied is held as it is.
        guard !entry.policy.after.isEmpty, !entry.isApplied else { return nil }
        if let circle = circle(from: entry.name) {
            return .halted(
                "It is to come after itself: \(circle.joined(separator: " -> ")). Remove one of these `after`.")
        }
        for dependency in entry.policy.after {
            guard let place = names[dependency.stack], let other = stacks[place] else {
                let hint = Suggestion.didYouMean(dependency.stack, among: names.keys)
                return .waiting("It comes after the stack \"\(dependency.stack)\", which no repository has.\(hint)")
            }
            var status = other.status
            if !isMine(other), let kept = try await keeper.one(.status, other.name, as: StackStatus.self) {
                status = kept.content
            }
            if status.phase != .converged || isMine(other) && !other.isApplied {
                return .waiting("It comes after the stack \(other.name), which is \(status.phase.rawValue).")
            }
        }
        return nil
    }

    private func circle(from name: String) -> [String]? {
        var path = [name]
        var seen: Set<String> = []
        func walk(_ stack: String) -> Bool {
            guard seen.insert(stack).inserted, let place = names[stack], let entry = stacks[place] else { return false }
            for next in entry.policy.after.map(\.stack) {
                path.append(next)
                if next == name || walk(next) { return true }
                path.removeLast()
            }
            return false
        }
        return walk(name) ? path : nil
    }

    private func job(_ place: StackPlace) async throws(Diagnostics) -> StackJob {
        guard let entry = stacks[place], let repository = repositories[place.repository], let newest = entry.newest
        else {
            throw Diagnostics(
                Diagnostic.error("Repository is not followed", "\(place.repository) is not followed any more.")
                    .passing(if: true))
        }
        let (revision, isPinned) = try await aim(entry, newest)
        let hash = try await BlockingWork.run { () throws(Diagnostics) in
            try repository.followed.contentHash(of: entry.memory.reading, folder: place.folder, at: revision)
        }
        if !isPinned { stacks[place]?.hash = hash }
        let isOther = hash != entry.memory.appliedHash || entry.status.appliedRevision == nil
        let isAsked = entry.orders.syncAskedAt != nil || entry.orders.approval != nil
        let now = Clock.now()
        // What is applied is not applied again because a later look has failed: it is looked at again.
        let isRetry = entry.status.phase != .converged && entry.status.phase != .pending
        stacks[place]?.wantsDriftCheck = false
        return StackJob(
            place: place, name: entry.name, repository: repository.followed, revision: revision,
            status: stacks[place]?.status ?? entry.status, memory: entry.memory, orders: entry.orders,
            wantsSync: isOther || isAsked,
            wantsDriftCheck: entry.wantsDriftCheck || entry.orders.driftAskedAt != nil || (isRetry && !isOther)
                || (driftDue(entry).map { $0 <= now } ?? false),
            trigger: entry.trigger, session: await session(place, at: revision, isOther: isOther),
            keepsWatch: keepsWatches, control: control)
    }

    /// Which revision a stack is to be at: the newest, or after a rollback the one before, until a newer one comes.
    private func aim(
        _ entry: StackEntry, _ newest: String
    ) async throws(Diagnostics) -> (revision: String, isPinned: Bool) {
        guard let pin = entry.orders.pin, let target = entry.orders.pinnedTo else {
            stacks[entry.place]?.status.pin = nil
            return (newest, false)
        }
        if pin.refused == newest {
            stacks[entry.place]?.status.pin = pin
            return (target, true)
        }
        let orders = try await keeper.change(.orders, entry.name, from: StackOrders()) { orders in
            guard orders.pin == pin else { return }
            orders.pin = nil
            orders.pinnedTo = nil
        }
        stacks[entry.place]?.orders = orders
        stacks[entry.place]?.status.pin = nil
        return (newest, false)
    }

    /// The session of a watch, where the specs are the same; a watch of others ends.
    private func session(_ place: StackPlace, at revision: String, isOther: Bool) async -> StackSession? {
        guard let watch = stacks[place]?.watch else { return nil }
        if watch.revision == revision || !isOther { return watch.session }
        stacks[place]?.watch = nil
        await watch.end()
        return nil
    }

    // MARK: - After

    private func conclude(_ job: StackJob, _ result: StackJobResult, _ began: Double) async {
        let place = job.place
        guard var entry = stacks[place] else { return }
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
        await watch(job, result)
        if case .converged = result.outcome, job.wantsSync { wakeDependents(of: entry.name) }
    }

    /// With whose word it is that an earlier revision is held.
    private func outcome(of job: StackJob, _ result: StackJobResult) -> Reconciliation {
        guard case .converged(let text) = result.outcome, let pin = job.orders.pin, job.orders.pinnedTo == job.revision
        else { return result.outcome }
        return .converged(
            "\(text); \(pin.actor) has rolled \(pin.refused.prefix(12)) back until a newer one comes: \(pin.reason)")
    }

    private func wakeDependents(of name: String) {
        for entry in stacks.values where entry.policy.after.contains(where: { $0.stack == name }) && !entry.isApplied {
            stacks[entry.place]?.status.nextAttemptAt = nil
            wake(entry.place, "schedule")
        }
    }

    /// Ends what people have asked for, as far as it was asked before the job began.
    private func settleOrders(_ job: StackJob, _ result: StackJobResult) async {
        guard job.orders.syncAskedAt != nil || job.orders.driftAskedAt != nil || job.orders.approval != nil else {
            return
        }
        do throws(Diagnostics) {
            let orders = try await keeper.change(.orders, job.name, from: StackOrders()) { orders in
                if orders.syncAskedAt == job.orders.syncAskedAt { orders.syncAskedAt = nil }
                if orders.driftAskedAt == job.orders.driftAskedAt { orders.driftAskedAt = nil }
                var isOver = result.usesApproval
                if let pending = result.pendingPlan, pending != orders.approval?.digest { isOver = true }
                if case .converged = result.outcome { isOver = true }
                if orders.approval == job.orders.approval, isOver { orders.approval = nil }
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
