public import Applying
internal import Planning
public import PlumbModel
internal import ProviderAPI
internal import StateBackendAPI

/// `plumb drift`: looks what was changed outside, records it, and sets back what the rules say is to be healed.
public struct DriftOperation: Sendable {
    /// What is asked of a check.
    public struct Options: Sendable {
        /// Whether what the rules say is healed.
        public var heals = false
        /// Seconds: a check that is younger is not repeated; nil: always look.
        public var maxAge: Double?
        /// Seconds to wait for others who change the stack.
        public var patience = 0.0
        /// Calls of providers at once; nil: of each provider, as many as its system takes well.
        public var parallelism: Int?
        /// What started it (`RunRecord.trigger`).
        public var trigger = "cli"
        /// Why nothing is to be healed now, a sentence without its period; nil where nothing stands in the way. Asked while
        /// the heal has the stack.
        public var obstacle: @Sendable () async -> String? = { nil }

        public init() {}
    }

    private let session: StackSession
    private let holder: LeaseHolder
    private let policies: PolicyJudge
    private let options: Options
    private let waiting: @Sendable (String) -> Void
    private let report: @Sendable (RunEvent) -> Void

    /// - Parameters:
    ///   - policies: judges the heal.
    ///   - waiting: called with each holder of the stack that it comes to wait for.
    public init(
        _ session: StackSession, holder: LeaseHolder, policies: PolicyJudge, options: Options,
        waiting: @escaping @Sendable (String) -> Void, report: @escaping @Sendable (RunEvent) -> Void
    ) {
        self.session = session
        self.holder = holder
        self.policies = policies
        self.options = options
        self.waiting = waiting
        self.report = report
    }

    /// - Throws: why it could not look. What went wrong later is among the check's problems.
    public func run(control: RunControl = RunControl()) async throws(Diagnostics) -> DriftCheck {
        // Another run may have the stack first, and change it: then everything is looked at once more.
        for _ in 0..<Self.attempts {
            if let check = try await attempt(control) { return check }
        }
        throw Diagnostics(
            .error(
                "Stack is changed all the time",
                "Each time this heal came to the stack \(session.name), another run had changed it since the check. Nothing "
                    + "was set back by this one; the next will look anew."))
    }

    private static let attempts = 3

    /// - Returns: nil where the stack was changed between the check and its heal.
    private func attempt(_ control: RunControl) async throws(Diagnostics) -> DriftCheck? {
        var check = DriftCheck(
            stack: session.name, directory: session.location.directory, revision: session.revision,
            checkedAt: WallClock.now())
        check.heals = options.heals
        let snapshot = try await translating { () throws(StateBackendError) in
            try await session.backend.snapshot(of: session.name)
        }
        let runs = try await translating { () throws(StateBackendError) in
            try await session.backend.runs(of: session.name, limit: 50)
        }
        check.resourceCount = snapshot.resources.count { $0.deposedKey == nil }
        if !options.heals, let time = timeOfYoungCheck(runs) {
            check.checkedAt = time
            check.isFromRecords = true
            let present = snapshot.drift.filter(\.isPresent).map { $0.asOf(WallClock.now()) }
            check.findings = present.map { finding($0, nil, snapshot.holds) }
            return check
        }
        let look = try await look(snapshot, &check)
        check.unreadable = look.result.unreadable
        let unread = Set(check.unreadable.map(\.address))
        await record(look.found, snapshot, &check)
        if look.isPlanned {
            let changes = Dictionary(
                look.result.plan.changes.filter { $0.deposedKey == nil }.map { ($0.address, $0.action) },
                uniquingKeysWith: { first, _ in first })
            check.findings = check.findings.map { ruled($0, look.result, changes[$0.record.address]) }
        }
        for index in check.findings.indices where unread.contains(check.findings[index].record.address) {
            check.findings[index].remedy = .none(HealPlanning.unread)
        }
        if options.heals, look.isPlanned {
            guard await heal(&check, look.result, snapshot.generation, control) else { return nil }
        }
        return check
    }

    // MARK: - Looking

    private struct Look {
        let result: PlanResult
        /// False where the specs could not be planned, or nothing asked for it.
        let isPlanned: Bool
        let found: [DriftFinder.Found]
    }

    private func planOptions(_ mode: Plan.Mode) -> PlanOptions {
        var planOptions = PlanOptions(mode: mode, parallelism: options.parallelism)
        planOptions.sparesUnreadable = true
        return planOptions
    }

    private var planning: PlanOperation { PlanOperation(session, holder: holder) }

    /// Plans nothing where nothing has changed outside: what systems tell is what is recorded, and nothing was left to drift.
    private func look(_ snapshot: StateSnapshot, _ check: inout DriftCheck) async throws(Diagnostics) -> Look {
        let live = try await planning.run(planOptions(.refreshOnly), report: report)
        check.problems.append(live.warnings)
        // A heal that was killed may have set everything back, and its steps are open still.
        let isUnsettled = options.heals && !snapshot.openIntents.isEmpty
        guard !live.plan.drift.isEmpty || snapshot.drift.contains(where: \.isPresent) || isUnsettled else {
            return Look(result: live, isPlanned: false, found: [])
        }
        let isHeld = { (address: ResourceAddress) in
            snapshot.holds.contains { $0.isActive(at: check.checkedAt) && $0.covers(address) }
        }
        let held = Set(live.plan.drift.map(\.address).filter(isHeld) + snapshot.drift.map(\.address).filter(isHeld))
        do throws(Diagnostics) {
            let plan = try await planning.run(planOptions(.normal), report: report)
            check.problems.append(plan.warnings)
            let finder = DriftFinder(session: session, result: plan, isPlanned: true)
            let found = finder.find(known: snapshot.drift) { held.contains($0) }
            return Look(result: plan, isPlanned: true, found: await attributed(found, plan, &check))
        } catch {
            // Who asks what drifted is told that, whatever stands in the way of setting it back.
            check.problems.append(
                Diagnostics(
                    error.all.map {
                        var problem = $0
                        problem.severity = .warning
                        return problem
                    }))
            if options.heals {
                check.problems.append(
                    .error("Heal is not possible", "The specs cannot be planned, so nothing was set back."))
            }
            let finder = DriftFinder(session: session, result: live, isPlanned: false)
            let found = finder.find(known: snapshot.drift) { held.contains($0) }
            return Look(result: live, isPlanned: false, found: await attributed(found, live, &check))
        }
    }

    /// With who has written it, where the system tells.
    private func attributed(
        _ found: [DriftFinder.Found], _ result: PlanResult, _ check: inout DriftCheck
    ) async -> [DriftFinder.Found] {
        var found = found
        for (address, indexes) in Dictionary(grouping: found.indices, by: { found[$0].address }) {
            guard let row = result.record(of: address),
                let type = session.catalogue.resourceType(address.type, of: row.provider, at: .recorded)
                    as? any Attributing
            else { continue }
            let paths = indexes.map { found[$0].path }.filter { !$0.steps.isEmpty }
            guard !paths.isEmpty else { continue }
            do throws(ProviderError) {
                let state = ResourceState(row.values.forProvider, privateData: row.privateData)
                let writers = try await type.writers(of: state, at: paths)
                for index in indexes { found[index].writer = writers[found[index].path] }
            } catch {
                check.problems.append(
                    .warning(
                        "Writer is not known",
                        "Who has changed \(address) could not be asked: \(error.message)", address: address))
            }
        }
        return found
    }

    /// When the newest check was made that is young enough, and after which nothing was changed.
    private func timeOfYoungCheck(_ runs: [RunRecord]) -> Double? {
        guard let maxAge = options.maxAge,
            let newest = runs.first(where: { !["hold", "unhold", "drift ack"].contains($0.kind) }),
            newest.kind == "drift", newest.outcome == .succeeded, let time = newest.finishedAt,
            WallClock.now() - time <= maxAge
        else { return nil }
        return time
    }

    // MARK: - Recording

    /// Takes the stack for the moment that the records need. Where that cannot be, the check is told all the same.
    private func record(_ found: [DriftFinder.Found], _ snapshot: StateSnapshot, _ check: inout DriftCheck) async {
        let (now, unread) = (check.checkedAt, Set(check.unreadable.map(\.address)))
        // A state that holds nothing is not made for a note that nothing has drifted.
        guard snapshot.lineage != nil else { return }
        do throws(Diagnostics) {
            let ledgerSession = DriftRecording(session: session, holder: holder, trigger: options.trigger)
            let update = try await ledgerSession.record(
                found, unseen: unread, at: now, patience: options.patience, waiting: waiting)
            take(update, found, snapshot, &check)
        } catch {
            check.unrecorded = error.all.first.map { $0.detail } ?? "The state cannot be written."
            do throws(KeyError) {
                let vault = session.vault
                let ledger = DriftLedger(now: now, runs: []) { (value) throws(KeyError) in try vault.fingerprint(value)
                }
                let recorded = Set(snapshot.resources.map(\.address))
                let update = try ledger.update(snapshot.drift, with: found, unseen: unread) { recorded.contains($0) }
                take(update, found, snapshot, &check)
                check.ended = []
            } catch {
                check.problems.append(.error("Key is missing", error.message))
            }
        }
    }

    private func take(
        _ update: DriftLedger.Update, _ found: [DriftFinder.Found], _ snapshot: StateSnapshot, _ check: inout DriftCheck
    ) {
        let places = Dictionary(found.map { ($0.address, $0.declaredAt) }, uniquingKeysWith: { first, _ in first })
        check.findings = update.records.filter(\.isPresent).map {
            finding($0, places[$0.address] ?? nil, snapshot.holds)
        }
        check.ended = update.ended
    }

    private func finding(
        _ record: DriftRecord, _ place: SourceLocation?, _ holds: [HoldRecord]
    ) -> DriftCheck.Finding {
        let index = session.graph.declaration(at: record.address.resource)
        let declaration = index.map { session.graph.declarations[$0] }
        return DriftCheck.Finding(
            record: record,
            mode: declaration?.meta.drift?.writtenPolicy.mode(at: record.path)
                ?? session.specification.stack.sync.driftMode,
            hold: holds.first { $0.isActive(at: WallClock.now()) && $0.covers(record.address) },
            declaredAt: place ?? declaration?.range(of: record.address.key).location, remedy: .unknown)
    }

    /// With the rule as the plan has evaluated it, and what the plan would do.
    private func ruled(_ finding: DriftCheck.Finding, _ result: PlanResult, _ action: PlannedChange.Action?)
        -> DriftCheck.Finding
    {
        let address = finding.record.address
        let mode = result.driftPolicies[address].map {
            $0.mode(at: finding.record.path) ?? session.specification.stack.sync.driftMode
        }
        let remedy: DriftCheck.Remedy =
            switch action {
            case .create: .create
            case .replace: .replace
            case .update: .update
            case .delete, .read, .forget, .wait, nil: .unknown
            }
        return DriftCheck.Finding(
            record: finding.record, mode: mode ?? finding.mode, hold: finding.hold, declaredAt: finding.declaredAt,
            remedy: remedy)
    }

    // MARK: - Healing

    /// - Parameter generation: of the state that the plan was made from.
    /// - Returns: false where the state is another by now; nothing was done then.
    private func heal(
        _ check: inout DriftCheck, _ result: PlanResult, _ generation: Int64, _ control: RunControl
    ) async -> Bool {
        let settles = result.plan.recoveries.contains(where: \.settles)
        guard settles || check.findings.contains(where: \.isToBeHealed) else { return true }
        if control.isStopping {
            check.problems.append(.error("Heal was stopped", "Nothing was set back; the next one does it."))
            return true
        }
        do throws(Diagnostics) {
            var heal = try await HealPlanning(
                session: session, operation: planning, parallelism: options.parallelism, report: report
            ).plan(check.findings, first: result)
            check.notices = heal.notices.keys.sorted().map { "\($0) is left alone: \(heal.notices[$0] ?? "")" }
            for index in check.findings.indices {
                if let why = heal.notices[check.findings[index].record.address] {
                    check.findings[index].remedy = .none(why)
                }
            }
            guard !heal.addresses.isEmpty || heal.plan.recoveries.contains(where: \.settles) else { return true }
            await policies.judge(&heal.result, of: session)
            check.policies = heal.plan.policies
            // Before anybody has to wait for the stack.
            try PolicyReview.admit(heal.plan)
            let operation = ApplyOperation(session, holder: holder, kind: "heal", trigger: options.trigger)
            let held = try await operation.hold(control: control, patience: options.patience, waiting: waiting)
            if let obstacle = await options.obstacle() {
                await held.giveBack()
                check.notices.append(obstacle)
                return true
            }
            guard try await isUnmoved(since: generation, held) else {
                await held.giveBack()
                return false
            }
            let outcome = try await operation.run(
                heal.plan, held: held, parallelism: options.parallelism, control: control, report: report)
            check.problems.append(outcome.diagnostics)
            await conclude(&check, heal, outcome)
        } catch {
            check.problems.append(error)
        }
        return true
    }

    private func isUnmoved(since generation: Int64, _ held: HeldStack) async throws(Diagnostics) -> Bool {
        do throws(StateBackendError) {
            return try await session.backend.snapshot(of: session.name).generation == generation
        } catch {
            await held.giveBack()
            throw Diagnostics(.error("Cannot read state", error.message))
        }
    }

    private func conclude(_ check: inout DriftCheck, _ heal: HealPlanning.Heal, _ outcome: Outcome) async {
        var undone: Set<ResourceAddress> = []
        for step in outcome.steps where step.result != .done {
            undone.insert(heal.plan.changes[step.step.change].address)
        }
        var healed: [DriftRecord] = []
        for index in check.findings.indices where check.findings[index].isToBeHealed {
            let address = check.findings[index].record.address
            guard heal.addresses.contains(address) else { continue }
            if undone.contains(address) {
                check.findings[index].remedy = .failed
            } else {
                check.findings[index].remedy = .healed
                healed.append(check.findings[index].record)
            }
        }
        if !outcome.succeeded, !outcome.diagnostics.hasErrors {
            check.problems.append(
                .error("Heal was stopped", "Not everything was set back; the next one goes on with it."))
        }
        FaultPoint.reach("heal-applied")
        do throws(Diagnostics) {
            try await DriftRecording(session: session, holder: holder, trigger: options.trigger).conclude(
                healed, isWhole: check.unreadable.isEmpty, patience: options.patience, waiting: waiting)
        } catch {
            check.unrecorded = error.all.first.map { $0.detail } ?? "The state cannot be written."
        }
    }
}

extension ResolvedResource.DriftRule {
    /// The rule as far as it is written out.
    fileprivate var writtenPolicy: DriftPolicy {
        DriftPolicy(
            mode: mode.flatMap(\.writtenMode),
            parts: parts.compactMap { part in part.mode.writtenMode.map { .init(part.pattern, $0) } })
    }
}

extension ValueExpression {
    fileprivate var writtenMode: DriftMode? {
        if case .constant(let value, _) = self { value.asString.flatMap(DriftMode.init) } else { nil }
    }
}
