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
        if let lock = entry.orders.lock {
            guard configuration.followsPullRequests(of: lock.repository) else {
                // To be freed; what was halted for it need not wait for its turn.
                let isHeld = entry.status.lock == lock
                stackQueue[place] = isHeld ? now : max(now, entry.status.nextAttemptAt ?? now)
                return
            }
            // Once more, to say so.
            if entry.status.lock == lock { return stackQueue.remove(place) }
            stackQueue[place] = now
            return
        }
        var times: [Double] = []
        if !entry.isDone { times.append(entry.status.nextAttemptAt ?? now) }
        if entry.hasNewOrders { times.append(now) }
        if entry.wantsDriftCheck { times.append(entry.isDone ? now : entry.status.nextAttemptAt ?? now) }
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
            let orders = stacks[place]?.orders
            stacks[place]?.heeded = orders
            if let obstacle = try await obstacle(place) {
                // Drift that is due is due no more until the next attempt.
                stacks[place]?.driftTriedAt = Clock.now()
                await tell(place, obstacle)
            } else {
                let began = Clock.now()
                let job = try await job(place)
                noteCommit(of: job, place)
                if job.wantsSync || job.wantsDriftCheck {
                    await conclude(job, await reconciler(place).run(job), began)
                } else if stacks[place]?.isDone == false {
                    let applied = job.status.appliedRevision ?? job.revision
                    await tell(place, .converged(StackReconciler.standing(at: applied, job.memory)))
                }
            }
        } catch {
            // What is due or asked for waits for the next attempt.
            let orders = stacks[place]?.orders
            stacks[place]?.heeded = orders
            stacks[place]?.driftTriedAt = Clock.now()
            await tell(place, Reconciliation(error, while: "The stack could not be looked at"))
        }
        if let name = stacks[place]?.name { await desk.hasSettled(name) }
        guard var entry = stacks[place] else { return }
        entry.isRunning = false
        // The same word may be given again.
        if entry.orders.approval == nil { entry.heeded?.approval = nil }
        guard repositories[place.repository] != nil else { return await letGo(entry) }
        let isToRunAgain = entry.isToRunAgain
        entry.isToRunAgain = false
        stacks[place] = entry
        // Given away while it was worked on.
        if !isMine(entry), let watch = entry.watch {
            stacks[place]?.watch = nil
            await watch.end()
        }
        if entry.isMissing { return await tellLost(place) }
        guard !isToRunAgain else { return stackQueue.hasten(place, to: Clock.now() + 0.1) }
        schedule(place)
        // Whatever is wrong, no stack keeps the machine busy with itself.
        if let due = stackQueue[place] { stackQueue[place] = max(due, Clock.now() + 0.05) }
    }

    private func reconciler(_ place: StackPlace) -> StackReconciler {
        StackReconciler(
            capabilities: capabilities, environment: environment, holder: holder, configuration: configuration,
            state: state, isLocked: { [weak self] stack in await self?.isLocked(stack) ?? false }
        ) { [weak self] text in
            await self?.progress(place, text)
        }
    }

    /// Where that cannot be found out, it is taken for locked.
    private func isLocked(_ stack: String) async -> Bool {
        do throws(Diagnostics) {
            return try await keeper.one(.orders, stack, as: StackOrders.self)?.content.lock != nil
        } catch {
            return true
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
        await showBesideCommit(place)
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

    private static func sentence(_ lock: StackStatus.Lock) -> String {
        "Locked by pull request \(lock.number) of \(lock.repository), which \(lock.actor) has had applied before its merge, since "
            + "\(InstantText.utc(lock.since)): \(lock.url). Merge or close it, or comment `plumb unlock` there."
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
        if let lock = entry.orders.lock {
            guard configuration.followsPullRequests(of: lock.repository) else {
                // Nobody looks at that pull request any more, so that nobody else would ever free it.
                stacks[place]?.status.lock = nil
                let orders = try await keeper.change(.orders, entry.name, from: StackOrders()) { orders in
                    guard orders.lock == lock else { return }
                    orders.lock = nil
                    orders.syncAskedAt = now
                }
                stacks[place]?.orders = orders
                return .waiting(
                    "Pull request \(lock.number) of \(lock.repository) had it, and is not followed any more.")
            }
            stacks[place]?.status.lock = lock
            return .halted(Self.sentence(lock))
        }
        stacks[place]?.status.lock = nil
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
        return nil
    }

    private func job(_ place: StackPlace) async throws(Diagnostics) -> StackJob {
        guard let entry = stacks[place], let repository = repositories[place.repository], let newest = entry.newest
        else {
            throw Diagnostics(
                Diagnostic.error("Repository is not followed", "\(place.repository) is not followed any more.")
                    .passing(if: true))
        }
        try await checkPromise(entry, repository.followed, newest)
        let (revision, isPinned) = try await aim(entry, newest)
        let hash = try await BlockingWork.run { () throws(Diagnostics) in
            if isPinned { try repository.followed.bring(revision, reference: revision, FetchPatience(seconds: 30)) }
            return try repository.followed.contentHash(of: entry.memory.reading, folder: place.folder, at: revision)
        }
        if !isPinned { stacks[place]?.hash = hash }
        let isOther = hash != entry.memory.appliedHash || entry.status.appliedRevision == nil
        let isAsked = entry.orders.syncAskedAt != nil || entry.orders.approval != nil
        // Whoever was applying has been killed: nobody knows how far they came.
        let isHalfWay = entry.status.phase == .progressing
        let now = Clock.now()
        // What is applied is not applied again because a later look has failed: it is looked at again.
        let isRetry = entry.status.phase != .converged && entry.status.phase != .pending
        stacks[place]?.wantsDriftCheck = false
        let (session, appliedSession) = sessions(place, at: revision, isOther: isOther)
        return StackJob(
            place: place, name: entry.name, repository: repository.followed, revision: revision,
            status: stacks[place]?.status ?? entry.status, memory: entry.memory, orders: entry.orders,
            wantsSync: isOther || isAsked || isHalfWay,
            wantsDriftCheck: entry.wantsDriftCheck || entry.orders.driftAskedAt != nil || (isRetry && !isOther)
                || (driftDue(entry).map { $0 <= now } ?? false),
            // Only what is new waits for others; what is applied is held as it is.
            waitsFor: isOther ? try await dependency(entry) : nil, trigger: entry.trigger, session: session,
            appliedSession: appliedSession, keepsWatch: keepsWatches, control: control)
    }

    /// What was promised of a revision says nothing of those before it: they are not gone back to.
    private func checkPromise(
        _ entry: StackEntry, _ followed: FollowedRepository, _ newest: String
    ) async throws(Diagnostics) {
        guard let promise = entry.orders.expectation, promise.revision != newest else { return }
        let revision = promise.revision
        let isOlder: Bool
        do throws(Diagnostics) {
            isOlder = try await BlockingWork.run { () throws(Diagnostics) in
                try followed.bring(revision, reference: revision, FetchPatience(seconds: 30))
                return try followed.mergeBase(of: newest, and: revision) == newest
            }
            stacks[entry.place]?.unseenMerge = nil
        } catch {
            return try note(unseen: promise, newest, entry, error)
        }
        guard isOlder else { return }
        throw Diagnostics(
            Diagnostic.error(
                "Merge is not here yet",
                "Pull request \(promise.number) was merged with \(revision.prefix(12)), which the next look at the repository brings."
            ).passing(if: true))
    }

    /// A merge that nobody can look at is waited for; after ten minutes, what the server has now is what counts.
    private func note(
        unseen promise: StackOrders.Expectation, _ newest: String, _ entry: StackEntry, _ problems: Diagnostics
    ) throws(Diagnostics) {
        let now = Clock.now()
        var unseen = (revision: promise.revision, since: now)
        if let known = entry.unseenMerge, known.revision == promise.revision, known.since <= now { unseen = known }
        stacks[entry.place]?.unseenMerge = unseen
        let commit = promise.revision.prefix(12)
        let reason = KnownSecrets.redact(problems.sentence(while: "The commit \(commit) cannot be looked at"))
        logger.warning(
            "merged commit cannot be looked at",
            metadata: [
                "stack": "\(entry.name)", "pull_request": "\(promise.number)", "commit": "\(promise.revision)",
                "reason": "\(reason)",
            ])
        guard now - unseen.since < Self.longestWaitForMerge else { return }
        throw Diagnostics(
            Diagnostic.error(
                "Merge cannot be looked at",
                "Pull request \(promise.number) was merged with \(commit), and whether that is newer than \(newest.prefix(12)) "
                    + "cannot be told. \(reason) If it stays so for ten minutes, \(newest.prefix(12)) is what counts."
            ).passing(if: true))
    }

    /// Seconds.
    private static let longestWaitForMerge = 600.0

    /// Which revision a stack is to be at: the newest, or after a rollback the one before, until a newer one comes.
    private func aim(
        _ entry: StackEntry, _ newest: String
    ) async throws(Diagnostics) -> (revision: String, isPinned: Bool) {
        guard let pin = entry.orders.pin, let target = entry.orders.pinnedTo else {
            stacks[entry.place]?.status.pin = nil
            return (newest, false)
        }
        if entry.orders.pinnedThrough ?? pin.refused == newest {
            stacks[entry.place]?.status.pin = pin
            return (target, true)
        }
        // A commit that means nothing to this stack is no newer one of it.
        let isSame = try await isSame(entry, newest, as: pin.refused)
        let orders = try await keeper.change(.orders, entry.name, from: StackOrders()) { orders in
            guard orders.pin == pin else { return }
            orders.pinnedThrough = isSame ? newest : nil
            if isSame { return }
            orders.pin = nil
            orders.pinnedTo = nil
            orders.pinnedReading = nil
        }
        stacks[entry.place]?.orders = orders
        stacks[entry.place]?.status.pin = orders.pin
        guard let kept = orders.pinnedTo else { return (newest, false) }
        return (kept, true)
    }

    /// Whether a stack reads the same at two commits: of what it reads now, and of what it read when one of them was refused.
    private func isSame(_ entry: StackEntry, _ newest: String, as refused: String) async throws(Diagnostics) -> Bool {
        guard let repository = repositories[entry.place.repository] else { return false }
        let readings = [entry.memory.reading, entry.orders.pinnedReading]
        return try await BlockingWork.run { () throws(Diagnostics) in
            for reading in readings {
                func hash(_ commit: String) throws(Diagnostics) -> String {
                    try repository.followed.contentHash(of: reading, folder: entry.place.folder, at: commit)
                }
                let now = try hash(newest)
                do throws(Diagnostics) {
                    guard try hash(refused) == now else { return false }
                } catch {
                    // History was rewritten, and what was refused is gone with it.
                    return false
                }
            }
            return true
        }
    }

    /// The session of a watch: of the specs at the revision, where they are those that were applied, or else of those that were.
    private func sessions(
        _ place: StackPlace, at revision: String, isOther: Bool
    ) -> (ofRevision: StackSession?, ofApplied: StackSession?) {
        guard let watch = stacks[place]?.watch else { return (nil, nil) }
        return watch.revision == revision || !isOther ? (watch.session, nil) : (nil, watch.session)
    }
}
