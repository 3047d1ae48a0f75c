public import Applying
public import PlumbModel
internal import StateBackendAPI

/// `plumb apply`: takes the lease, records a run, and carries out a plan.
public struct ApplyOperation: Sendable {
    private let session: StackSession
    private let holder: LeaseHolder
    private let kind: String?
    private let trigger: String

    /// Seconds after which the lease of a dead run is free.
    public static let leaseSeconds = 30.0

    /// - Parameters:
    ///   - holder: who runs it, for the lease and for history.
    ///   - kind: what history calls the run; nil for what the plan's mode is called.
    ///   - trigger: what started it (`RunRecord.trigger`).
    public init(_ session: StackSession, holder: LeaseHolder, kind: String? = nil, trigger: String = "cli") {
        self.trigger = trigger
        self.session = session
        self.holder = holder
        self.kind = kind
    }

    /// Takes the stack for this process, and waits for others where they have it.
    ///
    /// - Parameters:
    ///   - patience: how many seconds to wait.
    ///   - waiting: called with each holder that it comes to wait for.
    public func hold(
        control: RunControl, patience: Double = 0, waiting: @Sendable (String) -> Void = { _ in }
    ) async throws(Diagnostics) -> HeldStack {
        let taking = LeaseTaking(backend: session.backend, stack: session.name, holder: holder)
        do throws(StateBackendError) {
            let lease = try await taking.take(seconds: Self.leaseSeconds, patience: patience, waiting: waiting)
            FaultPoint.reach("lease-taken")
            return HeldStack(lease, session.backend, control: control)
        } catch {
            // Only apply and destroy have that option.
            let advice = error.code == .leaseHeld && kind == nil ? " `--lock-timeout 5m` waits for it." : ""
            throw Diagnostics(Diagnostic.error(error.summary, error.message + advice).passing(if: error.isPassing))
        }
    }

    /// Whether what a plan was decided from is still so. Asked while the stack is held, the answer stays true.
    ///
    /// - Throws: that the state cannot be read.
    public func holds(_ plan: Plan) async throws(Diagnostics) -> Bool {
        let snapshot: StateSnapshot
        do throws(StateBackendError) {
            snapshot = try await session.backend.snapshot(of: session.name)
        } catch {
            throw Diagnostics(Diagnostic.error("Cannot read state", error.message).passing(if: error.isPassing))
        }
        do throws(Diagnostics) {
            try ReadSetChecker(plan: plan, snapshot: snapshot).check()
            return true
        } catch {
            return false
        }
    }

    /// - Parameters:
    ///   - held: the stack, if it was taken before; it is given back at the end.
    ///   - parallelism: how many provider calls go on at once; nil: of each provider, as many as its system takes well.
    ///   - control: stops the run; cancelling the task also cancels calls under way.
    /// - Throws: why the plan was not begun, such as a policy that denies it. What goes wrong later is in the outcome.
    public func run(
        _ plan: Plan, held: HeldStack? = nil, parallelism: Int? = nil, control: RunControl,
        report: @escaping @Sendable (RunEvent) -> Void
    ) async throws(Diagnostics) -> Outcome {
        let held = if let held { held } else { try await hold(control: control) }
        let result = await perform(plan, held.lease, parallelism, control, report)
        let lost = await held.end()
        var outcome = try result.get()
        if let lost { outcome.diagnostics.append(lost) }
        return outcome
    }

    private func perform(
        _ plan: Plan, _ lease: Lease, _ parallelism: Int?, _ control: RunControl,
        _ report: @escaping @Sendable (RunEvent) -> Void
    ) async -> Result<Outcome, Diagnostics> {
        let run = RunRecord(
            id: RunIdentifier.make(), kind: kind ?? plan.mode.kind, trigger: trigger, revision: plan.origin.revision,
            actor: holder.description, startedAt: WallClock.now())
        do throws(Diagnostics) {
            try PolicyReview.admit(plan)
            try await write([.beginRun(run)], lease)
            FaultPoint.reach("run-begun")
            let applier = Applier(
                plan, graph: session.graph, catalogue: session.catalogue, files: session.files,
                backend: session.backend, lease: lease, run: run.id, parallelism: parallelism, control: control,
                report: report)
            do throws(Diagnostics) {
                var outcome = try await applier.apply()
                await finish(run, outcome.runOutcome, outcome.brief, lease, &outcome.diagnostics)
                FaultPoint.reach("run-finished")
                return .success(outcome)
            } catch {
                var diagnostics = error
                await finish(run, .failed, error.all.first?.summary ?? "failed", lease, &diagnostics)
                return .failure(diagnostics)
            }
        } catch {
            return .failure(error)
        }
    }

    private func finish(
        _ run: RunRecord, _ outcome: RunRecord.Outcome, _ summary: String, _ lease: Lease,
        _ diagnostics: inout Diagnostics
    ) async {
        let end = StateWrite.finishRun(id: run.id, outcome: outcome, summary: summary, at: WallClock.now())
        do throws(Diagnostics) {
            try await write([end], lease)
        } catch {
            diagnostics.append(error)
        }
    }

    private func write(_ writes: [StateWrite], _ lease: Lease) async throws(Diagnostics) {
        let backend = session.backend
        // Not to be cut off by the cancellation of the run.
        let written = Task {
            do throws(StateBackendError) {
                try await backend.commit(writes, under: lease)
                return Result<Void, StateBackendError>.success(())
            } catch {
                return .failure(error)
            }
        }
        let result = await written.value
        try await translating { () throws(StateBackendError) in try result.get() }
    }
}

extension StateBackendError {
    /// The fixed text of the diagnostic that tells it.
    var summary: String {
        switch code {
        case .leaseHeld: "Stack is being changed by somebody else"
        case .leaseLost: "Lease lost"
        case .moved: "State has moved"
        case .tooNew: "State is newer than this version"
        case .corrupt: "State is damaged"
        case .notWritable: "State cannot be written"
        case .unavailable, .busy, .failed: "State is not available"
        }
    }
}

extension Plan.Mode {
    /// The `kind` of a run.
    fileprivate var kind: String {
        switch self {
        case .normal: "apply"
        case .destroy: "destroy"
        case .refreshOnly: "refresh"
        }
    }
}

extension Outcome {
    fileprivate var runOutcome: RunRecord.Outcome {
        wasCancelled ? .cancelled : succeeded ? .succeeded : .failed
    }

    /// One line for the run's record.
    fileprivate var brief: String {
        let done = steps.count { $0.result == .done }
        let failed = steps.count { $0.result == .failed }
        let open = steps.count { $0.result == .open }
        let skipped = steps.count { $0.result == .skipped }
        var parts = ["\(done) done"]
        if failed > 0 { parts.append("\(failed) failed") }
        if open > 0 { parts.append("\(open) open") }
        if skipped > 0 { parts.append("\(skipped) skipped") }
        let wrong = checks.filter { $0.status == .fail || $0.status == .error }.compactMap { result in
            if case .check(let name) = result.object { name } else { nil }
        }
        if !wrong.isEmpty { parts.append("failed checks: \(wrong.joined(separator: ", "))") }
        return parts.joined(separator: ", ")
    }
}
