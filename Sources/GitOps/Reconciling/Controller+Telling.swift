internal import Logging
internal import PlumbModel
internal import StateBackendAPI

extension Controller {
    /// Notes what a reconciliation came to, and tells those who want to know, where it is another than before.
    func tell(_ place: StackPlace, _ outcome: Reconciliation) async {
        guard var entry = stacks[place] else { return }
        let now = Clock.now()
        let isNews = entry.status.phase != outcome.phase || entry.status.reason != outcome.reason
        entry.status.phase = outcome.phase
        entry.status.reason = KnownSecrets.redact(outcome.reason)
        if isNews { entry.status.since = now }
        entry.status.worker = member.name
        switch outcome {
        case .converged:
            (entry.status.failures, entry.waits, entry.succeededAt) = (0, 0, now)
            entry.status.nextAttemptAt = nil
        case .waiting(_, let until):
            entry.waits += 1
            entry.status.nextAttemptAt = until ?? now + Backoff.waits.seconds(after: entry.waits)
        case .failed:
            entry.status.failures += 1
            entry.status.nextAttemptAt = now + Backoff.failures.seconds(after: entry.status.failures)
        case .halted: entry.status.nextAttemptAt = now + Backoff.decisions
        }
        stacks[place] = entry
        await save(place)
        await showBesideCommit(place)
        if isNews, entry.lastTold != entry.status.telling {
            stacks[place]?.lastTold = entry.status.telling
            await announce(entry.status, now)
        }
    }

    /// Notes that drift was set back.
    func tell(healed: Int, _ place: StackPlace) async {
        guard let status = stacks[place]?.status else { return }
        logger.notice("drift is healed", metadata: ["stack": "\(status.stack)", "places": "\(healed)"])
        await record(StackEvent(status, at: Clock.now(), healed: healed))
    }

    private func announce(_ status: StackStatus, _ now: Double) async {
        let event = StackEvent(status, at: now)
        let isBad = status.phase == .failed || status.phase == .halted
        logger.log(
            level: isBad ? .error : .info, "stack is \(status.phase.rawValue)",
            metadata: [
                "stack": "\(status.stack)", "reason": "\(status.reason)", "revision": "\(status.revision ?? "")",
                "applied": "\(status.appliedRevision ?? "")",
            ])
        await record(event)
        await notifier.notify(event)
    }

    private func record(_ event: StackEvent) async {
        do throws(Diagnostics) {
            try await keeper.append([
                ControllerLogEntry(
                    log: "events", subject: event.stack, time: event.time, text: RecordKeeper.encode(event))
            ])
        } catch {
            tell(unrecorded: error, while: "An event of \(event.stack) could not be recorded")
        }
    }

    /// Writes the status, which this controller alone may.
    func save(_ place: StackPlace) async {
        guard let entry = stacks[place] else { return }
        do throws(Diagnostics) {
            let version = try await keeper.put(entry.status, .status, entry.name, replacing: entry.statusVersion)
            stacks[place]?.statusVersion = version
            if unrecorded != nil { logger.info("records are written again") }
            unrecorded = nil
        } catch {
            tell(unrecorded: error, while: "The status of \(entry.name) could not be recorded")
        }
    }

    /// Once for as long as it lasts: what goes on is worked on all the same, and told when it can be written.
    private func tell(unrecorded problems: Diagnostics, while doing: String) {
        if unrecorded == nil {
            logger.error("records cannot be written", metadata: ["reason": "\(problems.sentence(while: doing))"])
        }
        unrecorded = doing
    }

    /// Removes what was noted under a name that nobody has.
    func forget(_ name: String) async {
        do throws(StateBackendError) {
            try await store.remove(of: RecordKeeper.Kind.status.rawValue, key: name)
        } catch {
            logger.warning("status could not be removed", metadata: ["stack": "\(name)", "reason": "\(error.message)"])
        }
    }

    func saveMemory(_ place: StackPlace) async {
        guard let entry = stacks[place] else { return }
        do throws(Diagnostics) {
            let version = try await keeper.put(entry.memory, .memory, entry.name, replacing: entry.memoryVersion)
            stacks[place]?.memoryVersion = version
        } catch {
            tell(unrecorded: error, while: "The reading of \(entry.name) could not be recorded")
        }
    }

    func save(_ plan: StackPlan, of name: String) async {
        do throws(Diagnostics) {
            let known = try await keeper.one(.plan, name, as: StackPlan.self)
            if known?.content.digest == plan.digest { return }
            _ = try await keeper.put(plan, .plan, name, replacing: known?.version)
        } catch {
            tell(unrecorded: error, while: "The plan of \(name) could not be recorded")
        }
    }
}

/// What has become of a stack: an entry of the log `events`, and what notifications tell.
struct StackEvent: Sendable, Encodable {
    enum Kind: String, Sendable, Encodable {
        /// The stack has come into another phase, or for another reason.
        case phase
        /// Drift was set back.
        case heal
    }

    let kind: Kind
    /// One sentence.
    let message: String
    let stack: String
    let repository: String
    let phase: StackStatus.Phase
    let reason: String
    let revision: String?
    let appliedRevision: String?
    /// Seconds since 1970.
    let time: Double

    private enum CodingKeys: String, CodingKey {
        case kind, message, stack, repository, phase, reason, revision, time
        case appliedRevision = "applied_revision"
    }

    /// As the API writes nouns: keys in snake case, times in RFC 3339, and null where there is nothing.
    func encode(to encoder: any Encoder) throws {
        var keyed = encoder.container(keyedBy: CodingKeys.self)
        try keyed.encode(kind, forKey: .kind)
        try keyed.encode(message, forKey: .message)
        try keyed.encode(stack, forKey: .stack)
        try keyed.encode(repository, forKey: .repository)
        try keyed.encode(phase, forKey: .phase)
        try keyed.encode(reason, forKey: .reason)
        try keyed.encode(revision, forKey: .revision)
        try keyed.encode(appliedRevision, forKey: .appliedRevision)
        try keyed.encode(InstantText.iso(time), forKey: .time)
    }

    init(_ status: StackStatus, at time: Double, healed: Int? = nil) {
        kind = healed == nil ? .phase : .heal
        message =
            healed.map { "\(status.stack): \($0) place\($0 == 1 ? " was" : "s were") set back." }
            ?? "\(status.stack) is \(status.phase.rawValue): \(status.reason)"
        stack = status.stack
        repository = status.repository
        phase = status.phase
        reason = status.reason
        revision = status.revision
        appliedRevision = status.appliedRevision
        self.time = time
    }
}

extension StackStatus {
    /// What is told once.
    var telling: String { "\(phase.rawValue) \(reason)" }
}
