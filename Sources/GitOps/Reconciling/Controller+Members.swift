internal import Logging
internal import PlumbModel
internal import StateBackendAPI

extension Controller {
    /// Says every few seconds that this controller lives, and hears what others have changed, until its task is cancelled.
    func attend() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.announceAgain() }
            group.addTask { await self.hear() }
        }
    }

    private func announceAgain() async {
        var beats = 0
        var steady = SteadyClock()
        while !Task.isCancelled {
            do { try await Task.sleep(for: .seconds(Self.heartbeat)) } catch { return }
            beats += 1
            if let seconds = steady.secondsSetBack() { turnBack(by: seconds) }
            let now = Clock.now()
            do throws(StateBackendError) {
                let members = try await store.announce(member, seconds: Self.announcement)
                take(members: members)
                await desk.take(members: members)
                lastAnnouncement = now
                if beats % 720 == 1 {
                    for (log, length) in Self.logLengths { try await store.trim(log, keeping: length) }
                }
                if silence != nil {
                    logger.info("records are available again")
                    silence = nil
                    alarm.ring()
                }
            } catch {
                if silence == nil {
                    logger.error("controller cannot say that it lives", metadata: ["reason": "\(error.message)"])
                }
                silence = "The records in \(store.name) are not available: \(error.message)"
            }
        }
    }

    /// The clock was set back: what was due soon by the old time is due soon by the new one.
    private func turnBack(by seconds: Double) {
        logger.warning("clock was set back", metadata: ["seconds": "\(Int(seconds))"])
        for name in repositories.keys {
            if let due = repositoryQueue[name] { repositoryQueue[name] = due - seconds }
        }
        for place in Array(stacks.keys) {
            guard var entry = stacks[place] else { continue }
            entry.driftTriedAt = entry.driftTriedAt.map { $0 - seconds }
            entry.takenUpAt -= seconds
            entry.status.driftCheckedAt = entry.status.driftCheckedAt.map { $0 - seconds }
            entry.status.nextAttemptAt = entry.status.nextAttemptAt.map { $0 - seconds }
            stacks[place] = entry
            if let due = stackQueue[place] { stackQueue[place] = due - seconds }
        }
        lastAnnouncement = min(lastAnnouncement, Clock.now())
        alarm.ring()
    }

    /// Takes over what belongs to this controller now, and lets go of what no longer does.
    private func take(members: [ControllerMember]) {
        let others = Spreading(members)
        guard others != spreading else { return }
        let before = spreading
        spreading = others
        logger.info("controllers", metadata: ["members": "\(members.map(\.name).joined(separator: ", "))"])
        for place in Array(stacks.keys) {
            guard let entry = stacks[place] else { continue }
            let wasMine = before.owner(of: entry.name)?.id == member.id
            if wasMine == isMine(entry) { continue }
            stacks[place]?.isStale = true
            stacks[place]?.takenUpAt = Clock.now()
            stacks[place]?.driftTriedAt = nil
            // What is worked on ends its watch itself, whose session it uses.
            if wasMine, !entry.isRunning, let watch = entry.watch {
                stacks[place]?.watch = nil
                Task { await watch.end() }
            }
            if wasMine { schedule(place) } else { takeOver(place) }
        }
        alarm.ring()
    }

    /// What the one before has noted is read before anything is done.
    private func takeOver(_ place: StackPlace) {
        guard stacks[place]?.isMissing == false, stacks[place]?.newest != nil else { return }
        stackQueue.hasten(place, to: Clock.now())
    }

    /// Hears of orders that other controllers have taken on.
    private func hear() async {
        var seen: Int64 = 0
        while !Task.isCancelled {
            do throws(StateBackendError) {
                seen = try await store.awaitChange(since: seen, seconds: 30)
                if Task.isCancelled { return }
                try await takeOrders()
                // Many changes at once are read once.
                await pause(seconds: 0.3)
            } catch {
                await pause(seconds: 5)
            }
        }
    }

    private func pause(seconds: Double) async {
        do { try await Task.sleep(for: .seconds(seconds)) } catch { return }
    }

    private func takeOrders() async throws(StateBackendError) {
        let records = try await store.records(of: RecordKeeper.Kind.orders.rawValue)
        for record in records {
            guard let place = names[record.key], let entry = stacks[place], isMine(entry),
                let orders: StackOrders = RecordKeeper.decode(record.text), orders != entry.orders
            else { continue }
            take(orders, place)
        }
        try await takeDependencies()
    }

    /// Acts on what is asked of a stack now.
    func take(_ orders: StackOrders, _ place: StackPlace) {
        guard let before = stacks[place]?.orders, orders != before else { return }
        stacks[place]?.orders = orders
        let isNew =
            orders.suspension != before.suspension || orders.pin != before.pin || orders.lock != before.lock
            || orders.expectation != nil && orders.expectation != before.expectation
            || orders.approval != nil && orders.approval != before.approval
            || orders.syncAskedAt != nil && orders.syncAskedAt != before.syncAskedAt
            || orders.driftAskedAt != nil && orders.driftAskedAt != before.driftAskedAt
        guard isNew else { return }
        stacks[place]?.status.nextAttemptAt = nil
        wake(place, "api")
    }
}
