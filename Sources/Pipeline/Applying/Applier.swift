internal import Expressions
public import PlumbModel
public import ProviderAPI
public import StateBackendAPI

/// Carries out a plan exactly: walks its own order with bounded parallelism, journals every side effect, fills in what
/// the plan marked unknown, and decides nothing.
public struct Applier {
    let plan: Plan
    let graph: ResourceGraph
    let catalogue: ProviderCatalogue
    let files: any SpecificationSource
    let backend: any StateBackend
    let lease: Lease
    let run: String
    let parallelism: Int?
    let control: RunControl
    let report: @Sendable (RunEvent) -> Void

    /// - Parameters:
    ///   - graph: resolved from what the plan was made from; the values of unknowns come from it.
    ///   - lease: held by the caller for as long as the run lasts.
    ///   - run: the identifier of the recorded run.
    ///   - parallelism: how many provider calls go on at once; nil: of each provider, as many as its system takes well.
    public init(
        _ plan: Plan, graph: ResourceGraph, catalogue: ProviderCatalogue, files: any SpecificationSource,
        backend: any StateBackend, lease: Lease, run: String, parallelism: Int?, control: RunControl,
        report: @escaping @Sendable (RunEvent) -> Void
    ) {
        self.plan = plan
        self.graph = graph
        self.catalogue = catalogue
        self.files = files
        self.backend = backend
        self.lease = lease
        self.run = run
        self.parallelism = parallelism.map { max(1, $0) }
        self.control = control
        self.report = report
    }

    /// Refuses a plan whose read set has moved, or does what it says.
    ///
    /// - Throws: why the plan cannot be applied; nothing has been changed then. What goes wrong later is in the outcome.
    public func apply() async throws(Diagnostics) -> Outcome {
        let snapshot = try await read()
        try ReadSetChecker(plan: plan, snapshot: snapshot).check()
        let journal = Journal(backend: backend, lease: lease, run: run)
        let state = AppliedState(graph: graph, plan: plan, snapshot: snapshot)
        try configureProviders(from: snapshot.resources)
        try await settle(state, journal)
        let clock = ContinuousClock()
        let begin = clock.now
        var execution = Execution(applier: self, state: state, files: files)
        var outcome = await execution.run(journal)
        outcome.duration = (clock.now - begin).seconds
        await conclude(execution, journal, &outcome)
        return outcome
    }

    /// What exists is changed back and deleted by way of the settings under which it was made.
    private func configureProviders(from records: [ResourceRecord]) throws(Diagnostics) {
        for (provider, settings) in try graph.providerSettings(recorded: records, files: files) {
            try catalogue.late(provider)?.configure(settings, at: .recorded)
        }
    }

    private func read() async throws(Diagnostics) -> StateSnapshot {
        do throws(StateBackendError) {
            return try await backend.snapshot(of: lease.stack)
        } catch {
            throw Diagnostics(.error("Cannot read state", error.message))
        }
    }

    /// Records what became of interrupted changes, as the plan found it, new addresses, and what is imported.
    private func settle(_ state: AppliedState, _ journal: Journal) async throws(Diagnostics) {
        var writes: [StateWrite] = []
        // Killed again before it has waited, a run must not leave behind that it is ready.
        let awaited = Set(plan.changes.filter { $0.action == .wait }.map(\.address))
        for settled in state.settled {
            for effect in settled.effects {
                switch effect {
                case .put(var record):
                    if awaited.contains(record.address) { record.status = .unready }
                    writes.append(.put(record, run: run))
                case .remove(let address, let key): writes.append(.remove(address, deposedKey: key, run: run))
                }
            }
            switch settled.recovery.finding {
            case .adopt: writes.append(.conclude(intent: settled.recovery.intent, .adopted))
            case .conclude: writes.append(.conclude(intent: settled.recovery.intent, .absent))
            case .hold: break
            }
        }
        writes += plan.moves.map { .move($0.from, to: $0.to, run: run) }
        writes += state.renamed.map { .put($0, run: run) }
        writes += plan.imports.map { .put($0.record, run: run) }
        guard !writes.isEmpty else { return }
        FaultPoint.reach("before-addresses")
        do throws(StateBackendError) {
            try await journal.write(writes)
        } catch {
            throw Diagnostics(.error("Cannot write state", error.message))
        }
        FaultPoint.reach("after-addresses")
    }

    /// Records what the run has learned beside its steps: rows to refresh, outputs, the revision.
    private func conclude(_ execution: Execution, _ journal: Journal, _ outcome: inout Outcome) async {
        var writes = execution.rewrites()
        outcome.outputs = execution.outputs()
        writes.append(.outputs(outcome.outputs))
        if outcome.succeeded, plan.mode == .normal, plan.origin.targets.isEmpty, plan.origin.excludes.isEmpty {
            writes.append(.applied(revision: plan.origin.revision))
        }
        FaultPoint.reach("before-conclusion")
        do throws(StateBackendError) {
            try await journal.write(writes)
        } catch {
            outcome.diagnostics.append(.error("Cannot write state", error.message))
        }
    }
}
