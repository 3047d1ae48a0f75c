internal import Applying
internal import Operations
internal import Planning
internal import PlumbModel
internal import Repositories
internal import StateBackendAPI

#if canImport(Glibc)
    internal import Glibc
#endif

/// Brings one stack to a revision, and sets back what has drifted: level by level, from what is and not from what happened.
struct StackReconciler: Sendable {
    let capabilities: Capabilities
    let environment: [String: String]
    let holder: LeaseHolder
    let configuration: ControllerConfiguration
    /// Of the stacks that name none.
    let state: SharedState
    /// Whether a pull request has a stack now, by its name: asked again under the lease, before anything is done.
    var isLocked: @Sendable (String) async -> Bool = { _ in false }
    /// Told what is being done, when that takes a while.
    let progress: @Sendable (String) async -> Void

    /// Seconds to wait for others who have the stack: they are looked at again soon anyway.
    private static let patience = 5.0

    func run(_ job: StackJob) async -> StackJobResult {
        var result = StackJobResult(job)
        let session: StackSession
        do throws(Diagnostics) {
            if let open = job.session { session = open } else { session = try await open(job, at: job.revision) }
        } catch {
            await report(broken: error, job, &result)
            return result
        }
        result.policy = session.specification.stack.sync
        if let reason = job.waitsFor {
            result.outcome = reason
        } else if job.wantsSync {
            await sync(session, job, &result)
        } else {
            // A commit that means nothing to the stack is no news of it.
            result.outcome = .converged(Self.standing(at: job.status.appliedRevision ?? job.revision, job.memory))
        }
        if !job.wantsSync, job.wantsDriftCheck {
            await checkDrift(session, job, &result)
        } else if job.wantsSync, !result.isSettled {
            await hold(session, job, &result)
        }
        result.memory.isWatched = StackWatch.isOfUse(for: session)
        if job.session != nil { return result }
        if case .converged = result.outcome, job.keepsWatch, result.memory.isWatched == true {
            result.session = session
        } else {
            await session.close()
        }
        return result
    }

    /// The place in which a stack's own files are kept.
    func directory(of place: StackPlace) -> String {
        configuration.directory + "/stacks/" + place.repository + (place.folder.isEmpty ? "" : "/" + place.folder)
    }

    var defaults: StackDefaults {
        StackDefaults(state: state, directory: configuration.directory, sync: configuration.defaults)
    }

    func location(_ job: StackJob, at revision: String) async throws(Diagnostics) -> StackLocation {
        let directory = directory(of: job.place)
        return try await BlockingWork.run { () throws(Diagnostics) in
            try PrivateFolder.make(directory, for: .controller)
            // What was applied long ago need not be in a cache that was made anew.
            if revision != job.revision {
                try job.repository.bring(revision, reference: revision, FetchPatience(seconds: 30))
            }
            return StackLocation(
                source: try job.repository.source(at: revision, folder: job.place.folder), directory: directory)
        }
    }

    private func open(_ job: StackJob, at revision: String) async throws(Diagnostics) -> StackSession {
        let location = try await location(job, at: revision)
        let hasModules = try await BlockingWork.run { () throws(Diagnostics) in
            let source = try job.repository.source(at: revision, folder: job.place.folder)
            return try source.contents(of: "plumb.lock.yaml") != nil
        }
        if hasModules {
            // What is here already is not asked for again.
            _ = try await InitOperation(location, name: nil, upgrades: false, environment: environment).run { _ in }
        }
        return try await StackSession.open(
            location, capabilities: capabilities, environment: environment, defaults: defaults)
    }

    /// How it stands with a stack that nothing is to be done to.
    static func standing(at revision: String, _ memory: StackMemory) -> String {
        at(revision) + (memory.leftovers.map { "; \($0)" } ?? "")
    }

    static func at(_ revision: String) -> String { "at revision \(revision.prefix(12))" }

    // MARK: - What is applied while a newer revision is not

    /// What people are asked about is the plan of what is there once drift is set back.
    private func hold(_ session: StackSession, _ job: StackJob, _ result: inout StackJobResult) async {
        var isToCheck = job.wantsDriftCheck || result.seesDrift
        // Somebody may be changing things just now.
        for _ in 0..<3 where isToCheck {
            let before = result.healed
            guard await holdApplied(job, &result) else {
                if job.wantsDriftCheck { await checkDrift(session, job, &result) }
                return
            }
            guard job.waitsFor == nil, result.healed > before else { return }
            await sync(session, job, &result)
            isToCheck = !result.isSettled && result.seesDrift
        }
    }

    private func report(broken problems: Diagnostics, _ job: StackJob, _ result: inout StackJobResult) async {
        let text = problems.sentence(while: "The specs cannot be used \(Self.at(job.revision))")
        let isPassing = problems.all.allSatisfy(\.isPassing)
        result.outcome = isPassing ? .waiting(text) : .halted(text)
        if job.wantsDriftCheck { _ = await holdApplied(job, &result) }
    }

    /// The last good revision goes on: what drifts from it is looked for, and set back, until a newer one is begun.
    ///
    /// - Returns: false where there is none, or none any more: the newest was begun, and did not get to its end.
    private func holdApplied(_ job: StackJob, _ result: inout StackJobResult) async -> Bool {
        guard let applied = job.status.appliedRevision, result.memory.appliedHash != nil else { return false }
        if let session = job.appliedSession {
            await checkDrift(session, job, &result)
            return true
        }
        do throws(Diagnostics) {
            let session = try await open(job, at: applied)
            await checkDrift(session, job, &result)
            await session.close()
        } catch {
            // Then that one cannot be used either, and the sentence about the newest one says what to mend.
        }
        return true
    }

    // MARK: - Sync

    private func sync(_ session: StackSession, _ job: StackJob, _ result: inout StackJobResult) async {
        let planning = PlanOperation(session, holder: holder)
        // What an earlier plan of the same job came to counts no more.
        (result.pendingPlan, result.plan, result.seesDrift) = (nil, nil, false)
        do throws(Diagnostics) {
            var (made, kept) = try await planning.run(under: session.specification.stack.sync) { _ in }
            let digest = try planning.digest(of: made.plan)
            result.seesDrift = !made.plan.drift.isEmpty
            // A rollback goes back behind what was promised.
            let promise = job.orders.pinnedTo == job.revision ? nil : job.orders.expectation
            let expected = promise.flatMap { $0.digest == digest ? $0 : nil }
            await policies.judge(&made, of: session, approvers: Set(expected?.approvers ?? []))
            if !made.plan.isEmpty { result.plan = document(of: made, digest, planning) }
            let isPromised = expected?.isApproved == true && session.specification.stack.sync.mode != .detect
            let isApproved = job.orders.approval?.digest == digest || isPromised
            if let promise, promise.digest != digest, !isApproved, !made.plan.isEmpty {
                result.pendingPlan = digest
                result.outcome = Self.broken(promise, digest)
                return
            }
            if let obstacle = obstacle(made, session, digest, isApproved: isApproved, &result) {
                result.outcome = obstacle
                return
            }
            try await apply(made.plan, session, job, &result)
            result.usesApproval = isApproved
            // What is left of it, if it fails, is no longer the plan that was looked at.
            result.keepsPromise = expected != nil && result.hasChanged
            if case .converged = result.outcome {
                result.memory.leftovers = kept.isEmpty ? nil : Self.sentence(kept: kept)
                result.outcome = .converged(Self.standing(at: job.revision, result.memory))
            }
        } catch {
            result.outcome = Reconciliation(
                error, while: "The plan \(Self.at(job.revision)) could not be made or begun")
        }
    }

    private static func sentence(kept: [ResourceAddress]) -> String {
        let first = kept.first.map(\.description) ?? ""
        let rest = kept.count > 1 ? " and \(kept.count - 1) more are" : " is"
        return "\(first)\(rest) no longer declared and left alone: `sync: {prune: true}` destroys such"
    }

    var policies: PolicyJudge { PolicyJudge(environment: environment) { PlanDocument.text($0, in: $1) } }

    /// What was merged would do something else than what was looked at.
    private static func broken(_ promised: StackOrders.Expectation, _ digest: String) -> Reconciliation {
        .halted(
            "`approve` the plan \(digest), or revert the merge: pull request \(promised.number) was merged with the plan "
                + "\(promised.digest), and something has changed since that was looked at. Look at the new plan first.")
    }

    private func document(of result: PlanResult, _ digest: String, _ planning: PlanOperation) -> StackPlan {
        StackPlan(digest: digest, document: PlanDocument.text(result.plan, in: planning.setting(of: result)))
    }

    /// What keeps a plan from being carried out; nil where nothing does.
    private func obstacle(
        _ made: PlanResult, _ session: StackSession, _ digest: String, isApproved: Bool, _ result: inout StackJobResult
    ) -> Reconciliation? {
        let (plan, policy) = (made.plan, session.specification.stack.sync)
        guard !plan.isEmpty else { return nil }
        do throws(Diagnostics) {
            try PolicyReview.admit(plan)
        } catch {
            return .halted(error.sentence(while: "The plan \(digest) is not carried out"))
        }
        let approving = "`approve` it with its digest \(digest)"
        if !isApproved {
            if let refusal = refusal(made, session, digest) {
                result.pendingPlan = digest
                return .halted(refusal)
            }
            let what = "\(plan.changes.count) change\(plan.changes.count == 1 ? "" : "s")"
            switch policy.mode {
            case .auto: break
            case .manual:
                result.pendingPlan = digest
                return .waiting("A plan of \(what) waits for somebody: \(approving).")
            case .detect:
                result.pendingPlan = digest
                return .waiting("\(what) pending, which the mode `detect` leaves to people.")
            }
        }
        if let closed = WindowCheck(policy.windows ?? []).obstacle(to: plan.windowActions, at: Clock.now()) {
            if isApproved { result.pendingPlan = digest }
            return .waiting(closed.reason, until: closed.opensAt)
        }
        return nil
    }

    /// Why a plan destroys too much for nobody to be asked. What it is and what to do come first, because forges show little.
    private func refusal(_ made: PlanResult, _ session: StackSession, _ digest: String) -> String? {
        func words(_ what: String, or other: String) -> String {
            "\(what): `approve` the plan \(digest), or \(other). Nothing was done. Look first whether the specs are all there: a "
                + "directory, a file, what a glob matches. Admins approve it on the controller's page, or by "
                + "`POST /api/v1/stacks/\(session.specification.stack.name)/approve`."
        }
        if let excess = DestructionGuard(session).excess(of: made) {
            return words(excess.sentence, or: "change `sync.guard`")
        }
        let destroyed = made.plan.changes.count { $0.action == .delete && $0.deposedKey == nil }
        guard destroyed > 0, destroyed >= made.prior.count, !made.plan.changes.contains(where: { $0.action == .create })
        else { return nil }
        return words("This plan would destroy all \(destroyed) resources", or: "mend the specs")
    }

    private func apply(
        _ plan: Plan, _ session: StackSession, _ job: StackJob, _ result: inout StackJobResult
    ) async throws(Diagnostics) {
        let isNeeded = !plan.isEmpty || !plan.rewrites.isEmpty || plan.outputs.contains { $0.action != .noOp }
        if isNeeded {
            guard !job.control.isStopping else {
                result.outcome = .waiting("The controller ends; the next one goes on.")
                return
            }
            let changes = "\(plan.changes.count) change\(plan.changes.count == 1 ? "" : "s")"
            await progress("applying \(changes) \(Self.at(job.revision))")
            let operation = ApplyOperation(session, holder: holder, trigger: job.trigger)
            let held = try await operation.hold(control: job.control, patience: Self.patience)
            if await isLocked(job.name) {
                await held.giveBack()
                result.outcome = .waiting("A pull request has taken the stack meanwhile.")
                return
            }
            let outcome = try await operation.run(
                plan, held: held, control: job.control
            ) { _ in }
            result.hasChanged = true
            guard outcome.succeeded else {
                // What was there before is no longer there either, so that going back to it is work as well.
                result.memory.appliedHash = nil
                result.outcome =
                    outcome.wasCancelled && !outcome.diagnostics.hasErrors
                    ? .waiting("The apply was stopped in good order; the next one goes on with it.")
                    : Reconciliation(outcome.diagnostics, while: "The apply \(Self.at(job.revision)) failed")
                return
            }
        }
        try await note(session, job, &result)
        result.outcome = .converged(Self.at(job.revision))
    }

    /// What the next look at the repository compares with.
    private func note(
        _ session: StackSession, _ job: StackJob, _ result: inout StackJobResult
    ) async throws(Diagnostics) {
        let (reading, applied) = (session.reading, result.appliedRevision)
        let (hash, isSame) = try await BlockingWork.run { () throws(Diagnostics) in
            let hash = try job.repository.contentHash(of: reading, folder: job.place.folder, at: job.revision)
            guard let applied else { return (hash, true) }
            do throws(Diagnostics) {
                return (
                    hash, try job.repository.contentHash(of: reading, folder: job.place.folder, at: applied) == hash
                )
            } catch {
                // History was rewritten, and what was applied before is gone with it.
                return (hash, false)
            }
        }
        result.memory.appliedHash = hash
        result.memory.reading = reading
        // A commit that means nothing to the stack is nothing to go back from.
        if let applied, !isSame { result.memory.previousRevision = applied }
        result.appliedRevision = job.revision
        // The plan has compared everything with what is live.
        result.driftCheckedAt = Clock.now()
        result.driftCount = 0
        result.drift = []
    }
}

extension StackJobResult {
    /// Whether everything was compared with what is live just now.
    fileprivate var isSettled: Bool { if case .converged = outcome { true } else { false } }
}

extension Plan {
    /// What it does, as windows tell it apart.
    var windowActions: Set<SyncWindow.Action> {
        var actions: Set<SyncWindow.Action> = []
        for change in changes {
            switch change.action {
            case .create: actions.insert(.create)
            case .update, .wait, .read: actions.insert(.update)
            case .delete, .replace: actions.insert(.destroy)
            case .forget: break
            }
            switch change.reason {
            case .drifted, .goneOutside, .changedAndDrifted: actions.insert(.heal)
            default: break
            }
        }
        return actions
    }
}
