public import Applying
public import PlumbModel
internal import StateBackendAPI

/// `plumb apply`: takes the lease, records a run, and carries out a plan.
public struct ApplyOperation: Sendable {
    private let session: StackSession
    private let holder: LeaseHolder
    private let kind: String?

    /// Seconds after which the lease of a dead run is free.
    public static let leaseSeconds = 30.0

    /// - Parameters:
    ///   - holder: who runs it, for the lease and for history.
    ///   - kind: what history calls the run; nil for what the plan's mode is called.
    public init(_ session: StackSession, holder: LeaseHolder, kind: String? = nil) {
        self.session = session
        self.holder = holder
        self.kind = kind
    }

    /// - Parameters:
    ///   - parallelism: how many provider calls go on at once.
    ///   - control: stops the run; cancelling the task also cancels calls under way.
    /// - Throws: why the plan was not begun. What goes wrong later is in the outcome.
    public func run(
        _ plan: Plan, parallelism: Int, control: RunControl, report: @escaping @Sendable (RunEvent) -> Void
    ) async throws(Diagnostics) -> Outcome {
        let lease = try await translating { () throws(StateBackendError) in
            try await LeaseTaking(backend: session.backend, stack: session.name, holder: holder).take(
                seconds: Self.leaseSeconds)
        }
        FaultPoint.reach("lease-taken")
        let keeper = LeaseKeeper(backend: session.backend, lease: lease, control: control)
        let renewal = Task { await keeper.keep() }
        let result = await perform(plan, lease, parallelism, control, report)
        renewal.cancel()
        // A lease that cannot be given back expires by itself; the run has ended either way.
        let lost = await renewal.value
        let backend = session.backend
        await Task { try? await backend.release(lease) }.value
        var outcome = try result.get()
        if let lost { outcome.diagnostics.append(lost) }
        return outcome
    }

    private func perform(
        _ plan: Plan, _ lease: Lease, _ parallelism: Int, _ control: RunControl,
        _ report: @escaping @Sendable (RunEvent) -> Void
    ) async -> Result<Outcome, Diagnostics> {
        let run = RunRecord(
            id: RunIdentifier.make(), kind: kind ?? plan.mode.kind, trigger: "cli", revision: plan.origin.revision,
            actor: holder.description, startedAt: WallClock.now())
        do throws(Diagnostics) {
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
